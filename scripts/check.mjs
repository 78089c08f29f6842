/** `npm run check`: types, lint, import rules, unused code, components, duplication, shape. One line each. */
import { fileURLToPath } from 'node:url';
import { checks } from './lib/checks.mjs';
import { duration, giveUp } from './lib/steps.mjs';
import { prepare } from './prepare.mjs';

const AT_ONCE = 2;
const LINES_SHOWN = 60;

function shorten(text) {
  const all = text.trimEnd().split('\n');
  if (all.length <= LINES_SHOWN) return all.join('\n');
  return [...all.slice(0, LINES_SHOWN), `… and ${all.length - LINES_SHOWN} lines more`].join('\n');
}

async function runOne(check, say) {
  const started = performance.now();
  const { ok, output, note } = await check.run().catch((error) => ({ ok: false, output: String(error.stack), note: undefined }));
  const seconds = (performance.now() - started) / 1000;
  say(`${ok ? '✓' : '✗'} ${check.name}${note ? `, ${note}` : ''} ${duration(seconds)}`);
  if (!ok) say(shorten(output).replace(/^/gm, '    '));
  return ok;
}

/**
 * Runs every check, two at a time, and prints each as it ends.
 * @param {(line: string) => void} [say]
 * @param {RegExp} [wanted] which, by name
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function runChecks(say = console.log, wanted = /./) {
  const waiting = checks.filter((check) => wanted.test(check.name));
  const results = [];
  const worker = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) results.push(await runOne(check, say));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return { passed: results.filter(Boolean).length, failed: results.filter((ok) => !ok).length };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await prepare({ upTo: 'client', say: (line) => line.startsWith('·') || console.log(line) }).catch(giveUp);
  const { passed, failed } = await runChecks(console.log, new RegExp(process.argv[2] ?? '.'));
  console.log(`${passed} checks passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}
