import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { EntryFilter } from '../../gateway/journal/filter.ts';
import type { LogPlace } from '../../gateway/journal/log.ts';
import { type JournalReader, openReader } from '../../gateway/journal/reader.ts';
import { BUILDINGS, buildingOf, DOORS, END, PEOPLE, REFUSALS, scattered, unitOf, UNITS } from './query-district.ts';
import { fillLog, sealRows } from './query-fill.ts';
import { openPlain, type Plain } from './query-plain.ts';
import { type Desk, openDesk } from './query-site.ts';
import { bounded, median, type Row } from './row.ts';

/** Each is asked about somebody else, so that no answer lies ready in a cache of the program. */
const ASKED = 200;
/** The route takes longer and is asked less often. */
const ROUTE_ASKED = 60;
/** Asked before anything is timed, so that both are compiled. */
const WARM = 25;
const LIMIT = 50;
const DAY_MS = 86_400_000;

/** A question of log review: in the words of the route, of the log's reader, and of SQL. */
interface Question {
  readonly buildingId: number;
  readonly query: Readonly<Record<string, string | number>>;
  readonly filter: EntryFilter;
  readonly where: string;
  readonly values: readonly (string | number)[];
}

const one = (n: number, of: number): number => 1 + (scattered(n * 7919 + of) % of);
/** What a review shows; the route asks for these. */
const KINDS = ['access', 'outcome', 'door', 'command'] as const;
const RANGE = { from: END - 30 * DAY_MS, until: END };

/** Under a purpose: one building and thirty days of it, and `more` of that. */
function under(buildingId: number, query: Question['query'], more: Partial<EntryFilter>, narrower = RANGE): Question {
  const conditions = Object.keys(more).map((column) => `AND ${column} = ?`);
  return {
    buildingId,
    query: narrower === RANGE ? query : { ...query, ...narrower },
    filter: { buildingId, kinds: KINDS, ...narrower, ...more },
    where: `buildingId = ? AND at >= ? AND at < ? AND kind IN (${KINDS.map((kind) => `'${kind}'`).join(', ')}) ${conditions.join(' ')}`,
    values: [buildingId, narrower.from, narrower.until, ...Object.values(more).map((value) => (typeof value === 'number' ? value : String(value)))],
  };
}

const QUESTIONS: Readonly<Record<string, (n: number) => Question>> = {
  'of a person': (n) => {
    const person = one(n, PEOPLE);
    return under(buildingOf(unitOf(person)), { person }, { personId: person });
  },
  'of a door': (n) => {
    const door = one(n, DOORS);
    return under(Math.ceil(door / 3), { door }, { doorId: door });
  },
  'of a building': (n) => under(one(n, BUILDINGS), {}, {}),
  'of a unit': (n) => {
    const unit = one(n, UNITS);
    return under(buildingOf(unit), { unit }, { unitId: unit });
  },
  'of a building for a reason': (n) => {
    const reason = REFUSALS[n % REFUSALS.length] ?? REFUSALS[0];
    return under(one(n, BUILDINGS), { reason }, { reason });
  },
  'of a building on a day': (n) => {
    const from = END - (2 + (scattered(n) % 15)) * DAY_MS;
    return under(one(n, BUILDINGS), {}, {}, { from, until: from + DAY_MS });
  },
};

interface Both {
  readonly reader: JournalReader;
  readonly plain: Plain;
  readonly desk: Desk;
}
/** Milliseconds of each answer. */
interface Times {
  readonly log: number[];
  readonly route: number[];
  readonly bare: number[];
}

function timed<T>(work: () => T, into: number[]): T {
  const began = performance.now();
  const result = work();
  into.push(performance.now() - began);
  return result;
}

