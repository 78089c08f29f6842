import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { controllersBench } from './controllers.ts';
import { decideBench } from './decide.ts';
import { districtBench, WHOLE_DISTRICT } from './district.ts';
import { importBench } from './import.ts';
import { journalBench } from './journal.ts';
import { loadBench } from './load-index.ts';
import { osdpBench } from './osdp.ts';
import { queryBench } from './query.ts';
import { makeCrowd } from './make-crowd.ts';
import type { Row } from './row.ts';
import { tapBench } from './taps.ts';
import { verifyBench } from './verify.ts';

/** `named`: the part was asked for by name. `controllers`: how many to simulate. */
interface Wish {
  readonly named: boolean;
  readonly controllers: number;
  /** How many in a district, when not the whole. */
  readonly people: number | undefined;
  /** One part of `controllers` alone. */
  readonly only: string | undefined;
}

const CONTROLLERS = 5000;
const FEWEST = 20;

const PARTS: Readonly<Record<string, (wish: Wish) => Row[] | Promise<Row[]>>> = {
  decide: decideBench,
  index: loadBench,
  journal: journalBench,
  taps: tapBench,
  import: importBench,
  // The whole of it takes minutes: only when asked for.
  district: ({ named, people }) => districtBench(people ?? (named ? WHOLE_DISTRICT : WHOLE_DISTRICT / 20)),
  verify: verifyBench,
  controllers: ({ controllers, only }) => controllersBench(controllers, only),
  // Every number of devices at every speed takes minutes: only when asked for.
  osdp: ({ named }) => osdpBench(named),
  // Ten million entries take minutes to write: only when asked for.
  query: ({ named }) => queryBench(named ? [1_000_000, 10_000_000] : [1_000_000]),
};

const figure = (value: number): string => (value === 0 ? '–' : value >= 100 ? value.toLocaleString('en', { maximumFractionDigits: 0 }) : value.toPrecision(3));

function print(rows: readonly Row[]): void {
  const cells = rows.map((row) => [
    row.name,
    `${figure(row.ours)} ${row.unit}`,
    row.bare === 0 ? '–' : `${figure(row.bare)} ${row.unit}`,
    figure(row.ratio),
    row.target,
    row.met ? 'met' : 'MISSED',
  ]);
  const table = [['what', 'ours', 'bare engine', 'ratio', 'target', ''], ...cells];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0))) ?? [];
  for (const line of table) console.log(line.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  '));
}

/**
 * `npm run bench [-- PART …] [-- --json FILE] [--controllers N [--only PART]]`: one table; the ratio says how near we are to the bare
 * engine (more is better). `--make DIR`: no bench, only a data directory with so many controllers for `npm run sim -- fleet`.
 */
async function main(args: string[]): Promise<void> {
  const { values, positionals: wanted } = parseArgs({
    args,
    allowPositionals: true,
    options: { json: { type: 'string' }, controllers: { type: 'string' }, make: { type: 'string' }, only: { type: 'string' }, people: { type: 'string' } },
  });
  const unknown = wanted.find((name) => PARTS[name] === undefined);
  if (unknown !== undefined) throw new Error(`bench: expected some of ${Object.keys(PARTS).join(', ')}, got ${unknown}`);
  const controllers = Number(values.controllers ?? CONTROLLERS);
  if (!Number.isInteger(controllers) || controllers < FEWEST) throw new Error(`--controllers: expected a whole number from ${FEWEST}, got ${values.controllers}`);
  if (values.make !== undefined) return makeCrowd(values.make, controllers, console.log);
  const rows: Row[] = [];
  for (const [name, part] of Object.entries(PARTS)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    console.error(`… ${name}`);
    rows.push(...(await part({ named: wanted.includes(name), controllers, only: values.only, people: values.people === undefined ? undefined : Number(values.people) })));
  }
  print(rows);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);
}

await main(process.argv.slice(2));
