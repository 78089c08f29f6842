import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { LogPlace } from '../../gateway/journal/log.ts';
import { openReader } from '../../gateway/journal/reader.ts';
import { ask, counts, LIMIT, noTimes, OF_LOG, OF_ROUTE, page, QUESTIONS, RANGE, type Sized, type Times } from './query-ask.ts';
import { fillLog, sealRows } from './query-fill.ts';
import { openPlain } from './query-plain.ts';
import { openDesk } from './query-site.ts';
import { bounded, median, type Row } from './row.ts';

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

interface Open extends Sized {
  readonly size: number;
  close(): Promise<void>;
}

async function open(size: number): Promise<Open> {
  const { place, plainFile, done } = await fill(size);
  const reader = openReader(place);
  const [plain, desk] = [openPlain(plainFile), await openDesk(reader, RANGE)];
  async function close(): Promise<void> {
    await desk.close();
    plain.close();
    reader.close();
    done();
  }
  return { size, place, plainFile, plain, desk, close };
}

const LEAST_SHARE = 0.25;
const MOST_MS = 50;
const MOST_GROWTH = 1.5;
const p95Of = (times: readonly number[]): number => [...times].sort((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? Number.NaN;
/** The middle of the rounds. */
const p95 = (rounds: readonly (readonly number[])[]): number => median(rounds.map(p95Of));
const p50 = (rounds: readonly (readonly number[])[]): number => median(rounds.map(median));

function rowsOf(name: string, { log, route, bare }: Times): Row[] {
  const middle = { ours: p50(log), bare: p50(bare) };
  const ratio = middle.bare / middle.ours;
  return [
    { name: `${name}, p50`, ...middle, ratio, unit: 'ms', target: `≥ ${LEAST_SHARE} × bare`, met: ratio >= LEAST_SHARE },
    bounded(`${name}, p95`, { ours: p95(log), bare: p95(bare) }, MOST_MS, 'ms'),
    bounded(`${name}, whole route, p50`, { ours: p50(route), bare: middle.bare }, MOST_MS, 'ms'),
    bounded(`${name}, whole route, p95`, { ours: p95(route), bare: p95(bare) }, MOST_MS, 'ms'),
  ];
}

const short = (size: number): string => (size >= 1_000_000 ? `${size / 1_000_000} m` : `${size / 1000} k`);

/** How a log ten times as long fares: what the log gives, and the whole route. */
function growth(name: string, small: Times, large: Times): Row[] {
  const row = (what: string, ours: number, bare: number): Row => ({
    name: what,
    ours,
    bare,
    ratio: bare / ours,
    unit: 'ms',
    target: `≤ ${MOST_GROWTH} × the smaller`,
    met: ours <= MOST_GROWTH * bare,
  });
  return [row(`${name}, p95`, p95(large.log), p95(small.log)), row(`${name}, whole route, p95`, p95(large.route), p95(small.route))];
}

/** Log review on a log of each size, beside the same in a plain table; and where there are two, how the larger fares against the smaller. */
export async function queryBench(sizes: readonly number[]): Promise<Row[]> {
  const sized: Open[] = [];
  try {
    for (const size of sizes) sized.push(await open(size));
    const found = new Map<string, Times[]>();
    for (const [name, question] of Object.entries(QUESTIONS)) found.set(`latest ${LIMIT} ${name}`, await ask(sized, page(question)));
    found.set('counts of a building’s units', await ask(sized, counts));
    const rows = sized.flatMap(({ size }, place) => [...found].flatMap(([name, times]) => rowsOf(`${short(size)}: ${name}`, times[place] ?? noTimes())));
    const [small, large] = sizes;
    if (small === undefined || large === undefined) return rows;
    return [...rows, ...[...found].flatMap(([name, [less = noTimes(), more = noTimes()]]) => growth(`${short(large)} against ${short(small)}: ${name}`, less, more))];
  } finally {
    for (const { close } of sized) await close();
  }
}