/** The numbers of the questions the log is asked, and of those the route is asked: about others, so that it finds nothing ready. */
const OF_LOG = Array.from({ length: WARM + ASKED }, (_, turn) => turn);
const OF_ROUTE = Array.from({ length: WARM + ROUTE_ASKED }, (_, turn) => 100_000 + turn);
const afterWarming = ({ log, route, bare }: Times): Times => ({ log: log.slice(WARM), route: route.slice(WARM), bare: bare.slice(WARM) });

function same(ours: unknown, bare: unknown, about: unknown): void {
  if (JSON.stringify(ours) !== JSON.stringify(bare)) throw new Error(`ours and the plain table differ about ${JSON.stringify(about)}`);
}

async function ask({ reader, plain, desk }: Both, question: (n: number) => Question): Promise<Times> {
  const times: Times = { log: [], route: [], bare: [] };
  for (const { filter, where, values } of OF_LOG.map(question)) {
    const ours = timed(() => reader.before(filter, LIMIT), times.log).map(({ index }) => index);
    const bare = timed(() => plain.page(where, values, LIMIT), times.bare).map((row) => row['id']);
    same(ours, bare, filter);
  }
  for (const { buildingId, query, where, values } of OF_ROUTE.map(question)) {
    const { indexes, ms } = await desk.entries(await desk.purpose(buildingId), query);
    times.route.push(ms);
    const bare = plain.page(where, values, LIMIT).map((row) => row['id']);
    same(indexes, bare, { buildingId, ...query });
  }
  return afterWarming(times);
}

/** The first screen of a review: how many came and were refused, home by home. */
async function askCounts({ reader, plain, desk }: Both): Promise<Times> {
  const times: Times = { log: [], route: [], bare: [] };
  for (const buildingId of OF_LOG.map((n) => one(n, BUILDINGS))) {
    const unitIds = Array.from({ length: UNITS }, (_, at) => at + 1).filter((unitId) => buildingOf(unitId) === buildingId);
    const ours = timed(() => reader.unitCounts({ unitIds, ...RANGE }), times.log).map(({ unitId, granted, refused }) => ({ unitId, granted, refused }));
    const bare = timed(() => plain.units(buildingId, RANGE.from, RANGE.until), times.bare);
    same(ours, bare, { buildingId });
  }
  for (const buildingId of OF_ROUTE.map((n) => one(n, BUILDINGS))) {
    const { ms, units } = await desk.counts(await desk.purpose(buildingId));
    times.route.push(ms);
    same(units, plain.units(buildingId, RANGE.from, RANGE.until).length, { buildingId });
  }
  return afterWarming(times);
}

function plainFilled(file: string, size: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./query-plain.js', import.meta.url), { workerData: { file, size } });
    worker.once('error', reject);
    worker.once('exit', () => resolve());
  });
}

/** Both files of a size. They are made for the run, unless BENCH_QUERY_DIR says where to keep them for the next. */
interface Filled {
  readonly place: LogPlace;
  readonly plainFile: string;
  done(): void;
}

function filesOf(size: number): Filled & { readonly made: string } {
  const kept = process.env['BENCH_QUERY_DIR'];
  const dir = kept === undefined ? mkdtempSync(join(tmpdir(), 'doorbook-bench-query-')) : join(kept, `${size}`);
  mkdirSync(dir, { recursive: true });
  const rootFile = join(dir, 'root');
  const root = existsSync(rootFile) ? readFileSync(rootFile) : randomBytes(32);
  writeFileSync(rootFile, root);
  const place: LogPlace = { file: join(dir, 'journal.sqlite'), keysDir: join(dir, 'keys'), root };
  return { place, plainFile: join(dir, 'plain.sqlite'), made: join(dir, 'made'), done: () => kept === undefined && rmSync(dir, { recursive: true, force: true }) };
}

/** Rows that the questions will open: the plain table says which. */
function rowsAsked(plainFile: string): Set<number> {
  const plain = openPlain(plainFile);
  const wanted = new Set<number>();
  for (const question of Object.values(QUESTIONS)) {
    for (const n of [...OF_LOG, ...OF_ROUTE]) {
      const { where, values } = question(n);
      for (const row of plain.page(where, values, LIMIT + 1)) wanted.add(Number(row['id']));
    }
  }
  plain.close();
  return wanted;
}

