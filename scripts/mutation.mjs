/**
 * `npm run mutation [-- FILE…]`: changes the code in thousands of small ways (Stryker) and sees whether a test notices.
 * Without files: all of tests/mutation/areas.json. `--changed`: only files that, or whose tests, changed since they
 * were measured. `--minutes N`: begins nothing that would go beyond. What was measured is kept in
 * tests/mutation/scores.json; survivors that may stay are in survivors.json with the reason. docs/testing.md.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { hashOf, walk } from './lib/files.mjs';
import { judge } from './lib/mutants.mjs';
import { node } from './lib/proc.mjs';
import { root } from './lib/root.mjs';
import { duration } from './lib/steps.mjs';

const REPORT = path.join(root, 'reports/mutation/report.json');
const SCORES = path.join(root, 'tests/mutation/scores.json');
/** Measured in every run, changed or not: that it can still fail is seen, and not only believed. */
const ALWAYS = 'gateway/core/decide.ts';
/** Files in one run of Stryker: what is measured is kept after each. */
const TOGETHER = 3;
/** What a mutant and the start of an area cost on two cores; for `--minutes` only. */
const SECONDS = { mutant: 0.4, area: 12 };

const read = (file) => JSON.parse(readFileSync(path.join(root, 'tests/mutation', file), 'utf8'));

/**
 * Areas with their files. `missed`: files of the folder that no area names and that are not left out with a reason; `twice`: those named before.
 * @returns {{ area: string, tests: string, floor: number, files: string[], missed: string[], twice: string[] }[]}
 */
export function areas() {
  const listed = read('areas.json');
  const seen = new Set();
  const named = listed.map(({ folder, files = '\\.ts$', without = {}, ...area }) => ({
    ...area,
    folder,
    without,
    files: walk(folder, new RegExp(files)).filter((file) => !(file in without)),
  }));
  const known = new Set(named.flatMap(({ files, without }) => [...files, ...Object.keys(without)]));
  return named.map(({ folder, files, ...area }) => {
    const twice = files.filter((file) => seen.has(file));
    for (const file of files) seen.add(file);
    return { ...area, files, twice, missed: walk(folder, /\.ts$/).filter((file) => !known.has(file)) };
  });
}

/** The source, the tests that kill its mutants, and what the list says of it; a test that is gone counts as a change. */
function inputsOf(file, tests) {
  const listed = read('survivors.json').filter((entry) => entry.file === file);
  return createHash('sha256')
    .update(hashOf([file, ...tests]))
    .update(JSON.stringify(listed))
    .digest('hex')
    .slice(0, 16);
}
const isFresh = ({ file, floor }, score) => score !== undefined && score.score >= floor && score.inputs === inputsOf(file, score.tests);

/** Hashes as Stryker finds the files; `inputs` of what is not right, or was written to meanwhile, is nothing: it is measured again. */
function taken(files) {
  const before = new Map([...files, ...walk('tests', /\.test\.ts$/)].map((file) => [file, hashOf([file])]));
  return ({ file, tests, problems }) => (problems.length === 0 && [file, ...tests].every((each) => before.get(each) === hashOf([each])) ? inputsOf(file, tests) : '');
}

/** One run of Stryker; the outcome of each file. */
async function measure({ tests, floor, listAll }, files, survivors) {
  mkdirSync(path.dirname(REPORT), { recursive: true });
  rmSync(REPORT, { force: true });
  const inputs = taken(files);
  const done = await node('node_modules/@stryker-mutator/core/bin/stryker.js', ['run', '--mutate', files.join(',')], { env: { MUTATION_TESTS: tests, NO_COLOR: '1' } });
  if (!done.ok) {
    const said = done.output.split('\n').filter((line) => !/^\s+at |INFO|^$/.test(line));
    return files.map((file, place) => ({ file, problems: [place === 0 ? `Stryker did not run to its end:\n${said.slice(0, 20).join('\n')}` : 'not measured: the same'] }));
  }
  const report = JSON.parse(readFileSync(REPORT, 'utf8'));
  const fileOfTest = new Map(Object.entries(report.testFiles).flatMap(([name, each]) => each.tests.map(({ id }) => [id, name])));
  return files.map((file) => {
    const listed = survivors.filter((entry) => entry.file === file);
    const judged = judge(file, report.files[file] ?? { source: '', mutants: [] }, { floor, listAll, listed, testFile: (id) => fileOfTest.get(id) ?? '' });
    return { ...judged, inputs: inputs(judged) };
  });
}

