import { writeFileSync } from 'node:fs';
import { decideBench } from './decide.ts';
import { importBench } from './import.ts';
import { journalBench } from './journal.ts';
import { loadBench } from './load-index.ts';
import { queryBench } from './query.ts';
import type { Row } from './row.ts';
import { tapBench } from './taps.ts';
import { verifyBench } from './verify.ts';

/** `named`: the part was asked for by name. */
const PARTS: Readonly<Record<string, (named: boolean) => Row[] | Promise<Row[]>>> = {
  decide: decideBench,
  index: loadBench,
  journal: journalBench,
  taps: tapBench,
  import: importBench,
  verify: verifyBench,
  // Ten million entries take minutes to write: only when asked for.
  query: (named) => queryBench(named ? [1_000_000, 10_000_000] : [1_000_000]),
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

/** `npm run bench [-- PART …] [-- --json FILE]`: one table; the ratio says how near we are to the bare engine (more is better). */
async function main(args: readonly string[]): Promise<void> {
  const json = args.indexOf('--json');
  const file = json < 0 ? undefined : args[json + 1];
  const wanted = args.filter((arg, at) => !arg.startsWith('--') && (json < 0 || at !== json + 1));
  const unknown = wanted.find((name) => PARTS[name] === undefined);
  if (unknown !== undefined) throw new Error(`bench: expected some of ${Object.keys(PARTS).join(', ')}, got ${unknown}`);
  const rows: Row[] = [];
  for (const [name, part] of Object.entries(PARTS)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    console.error(`… ${name}`);
    rows.push(...(await part(wanted.includes(name))));
  }
  print(rows);
  if (file !== undefined) writeFileSync(file, `${JSON.stringify(rows, null, 2)}\n`);
}

await main(process.argv.slice(2));
