/** `node scripts/run.mjs FILE args…`: compiles what is stale, then becomes that program. Its stdout stays its own. */
import { handOver } from './lib/hand-over.mjs';
import { giveUp } from './lib/steps.mjs';
import { prepareQuietly } from './prepare.mjs';

const [file, ...args] = process.argv.slice(2);
if (file === undefined) {
  console.error('Usage: node scripts/run.mjs FILE args…');
  process.exit(2);
}
await prepareQuietly('code').catch(giveUp);
await handOver(file, args);
