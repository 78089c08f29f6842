/** `npm start`: prepares what is missing, one line per step, then becomes the gateway. */
import { handOver } from './lib/hand-over.mjs';
import { giveUp } from './lib/steps.mjs';
import { prepare } from './prepare.mjs';

const LOOK_MS = 500;

/**
 * npm passes a signal on to the shell between us, and the shell dies of it without telling us. Whoever stops `npm
 * start` means the gateway: when that shell is gone, stop as if told so.
 */
function stopWithNpm() {
  const shell = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, LOOK_MS);
  watch.unref();
}

if (process.env.npm_lifecycle_event === 'start') stopWithNpm();
await prepare().catch(giveUp);
await handOver('dist/gateway/main.js', process.argv.slice(2));
