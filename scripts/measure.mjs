/**
 * The shape of the product's code against tests/repo/limits.json: `node scripts/measure.mjs` prints the table and
 * what is over, and ends with 1 when something is.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { productFiles } from './lib/files.mjs';
import { root } from './lib/root.mjs';
import { shapeOfFile } from './lib/shape.mjs';

const read = (file) => readFileSync(path.join(root, file), 'utf8');
const limits = JSON.parse(read('tests/repo/limits.json'));
const sum = (numbers) => numbers.reduce((total, n) => total + n, 0);
const percent = (part, whole) => (whole === 0 ? 100 : Math.round((1000 * part) / whole) / 10);

function rank(numbers, share) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

/** @typedef {{ name: string, value: number, limit: string, ok: boolean, where: string[] }} Row */

/** @returns {Row} */
const atMost = (name, value, limit, where = []) => ({ name, value, limit: `≤ ${limit}`, ok: value <= limit, where: value <= limit ? [] : where });
/** @returns {Row} */
const atLeast = (name, value, limit, where = []) => ({ name, value, limit: `≥ ${limit}`, ok: value >= limit, where: value >= limit ? [] : where });

function lengths(shapes) {
  const functions = shapes.flatMap((s) => s.functions.map((f) => ({ ...f, file: s.file })));
  const long = functions.filter((f) => f.lines !== undefined);
  const fileLines = shapes.map((s) => s.lines);
  const functionLines = long.map((f) => f.lines);
  const over = (list, limit) => list.filter((f) => f.lines > limit).map((f) => `${f.file}${f.line ? `:${f.line}` : ''} ${f.lines} lines`);
  const many = functions.filter((f) => f.parameters > limits.parameters);
  return [
    atMost('file lines, median', rank(fileLines, 0.5), limits.fileLines.median),
    atMost('file lines, p90', rank(fileLines, 0.9), limits.fileLines.p90, over(shapes, limits.fileLines.p90)),
    atMost('file lines, longest', rank(fileLines, 1), limits.fileLines.max, over(shapes, limits.fileLines.max)),
    atMost('function lines, median', rank(functionLines, 0.5), limits.functionLines.median),
    atMost('function lines, p90', rank(functionLines, 0.9), limits.functionLines.p90, over(long, limits.functionLines.p90)),
    atMost('function lines, longest', rank(functionLines, 1), limits.functionLines.max, over(long, limits.functionLines.max)),
    atMost(
      'functions with too many parameters',
      many.length,
      0,
      many.map((f) => `${f.file}:${f.line} ${f.parameters}`),
    ),
  ];
}

function escapes(shapes) {
  const lines = sum(shapes.map((s) => s.code));
  const row = (name, key, limit) => {
    const where = shapes.flatMap((s) => s[key].map((line) => `${s.file}:${line}`));
    return atMost(`${name} per 1,000 lines`, Math.round((10_000 * where.length) / Math.max(1, lines)) / 10, limit, where);
  };
  const clocks = shapes.filter((s) => limits.clockReads.in.some((folder) => s.file.startsWith(folder))).flatMap((s) => s.clock.map((line) => `${s.file}:${line}`));
  const banned = shapes.flatMap((s) => s.classes.filter((c) => new RegExp(limits.bannedClassNames).test(c.name)).map((c) => `${s.file}:${c.line} ${c.name}`));
  return [
    row('any', 'any', limits.perThousandLines.any),
    row('as', 'as', limits.perThousandLines.as),
    row('!', 'nonNull', limits.perThousandLines.nonNull),
    atMost('clock reads in core and wire', clocks.length, limits.clockReads.max, clocks),
    atMost('classes with an empty name', banned.length, 0, banned),
  ];
}

function comments(shapes) {
  const share = percent(sum(shapes.map((s) => s.comments)), sum(shapes.map((s) => s.code)));
  const byShare = [...shapes]
    .sort((a, b) => b.comments / b.code - a.comments / a.code)
    .slice(0, 12)
    .map((s) => `${s.file} ${percent(s.comments, s.code)} %`);
  const documented = Object.entries(limits.documentedPercent).map(([folder, limit]) => {
    const exports = shapes
      .filter((s) => !s.file.endsWith('.svelte') && (folder === 'all' || s.file.startsWith(folder)))
      .flatMap((s) => s.exports.map((e) => ({ ...e, file: s.file })));
    const bare = exports.filter((e) => !e.documented);
    return atLeast(
      `exports with a doc comment, ${folder}, %`,
      percent(exports.length - bare.length, exports.length),
      limit,
      bare.map((e) => `${e.file}:${e.line} ${e.name}`),
    );
  });
  return [atLeast('comment lines, %', share, limits.commentPercent.min), atMost('comment lines, % ', share, limits.commentPercent.max, byShare), ...documented];
}

function unlockPath() {
  const files = read('tests/repo/unlock-path.txt')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const missing = files.filter((file) => !existsSync(path.join(root, file)));
  const folders = new Set(files.map((file) => path.dirname(file)));
  const short = Object.entries(limits.linesOf).map(([file, limit]) =>
    atMost(`lines of ${file}`, existsSync(path.join(root, file)) ? read(file).split('\n').length - 1 : Infinity, limit, [file]),
  );
  return [
    ...short,
    atMost('files on the unlock path', files.length, limits.unlockPath.files, files),
    atMost('folders on the unlock path', folders.size, limits.unlockPath.folders, [...folders]),
    atMost('files of the unlock path that are not there', missing.length, 0, missing),
  ];
}

const shapes = productFiles().map(shapeOfFile);
const rows = [...lengths(shapes), ...escapes(shapes), ...comments(shapes), ...unlockPath()];
console.log(`${shapes.length} files, ${sum(shapes.map((s) => s.lines))} lines`);
for (const row of rows) console.log(`${row.ok ? '✓' : '✗'} ${row.name.trim()}: ${row.value} (${row.limit})${row.where.map((place) => `\n    ${place}`).join('')}`);
process.exit(rows.every((row) => row.ok) ? 0 : 1);
