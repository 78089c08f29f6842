import { closeSync, existsSync, openSync, readSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { csvRow } from '../exchange/csv-cell.ts';
import { NoPieces, type Piece, piecesOf } from '../exchange/district-pieces.ts';
import { DistrictApplied } from '../http/schemas/district-import.ts';
import type { RosterFinding } from '../http/schemas/roster.ts';
import type { Terminal } from './import-command.ts';
import { CommandFailed, type LocalGateway } from './local-gateway.ts';

/** What the person asked for. */
export interface DistrictOptions {
  readonly file: string;
  readonly attest: boolean;
  readonly makeBuildings: boolean;
}

const WORDS = {
  zh: {
    attested: '导入即表示：这些人的证件已当面核对。没核对过，请加 --unchecked。',
    unchecked: '提示：证件还没核对（--unchecked），新登记的人在核对前打不开门。',
    at: (percent: number, rows: string, rate: string, left: string) => `${percent}%，${rows} 行，每秒 ${rate} 行，还要约 ${left}`,
    done: (sum: Sum) =>
      `已导入：${sum.people} 人、${sum.tenancies} 段租住、${sum.credentials} 张卡、${sum.units} 户、${sum.buildings} 栋新楼；${sum.unchanged} 行没有变化，${sum.skipped} 行没有收。`,
    findings: (count: number, file: string) => `${count} 处要看一看，都写在 ${file}。改好原文件再导一次：已有的行不会重复。`,
    seconds: (n: number) => (n < 90 ? `${n} 秒` : `${Math.round(n / 60)} 分钟`),
  },
  en: {
    attested: 'Importing states that somebody has checked these people’s identity documents. If nobody has, add --unchecked.',
    unchecked: 'Note: the documents are not checked (--unchecked); new people open no door until somebody has checked.',
    at: (percent: number, rows: string, rate: string, left: string) => `${percent} %, ${rows} rows, ${rate} a second, about ${left} to go`,
    done: (sum: Sum) =>
      `Imported: ${sum.people} people, ${sum.tenancies} tenancies, ${sum.credentials} cards, ${sum.units} homes, ${sum.buildings} new buildings; ${sum.unchanged} rows changed nothing, ${sum.skipped} were left out.`,
    findings: (count: number, file: string) => `${count} things to look at are in ${file}. Put the file right and import it again: rows that are there come in once only.`,
    seconds: (n: number) => (n < 90 ? `${n} s` : `${Math.round(n / 60)} min`),
  },
} as const;

const COUNTS = ['rows', 'people', 'tenancies', 'credentials', 'units', 'buildings', 'unchanged', 'skipped'] as const;
type Sum = Record<(typeof COUNTS)[number], number>;

/** The gateway reads one piece while it writes the one before. */
const AT_ONCE = 2;
const TOLD_EVERY_MS = 2000;

/** The file; npm changes the directory, so the place the person stood in counts too. */
function placeOf(file: string): { readonly file: string; readonly size: number } {
  const places = [process.cwd(), process.env['INIT_CWD'] ?? process.cwd()].map((place) => path.resolve(place, file));
  const found = places.find((place) => existsSync(place));
  if (found === undefined) throw new CommandFailed(`${file}: there is no such file.`);
  const stat = statSync(found);
  if (!stat.isFile()) throw new CommandFailed(`${file}: this is not a file.`);
  const head = Buffer.alloc(4);
  try {
    const opened = openSync(found, 'r');
    readSync(opened, head, 0, head.length, 0);
    closeSync(opened);
  } catch {
    throw new CommandFailed(`${file}: this user cannot read it.`);
  }
  // A workbook is read whole, and "Unicode text" has no lines that can be told without reading it.
  if (head.includes('PK') || head.readUInt16LE() === 0xfeff) throw new CommandFailed(`${file}: expected CSV in UTF-8 or GB18030. Save it as that.`);
  return { file: found, size: stat.size };
}

/** Findings beside the file, readable for its owner alone: they have names and numbers in them. */
function findingsFile(file: string, language: 'zh' | 'en'): { add(findings: readonly RosterFinding[], row: number): void; readonly name: string; count(): number } {
  const name = `${file}.findings.csv`;
  let count = 0;
  return {
    name,
    count: () => count,
    add(findings, row) {
      if (findings.length === 0) return;
      const mark = (warning: boolean): string => (language === 'zh' ? (warning ? '提示' : '不收') : warning ? 'note' : 'refused');
      const lines = findings.map((each) => csvRow([each.row === 0 ? '' : String(row + each.row - 2), mark(each.warning), each.column, each.value, each.reason[language]]));
      const head = count > 0 ? '' : `\uFEFF${csvRow(language === 'zh' ? ['行', '', '列', '内容', '说明'] : ['Row', '', 'Column', 'Value', 'What is wrong, what to do'])}`;
      writeFileSync(name, head + lines.join(''), { flag: count > 0 ? 'a' : 'w', mode: 0o600 });
      count += findings.length;
    },
  };
}

/** Hands in pieces, two at a time, in their order. */
async function inTurn(pieces: AsyncGenerator<Piece>, send: (piece: Piece) => Promise<void>): Promise<void> {
  const going = new Set<Promise<void>>();
  for await (const piece of pieces) {
    const one: Promise<void> = send(piece).finally(() => going.delete(one));
    // Whoever waits for it next is told of its failure.
    one.catch(() => undefined);
    going.add(one);
    if (going.size >= AT_ONCE) await Promise.race(going);
  }
  await Promise.all(going);
}

/** Brings in a district's roster of any size, and says how far it is. True: nothing was left out. */
export async function importDistrict(gateway: LocalGateway, { file, attest, makeBuildings }: DistrictOptions, terminal: Terminal): Promise<boolean> {
  const words = WORDS[terminal.language];
  const place = placeOf(file);
  terminal.say(attest ? words.attested : words.unchecked);
  const sum: Sum = { rows: 0, people: 0, tenancies: 0, credentials: 0, units: 0, buildings: 0, unchanged: 0, skipped: 0 };
  const findings = findingsFile(place.file, terminal.language);
  const began = performance.now();
  let told = began;

  async function send({ bytes, row, upTo }: Piece): Promise<void> {
    const query = new URLSearchParams({ name: path.basename(file), row: String(row), attested: String(attest), makeBuildings: String(makeBuildings) });
    const applied = await gateway.ask(DistrictApplied, { method: 'POST', path: `/district-imports?${query}`, body: { type: 'text/csv', bytes } });
    const [why] = applied.findings;
    if (!applied.usable) throw new CommandFailed(`${file}: ${why === undefined ? '' : `${why.column} ${why.reason[terminal.language]}`.trim()}`);
    for (const count of COUNTS) sum[count] += applied[count];
    findings.add(applied.findings, row);
    const now = performance.now();
    if (now - told < TOLD_EVERY_MS) return;
    told = now;
    const [spent, share] = [(now - began) / 1000, upTo / place.size];
    const figure = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 0 });
    terminal.say(words.at(Math.floor(share * 100), figure(sum.rows), figure(sum.rows / spent), words.seconds(Math.ceil(spent / share - spent))));
  }
  await inTurn(piecesOf(place.file), send).catch((error: unknown) => {
    throw error instanceof NoPieces ? new CommandFailed(`${file}: ${error.message}`) : error;
  });
  terminal.say(words.done(sum));
  if (findings.count() > 0) terminal.say(words.findings(findings.count(), findings.name));
  return sum.skipped === 0;
}
