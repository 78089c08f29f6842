import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { dateAt, timeAt } from '../../core/local-date.ts';
import { csvRow } from '../../exchange/csv-cell.ts';
import type { StoredEntry } from '../../journal/entry.ts';
import type { EntryFilter } from '../../journal/filter.ts';
import { pendingActsOf } from '../../store/pending-acts.ts';
import type { PurposeRow } from '../../store/purposes.ts';
import { refusal } from '../problem.ts';
import type { ExportWaits, ExportWish, ReviewLine } from '../schemas/review.ts';
import type { Site } from '../site.ts';
import type { Viewer } from '../viewer.ts';
import { filterUnder, type ReviewFilter, wordsOf } from './filter.ts';
import type { Look, Whom } from './looks.ts';
import { type Provable, provenFile, untilCovered } from './proven-export.ts';
import { namesIn, needConcerned, placeOf, reviewLine, whomOf } from './review.ts';

/** More persons than this need a second person (domain.md 5.8, rule 5). */
const MOST_ALONE = 100;
/** Longer ones would hold the desk side up; the range can be cut. */
const MOST_ROWS = 200_000;
/** A proof is a thousand bytes and more for each. */
const MOST_PROVEN = 20_000;
const BATCH = 500;
const HEAD = [
  '序号 no.',
  '时间 time',
  '门 door',
  '结果 result',
  '原因 reason',
  '说明 meaning',
  '房间 home',
  '人 person',
  '人员编号 person no.',
  '方式 method',
  '离线 offline',
  '水印 watermark',
];

/** What a second person is asked to agree to. */
export interface ExportBody {
  readonly purpose: number;
  readonly building: number | null;
  /** The filter, written one way. */
  readonly asked: string;
  readonly persons: number;
}

export interface Evidence {
  readonly file: string;
  readonly type: string;
  readonly stream: Readable;
}

/** The filter as text that is the same for the same wish. */
const canonical = (asked: ReviewFilter): string => wordsOf(Object.fromEntries(Object.entries(asked).sort(([a], [b]) => (a < b ? -1 : 1))));