function tell({ file, problems, score, killed, alive, equivalent }) {
  const counts = score === undefined ? '' : ` ${score} %, ${killed} of ${killed + alive - equivalent}${equivalent > 0 ? `, ${equivalent} change nothing` : ''}`;
  console.log(`${problems.length === 0 ? '✓' : '✗'} mutants of ${file}${counts}`);
  for (const problem of problems) console.error(`  ${problem}`);
}

/** Cheapest first, as many as the time allows. */
function whatFits(wanted, scores, minutes) {
  const cost = ({ file }) => SECONDS.mutant * ((scores[file]?.killed ?? 100) + (scores[file]?.alive ?? 0));
  let left = minutes * 60 - SECONDS.area * new Set(wanted.map(({ area }) => area)).size;
  return [...wanted]
    .sort((a, b) => cost(a) - cost(b))
    .filter((each) => {
      left -= cost(each);
      return left >= 0;
    });
}

function keep(scores, measured, known) {
  const clean = measured.filter(({ score }) => score !== undefined);
  for (const { file, problems: _, ...figures } of clean) scores[file] = figures;
  const kept = Object.entries(scores).filter(([file]) => known.has(file));
  writeFileSync(SCORES, `${JSON.stringify(Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1))), null, 1)}\n`);
}

/**
 * Measures and judges. A file that did not change is judged by what is on record.
 * @param {{ changed?: boolean, minutes?: number, only?: string[], write?: boolean }} wish
 * @returns {Promise<{ passed: number, failed: number, skipped: number }>} files at their floor, not at it, not looked at for want of time
 */
export async function mutation({ changed = false, minutes = Number.POSITIVE_INFINITY, only = [], write = true }) {
  const all = areas();
  const [scores, survivors] = [read('scores.json'), read('survivors.json')];
  const each = all.flatMap(({ area, files, floor }) => files.map((file) => ({ area, file, floor })));
  const wanted = each.filter(({ file, floor }) => (only.length > 0 ? only.includes(file) : !changed || file === ALWAYS || !isFresh({ file, floor }, scores[file])));
  const now = new Set(whatFits(wanted, scores, minutes).map(({ file }) => file));
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const area of all) {
    const files = area.files.filter((file) => now.has(file));
    if (files.length === 0) continue;
    const started = performance.now();
    for (let at = 0; at < files.length; at += TOGETHER) {
      const measured = await measure(area, files.slice(at, at + TOGETHER), survivors);
      measured.forEach(tell);
      for (const { problems } of measured) total[problems.length === 0 ? 'passed' : 'failed'] += 1;
      if (write) keep(scores, measured, new Set(each.map(({ file }) => file)));
    }
    console.log(`  ${area.area}: ${files.length} files measured in ${duration((performance.now() - started) / 1000)}`);
  }
  const late = wanted.filter(({ file }) => !now.has(file));
  if (late.length > 0) console.error(`✗ no time for the mutants of ${late.length} changed files (npm run mutation -- --changed): ${late.map(({ file }) => file).join(' ')}`);
  const unchanged = each.filter((one) => !wanted.includes(one));
  if (changed) console.log(`✓ ${unchanged.length} files as they were when their mutants were measured`);
  return { ...total, passed: total.passed + (changed ? unchanged.length : 0), skipped: late.length };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const words = process.argv.slice(2);
  const at = words.indexOf('--minutes');
  const only = words.filter((word, place) => !word.startsWith('--') && (at < 0 || place !== at + 1));
  const { failed, skipped } = await mutation({ changed: words.includes('--changed'), minutes: at < 0 ? undefined : Number(words[at + 1]), only });
  process.exitCode = failed + skipped === 0 ? 0 : 1;
}
