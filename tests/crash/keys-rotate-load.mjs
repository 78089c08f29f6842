/**
 * Child of keys-rotate.slow.test.ts: changes the keys of a register again and again while it adds sealed rows, until it
 * is killed. Prints "row <id> <text>" for each row that was written, "step <rows>" for each part, "turn <key>" when a change is done.
 */
import { writeSync } from 'node:fs';
import path from 'node:path';
import { loadKeys } from '../../dist/gateway/store/keys.js';
import { openRegister } from '../../dist/gateway/store/register.js';
import { rotationOf } from '../../dist/gateway/store/rotation.js';

const [dir, from] = process.argv.slice(2);
const keysDir = path.join(dir, 'keys');
const register = await openRegister({ file: path.join(dir, 'register.sqlite'), keys: loadKeys(keysDir) });
const rotation = rotationOf(register, keysDir);
const say = (line) => writeSync(1, `${line}\n`);
let next = Number(from);

async function write() {
  for (;;) {
    const text = `letter ${next++}`;
    const data = { at: 1, kind: 'test', bodySealed: register.vault.seal('outbox.body', text) };
    const { id } = await register.write((db) => db.outboxMessage.create({ data }));
    say(`row ${id} ${text}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

void write();
for (;;) {
  if (!rotation.pending()) await rotation.begin();
  // A row sealed before a pass may be written behind it: the pass after the next finds nothing any more, as in the job.
  while ((await rotation.pass(async (rows) => say(`step ${rows}`), () => true)) > 0);
  await rotation.finish();
  say(`turn ${register.vault.hashKey}`);
}
