import type { RosterApplied, RosterFinding, RosterPreview } from '../http/schemas/roster.ts';

type Language = 'zh' | 'en';

/** Cells of the terminal a text takes: Chinese characters and full-width forms take two. */
const widthOf = (text: string): number =>
  [...text].reduce(
    (sum, char) => sum + (/[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|[\u{20000}-\u{3FFFF}]/u.test(char) ? 2 : 1),
    0,
  );

/** What comes from a file must not move the cursor of whoever reads it. */
const harmless = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ');

const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)));

/** A plain table; the last column is not padded. */
export function table(rows: readonly (readonly string[])[]): string {
  const clean = rows.map((row) => row.map(harmless));
  const widths = (clean[0] ?? []).map((_, at) => Math.max(...clean.map((row) => widthOf(row[at] ?? ''))));
  return clean.map((row) => row.map((cell, at) => (at === row.length - 1 ? cell : padded(cell, widths[at] ?? 0))).join('  ')).join('\n');
}

const HEAD = {
  zh: ['行', '', '列', '内容', '说明'],
  en: ['Row', '', 'Column', 'Value', 'What is wrong, what to do'],
} as const;
const MARK = { zh: { bad: '不收', note: '提示' }, en: { bad: 'refused', note: 'note' } } as const;

const findingRow = (finding: RosterFinding, language: Language): string[] => [
  finding.row === 0 ? '-' : String(finding.row),
  finding.warning ? MARK[language].note : MARK[language].bad,
  finding.column,
  finding.value,
  finding.reason[language],
];

function summary(preview: RosterPreview, language: Language): string[] {
  const { rows, good, bad, encoding, newPeople, newTenancies, newCredentials, newUnits, unchanged } = preview;
  const ignored = preview.columns.filter((column) => column.meaning === 'ignored').map((column) => harmless(column.header));
  const name = harmless(preview.fileName);
  const lines =
    language === 'zh'
      ? [
          `${name}（${encoding || '编码不明'}）：${rows} 行，${good} 行可以导入，${bad} 行不行。`,
          `将新增：${newPeople} 人、${newTenancies} 段租住、${newCredentials} 张卡、${newUnits} 户；${unchanged} 行没有变化。`,
        ]
      : [
          `${name} (${encoding || 'unknown encoding'}): ${rows} rows, ${good} can come in, ${bad} cannot.`,
          `New: ${newPeople} people, ${newTenancies} tenancies, ${newCredentials} cards, ${newUnits} homes; ${unchanged} rows change nothing.`,
        ];
  if (ignored.length > 0) lines.push(language === 'zh' ? `没有用到的列：${ignored.join('、')}` : `Columns not used: ${ignored.join(', ')}`);
  return lines;
}

/** What a person sees before deciding: the counts, then every finding by row, column, value and reason. */
export function previewText(preview: RosterPreview, language: Language): string {
  const lines = summary(preview, language);
  if (preview.findings.length > 0) lines.push('', table([HEAD[language], ...preview.findings.map((finding) => findingRow(finding, language))]));
  return lines.join('\n');
}

/** What was done. */
export function appliedText(applied: RosterApplied, language: Language): string {
  const { people, tenancies, credentials, units, unchanged, skipped } = applied;
  return language === 'zh'
    ? `已导入：${people} 人、${tenancies} 段租住、${credentials} 张卡、${units} 户；${unchanged} 行没有变化，${skipped} 行没有收。`
    : `Imported: ${people} people, ${tenancies} tenancies, ${credentials} cards, ${units} homes; ${unchanged} rows changed nothing, ${skipped} were left out.`;
}
