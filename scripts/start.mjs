/** `npm start`: prepares what is missing, one line per step, then becomes the gateway. */
import { handOver } from './lib/hand-over.mjs';
import { giveUp } from './lib/steps.mjs';
import { prepare } from './prepare.mjs';

await prepare().catch(giveUp);
await handOver('dist/gateway/main.js', process.argv.slice(2));