/** Page after page of what passes, newest first; lets others have a turn between pages. */
async function* pages({ deps: { journal } }: Site, filter: EntryFilter): AsyncGenerator<StoredEntry[]> {
  for (let index = filter.index; ; ) {
    const found = journal.before({ ...filter, ...(index === undefined ? {} : { index }) }, BATCH);
    if (found.length > 0) yield found;
    if (found.length < BATCH) return;
    index = found.at(-1)?.index;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** What an export would hold: whose entries, and which. */
interface Found {
  readonly people: ReadonlyMap<number, Whom>;
  /** Index and person of each entry, newest first; 0: nobody. */
  readonly rows: readonly (readonly [index: number, personId: number])[];
}

async function lookIn(site: Site, filter: EntryFilter, proofs: boolean): Promise<Found> {
  const people = new Map<number, Whom>();
  const rows: (readonly [number, number])[] = [];
  for await (const page of pages(site, filter)) {
    for (const entry of page) rows.push([entry.index, entry.person.personId]);
    if (rows.length > MOST_ROWS) throw refusal('EXPORT_TOO_LARGE', { field: 'until' });
    if (proofs && rows.length > MOST_PROVEN) throw refusal('PROOFS_TOO_LARGE', { field: 'until' });
    for (const entry of page) if (entry.person.personId !== 0) people.set(entry.person.personId, whomOf(entry));
  }
  return { people, rows };
}

/** Did a second person agree to this very export, asked for by this account? */
async function isApproved({ deps: { register } }: Site, { accountId }: Viewer, approval: number, body: ExportBody): Promise<boolean> {
  const act = await pendingActsOf(register).find(approval);
  if (act === undefined || act.kind !== 'export' || act.requestedBy !== accountId || act.decision !== 'approved' || act.breakGlass) return false;
  const agreed: ExportBody = JSON.parse(act.body);
  return agreed.purpose === body.purpose && agreed.asked === body.asked && agreed.persons >= body.persons;
}

const rowOf = (line: ReviewLine, watermark: string): string =>
  csvRow([
    line.index,
    timeAt(line.at),
    line.door.zh,
    line.kind === 'access' ? (line.granted ? '开门 granted' : '拒绝 refused') : line.kind,
    line.code,
    line.why.zh,
    line.unit?.room,
    line.person?.name,
    line.person?.id,
    line.method,
    line.offline ? '是 yes' : '',
    watermark,
  ]);

interface Title {
  readonly viewer: Viewer;
  readonly purpose: PurposeRow;
  readonly wish: ExportWish;
  readonly entry: number;
  readonly approval: number | undefined;
}

const watermarkOf = ({ viewer, entry }: Title): string => `${viewer.login} · ${entry}`;

/** Who, when and why: it stays with the rows wherever the file goes. */
function head({ viewer, purpose, wish, entry, approval }: Title, asked: ReviewFilter, now: number): string {
  const { purpose: kind, caseNumber, reason, rangeFrom, rangeUntil } = purpose;
  const facts: readonly (readonly [string, string | number])[] = [
    ['# Doorbook', '出入记录导出 / export of entries'],
    ['# 导出人 by', `${viewer.displayName} (${viewer.login})`],
    ['# 时间 at', `${timeAt(now)} +08:00`],
    ['# 用途 purpose', `${kind} ${caseNumber}`.trim()],
    ['# 理由 reason', `${reason}；${wish.note.trim()}`],
    ['# 范围 range', `${timeAt(rangeFrom)} — ${timeAt(rangeUntil)} +08:00`],
    ['# 条件 filter', wordsOf(asked)],
    ['# 日志编号 log entry', entry],
    ...(approval === undefined ? [] : [['# 同意编号 approval', approval] as const]),
  ];
  return `\uFEFF${facts.map((cells) => csvRow(cells)).join('')}${csvRow(HEAD)}`;
}

/** The file as it is made: nothing is kept on disk. Its last line is the SHA-256 of all bytes before that line. */
async function* lines(site: Site, title: Title, asked: ReviewFilter, filter: EntryFilter): AsyncGenerator<string> {
  const hash = createHash('sha256');
  const watermark = watermarkOf(title);
  const given = (text: string): string => {
    hash.update(text);
    return text;
  };
  yield given(head(title, asked, site.deps.clock()));
  for await (const page of pages(site, filter)) {
    const names = await namesIn(site, page);
    yield given(page.map((entry) => rowOf(reviewLine(entry, names, site.doorList), watermark)).join(''));
  }
  yield csvRow(['# SHA-256', hash.digest('hex')]);
}

/** The same export as a file that proves itself: to the same rows, and the same people opened. */
async function provable(site: Site, title: Title, asked: ReviewFilter, { filter, rows, people }: Found & { readonly filter: EntryFilter }): Promise<Provable> {
  const { viewer, purpose, wish, entry, approval } = title;
  const known = await site.persons.byIds([...people.keys()]);
  const shown = new Set(rows.flatMap(([index, personId]) => (known.has(personId) ? [index] : [])));
  const indexes = rows.map(([index]) => index).reverse();
  await untilCovered(site.deps.proofs, indexes.at(-1) ?? -1);
  const about = {
    by: `${viewer.displayName} (${viewer.login})`,
    at: site.deps.clock(),
    purpose: `${purpose.purpose} ${purpose.caseNumber}`.trim(),
    reason: `${purpose.reason}；${wish.note.trim()}`,
    filter: asked,
    from: purpose.rangeFrom,
    until: purpose.rangeUntil,
    entry,
    approval: approval ?? null,
  };
  return { indexes, shown, about, watermark: watermarkOf(title), pages: () => pages(site, filter) };
}

/**
 * Entries under a purpose as a file, each person in it noted before the first byte leaves; or, when there are more
 * than 100 of them and nobody has agreed yet, the act that now waits for a second person.
 */
export async function exportEvidence(site: Site, viewer: Viewer, purpose: PurposeRow, wish: ExportWish): Promise<Evidence | ExportWaits> {
  const { audit, looks, secondPerson, doorList, deps } = site;
  const { note, approval, proofs = false, ...asked } = wish;
  if (asked.person !== undefined) await needConcerned(site, viewer, purpose, asked.person);
  // What comes in while the file is made is not in it: its people would not have been noted.
  const filter: EntryFilter = { ...filterUnder(purpose, asked, doorList), index: deps.journal.last() + 1 };
  const found = await lookIn(site, filter, proofs);
  const { people, rows } = found;
  const body: ExportBody = { purpose: purpose.id, building: purpose.buildingId, asked: canonical(asked), persons: people.size };
  const many = people.size > MOST_ALONE;
  if (many && approval === undefined) return { pendingAct: await secondPerson.ask(viewer, 'export', body, note), persons: people.size };
  if (many && approval !== undefined && !(await isApproved(site, viewer, approval, body))) throw refusal('EXPORT_NOT_APPROVED', { field: 'approval' });
  const look: Look = { what: 'exported', ref: purpose.entryIndex, free: many };
  await looks.noted(viewer, look, [...people.values()]);
  const entry = await audit.acted(viewer, 'export-made', { ...placeOf(purpose), words: `${rows.length}|${people.size}|${note.trim()}`.slice(0, 120) });
  const title: Title = { viewer, purpose, wish, entry, approval: many ? approval : undefined };
  const name = `doorbook-${dateAt(deps.clock())}-${entry}`;
  if (!proofs) return { file: `${name}.csv`, type: 'text/csv; charset=utf-8', stream: Readable.from(lines(site, title, asked, filter)) };
  const what = await provable(site, title, asked, { ...found, filter });
  return { file: `${name}.evidence.json`, type: 'application/json; charset=utf-8', stream: Readable.from(provenFile(site, what)) };
}
