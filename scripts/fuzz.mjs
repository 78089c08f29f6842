/** `npm run fuzz -- TARGET [--minutes N | --runs N]`: prepares what the code needs, then becomes the fuzzer. */
import { register } from 'node:module';
import { handOver } from './lib/hand-over.mjs';
import { giveUp } from './lib/steps.mjs';
import { prepareQuietly } from './prepare.mjs';

await prepareQuietly('client').catch(giveUp);
register('../tests/fuzz/typescript.mjs', import.meta.url);
await handOver('tests/fuzz/main.mjs', process.argv.slice(2));
