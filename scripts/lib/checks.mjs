import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { productFiles } from './files.mjs';
import { node } from './proc.mjs';
import { root } from './root.mjs';

const limits = () => JSON.parse(readFileSync(path.join(root, 'tests/repo/limits.json'), 'utf8'));
const lines = (text, wanted) =>
  text
    .split('\n')
    .filter((line) => wanted.test(line))
    .join('\n');

/** @typedef {{ ok: boolean, output: string, note?: string }} Verdict note: a number worth showing in the line */

/** Type checks keep TypeScript's notes of the last run, and those of the gateway are the compiler's own: right after a build it has nothing to do. */
const tsc = (project) => node('node_modules/typescript/bin/tsc', ['-p', project, '--pretty', 'false']);

const biome = (args) => node('node_modules/@biomejs/biome/bin/biome', [...args, '--colors=off', '--max-diagnostics=200']);

/** @returns {Promise<Verdict>} */
async function lint() {
  const done = await biome(['lint', '--error-on-warnings', '--reporter=github']);
  const findings = [...done.output.matchAll(/^::\w+ title=([^,]*),file=([^,]*),line=(\d+).*?::(.*)$/gm)];
  return { ok: done.ok, output: findings.map(([, rule, file, line, text]) => `${path.relative(root, file)}:${line} ${rule}: ${text}`).join('\n') || done.output };
}

/** @returns {Promise<Verdict>} */
async function format() {
  const done = await biome(['format', '--reporter=summary']);
  return { ok: done.ok, output: `${lines(done.output, /^ {2}- |×/) || done.output}\nnpx biome format --write puts this right` };
}

/**
 * The import rules, and whether every file of ours was really looked at: with a TypeScript it does not know,
 * dependency-cruiser reads nothing and reports success (style.md 4).
 * @returns {Promise<Verdict>}
 */
async function imports() {
  const done = await node('node_modules/dependency-cruiser/bin/dependency-cruise.mjs', [
    '--config',
    '.dependency-cruiser.cjs',
    '--output-type',
    'json',
    'gateway',
    'firmware-sim',
    'console',
    'prisma',
    'tests',
  ]);
  if (!done.stdout.startsWith('{')) return { ok: false, output: done.output };
  const { modules, summary } = JSON.parse(done.stdout);
  const cruised = new Set(modules.map((module) => module.source));
  const unseen = productFiles().filter((file) => !cruised.has(file));
  const breaches = summary.violations.map((v) => `${v.rule.name}: ${[v.from, ...(v.cycle ?? [{ name: v.to }]).map((hop) => hop.name)].join(' → ')}`);
  return { ok: breaches.length === 0 && unseen.length === 0, output: [...breaches, ...unseen.map((file) => `not looked at: ${file}`)].join('\n'), note: `${cruised.size} modules` };
}

/** @returns {Promise<Verdict>} */
async function unused() {
  const done = await node('node_modules/knip/bin/knip.js', ['--reporter', 'compact', '--no-progress', '--no-config-hints']);
  return { ok: done.ok, output: done.output };
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Left behind by a check that was killed. */
function clearOldPlants(folder) {
  for (const name of readdirSync(folder)) {
    const pid = /^planted-(\d+)-/.exec(name)?.[1];
    if (pid && !isRunning(Number(pid))) rmSync(path.join(folder, name));
  }
}

/**
 * svelte-check over the console with one wrong component planted in it, so that "no errors" can be trusted
 * (console.md 5, row 19): fine means exactly the planted error and nothing else.
 * @returns {Promise<Verdict>}
 */
async function components() {
  const folder = path.join(root, 'console');
  const name = `planted-${process.pid}-type-error.svelte`;
  clearOldPlants(folder);
  const uproot = () => rmSync(path.join(folder, name), { force: true });
  process.once('exit', uproot);
  try {
    writeFileSync(path.join(folder, name), '<script lang="ts">\n  const floor: number = \'roof\';\n</script>\n\n<p>{floor}</p>\n');
    const done = await node('node_modules/svelte-check/bin/svelte-check', ['--workspace', 'console', '--tsconfig', './tsconfig.json', '--output', 'machine', '--fail-on-warnings']);
    const findings = done.stdout.split('\n').filter((line) => /^\d+ (ERROR|WARNING) /.test(line));
    const real = findings.filter((line) => !/"planted-\d+-/.test(line));
    const caught = findings.some((line) => line.includes(`"${name}"`) && line.includes('not assignable'));
    if (!caught) return { ok: false, output: `svelte-check did not report the type error planted in console/${name}: it cannot be trusted.\n${done.output}` };
    return { ok: real.length === 0, output: real.map((line) => line.replace(/^\d+ /, '')).join('\n') };
  } finally {
    uproot();
    process.off('exit', uproot);
  }
}

/** @returns {Promise<Verdict>} */
async function duplication() {
  const { max, minTokens } = limits().duplicatedPercent;
  const out = mkdtempSync(path.join(tmpdir(), 'doorbook-jscpd-'));
  try {
    const done = await node('node_modules/jscpd/bin/jscpd', [
      'gateway',
      'firmware-sim',
      'console',
      '--min-tokens',
      String(minTokens),
      '--reporters',
      'json',
      '--output',
      out,
      '--silent',
      '--noTips',
      '--ignore',
      '**/generated/**,**/planted-*',
      '--max-lines',
      '5000',
      '--format',
      'typescript,javascript,svelte,css',
    ]);
    if (!done.ok) return { ok: false, output: done.output };
    const { statistics, duplicates } = JSON.parse(readFileSync(path.join(out, 'jscpd-report.json'), 'utf8'));
    const share = statistics.total.percentage;
    const at = (file) => `${path.relative(root, path.resolve(root, file.name))}:${file.start}`;
    return {
      ok: share <= max,
      output: duplicates.map((d) => `${d.lines} lines: ${at(d.firstFile)} and ${at(d.secondFile)}`).join('\n'),
      note: `${share} % of ${statistics.total.lines} lines`,
    };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

/** @returns {Promise<Verdict>} */
async function typeCoverage() {
  const done = await node('node_modules/type-coverage/bin/type-coverage', [
    '-p',
    'tsconfig.json',
    '--strict',
    '--at-least',
    String(limits().typeCoveragePercent),
    '--detail',
    '--ignore-files',
    'gateway/store/generated/**',
  ]);
  return { ok: done.ok, output: done.output, note: /\d[\d.]*%/.exec(done.output)?.[0] };
}

/** @returns {Promise<Verdict>} */
async function shape() {
  const done = await node('scripts/measure.mjs', []);
  const [total] = done.stdout.split('\n');
  return { ok: done.ok, output: lines(done.output, /^(✗| {4})/) || done.output, note: total };
}

/** Every check, the longest first so that the last to end is a short one. */
export const checks = [
  { name: 'svelte-check, with a planted error', run: components },
  { name: 'types of the gateway and the simulator', run: () => tsc('tsconfig.json') },
  { name: 'types of the tests', run: () => tsc('tests/tsconfig.json') },
  { name: 'type coverage', run: typeCoverage },
  { name: 'import rules', run: imports },
  { name: 'nothing unused (knip)', run: unused },
  { name: 'duplicated code', run: duplication },
  { name: 'shape of the code', run: shape },
  { name: 'lint', run: lint },
  { name: 'format', run: format },
];
