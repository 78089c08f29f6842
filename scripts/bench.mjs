/** `npm run bench [-- --json FILE]`: prepares, compiles tests/bench beside the gateway, then becomes the bench. */
import { handOver } from './lib/hand-over.mjs';
import { node } from './lib/proc.mjs';
import { giveUp, StepError, step } from './lib/steps.mjs';
import { prepare } from './prepare.mjs';

async function compileBench() {
  const done = await node('node_modules/typescript/bin/tsc', ['-p', 'tsconfig.bench.json']);
  if (!done.ok) throw new StepError('Stopped while compiling the bench.', done.output);
}

await prepare({ upTo: 'code' })
  .then(() => step({ doing: 'compiling the bench', done: 'compiled the bench' }, console.log, compileBench))
  .catch(giveUp);
await handOver('dist/tests/bench/main.js', process.argv.slice(2));
