import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { walk } from './files.mjs';
import { node } from './proc.mjs';
import { root } from './root.mjs';

/** A test file, or a helper it uses, that opens a browser. */
const BROWSER = /from 'playwright-core'|\/browser\.ts'/;

export const needsBrowser = () => walk('tests', /\.test\.ts$/).filter((file) => BROWSER.test(readFileSync(path.join(root, file), 'utf8')));

/** Which line of the time table a slow test file belongs to. */
export function partOf(file) {
  if (/^tests\/(e2e|console)\//.test(file)) return 'browser';
  if (/^tests\/crash\//.test(file)) return 'crash';
  const [, own] = /^tests\/(sim|fuzz|backup)\//.exec(file) ?? [];
  if (own !== undefined) return own;
  if (/^tests\/(doors|gateway|http|firmware-sim|journal)\//.test(file)) return 'sockets';
  return 'other slow';
}

function outcome(report, project) {
  const suites = report.testResults;
  const broken = suites.filter((suite) => suite.status === 'failed' && suite.assertionResults.every((test) => test.status !== 'failed'));
  const failed = report.numFailedTests + broken.length;
  // Vitest also fails on what goes wrong outside any test: an unhandled rejection, a file that leaves a handle open.
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && !report.success ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
    files: suites.map((suite) => ({ file: path.relative(root, suite.name), project, seconds: (suite.endTime - suite.startTime) / 1000 })),
  };
}

/**
 * Runs one project of vitest.config.ts and reads the result from vitest's own report.
 * @param {'unit' | 'pairs' | 'desk' | 'waits' | 'slow'} project
 * @param {string[]} [exclude] files to leave out
 */
export async function vitest(project, exclude = []) {
  const report = path.join(root, 'reports', `vitest-${project}.json`);
  mkdirSync(path.dirname(report), { recursive: true });
  rmSync(report, { force: true });
  const done = await node(
    'node_modules/vitest/vitest.mjs',
    ['run', '--project', project, '--reporter=dot', '--reporter=json', `--outputFile.json=${report}`, '--passWithNoTests', ...exclude.flatMap((file) => ['--exclude', file])],
    { show: true, env: process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' } },
  );
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0, files: [], seconds: done.seconds };
  const result = outcome(JSON.parse(readFileSync(report, 'utf8')), project);
  return { ...result, failed: result.failed === 0 && !done.ok ? 1 : result.failed, seconds: done.seconds };
}
