// A journal writer that stores three entries and signs a checkpoint, and dies before it says so; the one after it goes on.
import { existsSync, writeFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

const died = `${workerData.file}.died`;
const checkpoint = (size) => ({ origin: 'o', size, root: new Uint8Array(32), at: 1, note: `note ${size}`, first: 0 });
const second = existsSync(died);
parentPort.postMessage({ t: 'ready', last: second ? 3 : 0, checkpoint: checkpoint(second ? 4 : 1) });
parentPort.on('message', ({ t }) => {
  if (t === 'stop') return parentPort.close();
  if (second) return undefined;
  writeFileSync(died, '');
  return process.exit(1);
});