/** Fills both, and seals for real what will be opened. */
async function fill(size: number): Promise<Filled> {
  const files = filesOf(size);
  const { place, plainFile, made } = files;
  const began = performance.now();
  if (!existsSync(made)) {
    const filled = plainFilled(plainFile, size);
    fillLog(place, size);
    await filled;
    writeFileSync(made, '');
  }
  const wanted = rowsAsked(plainFile);
  sealRows(place, size, wanted);
  console.error(
    `  ${size.toLocaleString('en')} entries written in ${Math.round((performance.now() - began) / 1000)} s; ${wanted.size.toLocaleString('en')} of them will be opened and are sealed`,
  );
  return files;
}

async function measure(size: number): Promise<Map<string, Times>> {
  const { place, plainFile, done } = await fill(size);
  const reader = openReader(place);
  const both: Both = { reader, plain: openPlain(plainFile), desk: await openDesk(reader) };
  try {
    const found = new Map<string, Times>();
    for (const [name, question] of Object.entries(QUESTIONS)) found.set(`latest ${LIMIT} ${name}`, await ask(both, question));
    return found.set('counts of a building’s units', await askCounts(both));
  } finally {
    await both.desk.close();
    both.plain.close();
    reader.close();
    done();
  }
}

const LEAST_SHARE = 0.25;
const MOST_MS = 50;
const MOST_GROWTH = 1.5;
const p95 = (times: readonly number[]): number => [...times].sort((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? Number.NaN;

function rowsOf(name: string, { log, route, bare }: Times): Row[] {
  const middle = { ours: median(log), bare: median(bare) };
  const ratio = middle.bare / middle.ours;
  return [
    { name: `${name}, p50`, ...middle, ratio, unit: 'ms', target: `≥ ${LEAST_SHARE} × bare`, met: ratio >= LEAST_SHARE },
    bounded(`${name}, p95`, { ours: p95(log), bare: p95(bare) }, MOST_MS, 'ms'),
    bounded(`${name}, whole route, p50`, { ours: median(route), bare: middle.bare }, MOST_MS, 'ms'),
    bounded(`${name}, whole route, p95`, { ours: p95(route), bare: p95(bare) }, MOST_MS, 'ms'),
  ];
}

const short = (size: number): string => (size >= 1_000_000 ? `${size / 1_000_000} m` : `${size / 1000} k`);

/** How a log ten times as long fares: what the log gives, and the whole route. */
function growth(small: ReadonlyMap<string, Times>, large: ReadonlyMap<string, Times>, sizes: string): Row[] {
  const row = (name: string, ours: number, bare: number): Row => ({
    name,
    ours,
    bare,
    ratio: bare / ours,
    unit: 'ms',
    target: `≤ ${MOST_GROWTH} × the smaller`,
    met: ours <= MOST_GROWTH * bare,
  });
  return [...large].flatMap(([name, { log, route }]) => {
    const before = small.get(name) ?? { log: [], route: [] };
    return [row(`${sizes}: ${name}, p95`, p95(log), p95(before.log)), row(`${sizes}: ${name}, whole route, p95`, p95(route), p95(before.route))];
  });
}

/** Log review on a log of each size, beside the same in a plain table; and where there are two, how the larger fares against the smaller. */
export async function queryBench(sizes: readonly number[]): Promise<Row[]> {
  const rows: Row[] = [];
  let before: { readonly size: number; readonly found: Map<string, Times> } | undefined;
  for (const size of sizes) {
    const found = await measure(size);
    rows.push(...[...found].flatMap(([name, times]) => rowsOf(`${short(size)}: ${name}`, times)));
    if (before !== undefined) rows.push(...growth(before.found, found, `${short(size)} against ${short(before.size)}`));
    before = { size, found };
  }
  return rows;
}
