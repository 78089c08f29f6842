import { startOfDay } from '../../core/local-date.ts';
import type { StoredEntry } from '../../journal/entry.ts';
import type { PurposeKind } from '../../store/purposes.ts';
import type { LooksReport, MonthQuery } from '../schemas/review.ts';
import type { Site } from '../site.ts';
import type { Viewer } from '../viewer.ts';
import { auditLine } from '../views/audit.ts';
import { PURPOSE_WORDS } from '../views/purpose.ts';
import { auditNames } from './audit-log.ts';
import { gather, type Read } from './reading.ts';

const USUAL_LIMIT = 60;
/** Entries of one account in a month that are counted: far beyond what its look-ups allow. */
const MOST_COUNTED = 20_000;
/** What an account looks at: the words the gate notes (`looks.ts`), and the searches that may have found nobody. */
const LOOKED: ReadonlySet<string> = new Set(['viewed', 'found', 'entries-viewed', 'revealed', 'exported', 'roster-exported', 'printed']);
const ASKED: ReadonlySet<string> = new Set(['purpose-opened', 'people-opened', 'counts-viewed', 'log-queried', 'people-searched', 'export-made', 'roster-made', 'sheet-printed']);
const NO_PURPOSE = { zh: '不需要说明用途的', en: 'Without a stated purpose' };

/** First moment of a month `yyyy-mm`, local, and of the next, epoch ms. */
function monthSpan(month: string): { from: number; until: number } {
  const [year = 0, number = 1] = month.split('-').map(Number);
  const next = number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, '0')}`;
  return { from: startOfDay(`${month}-01`), until: startOfDay(`${next}-01`) };
}

/** Look-ups by the kind of purpose they were done under. */
function byPurpose(entries: readonly StoredEntry[], kinds: ReadonlyMap<number, PurposeKind>): LooksReport['byPurpose'] {
  const rows = new Map<PurposeKind | null, LooksReport['byPurpose'][number]>();
  for (const { event } of entries) {
    const kind = kinds.get(event.ref ?? -1) ?? null;
    const row = rows.get(kind) ?? { kind, words: kind === null ? NO_PURPOSE : PURPOSE_WORDS[kind], looks: 0, reveals: 0, exports: 0 };
    if (LOOKED.has(event.what ?? '')) row.looks += 1;
    if (event.what === 'revealed') row.reveals += 1;
    if (event.what === 'export-made' || event.what === 'roster-made') row.exports += 1;
    rows.set(kind, row);
  }
  return [...rows.values()].filter(({ looks, exports }) => looks + exports > 0).sort((a, b) => b.looks - a.looks);
}

const dayText = (day: number): string => String(day).replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3');

/** An account's own look-ups of a month: how many, for what, and the list, in which nobody is named again. */
export async function looksReport(site: Site, viewer: Viewer, month: string, { before, limit = USUAL_LIMIT }: MonthQuery): Promise<LooksReport> {
  const { deps, looks, lookCounts, purposes } = site;
  const { accountId } = viewer;
  const span = monthSpan(month);
  const read: Read = (bounds, most) => deps.journal.audits({ accountId, ...span, ...bounds }, most);
  const isLook = ({ event }: StoredEntry): boolean => LOOKED.has(event.what ?? '') || ASKED.has(event.what ?? '');
  const whole = read({}, MOST_COUNTED).filter(isLook);
  const { found, next } = gather(read, { passes: isLook, before, limit });
  const entries = found.map(({ entry }) => entry);
  const names = await auditNames(site, entries, 'noPerson');
  const first = Number(month.replace('-', '')) * 100;
  return {
    month,
    today: await looks.today(viewer),
    days: (await lookCounts.between(accountId, first, first + 31)).map(({ day, ...counts }) => ({ day: dayText(day), ...counts })),
    byPurpose: byPurpose(whole, await purposes.kindsByEntry(whole.map(({ event }) => event.ref ?? -1))),
    lines: entries.map((entry) => auditLine(entry, names, 'noPerson')),
    next,
  };
}
