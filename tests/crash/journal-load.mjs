/**
 * Child of journal.slow.test.ts: appends taps as fast as the log takes them until it is killed, and prints each
 * acknowledgement, "<seq> <index> <new|same|other>", with a write that is over before the next one begins.
 */
import { writeSync } from 'node:fs';
import { openJournal } from '../../dist/gateway/journal/client.js';
import { eventOf, NO_PERSON } from '../../dist/gateway/journal/entry.js';

const [file, keysDir, rootHex, from] = process.argv.slice(2);
const WINDOW = 300;
const journal = await openJournal({ file, keysDir, root: Buffer.from(rootHex, 'hex') });
let next = Number(from);

async function tap(seq) {
  const event = eventOf({
    kind: 'access', key: { controllerId: 1 + (seq % 4), instance: '00112233445566ff', boot: 1, seq }, buildingId: 1, doorId: 1 + (seq % 4), granted: true, reason: 'OK',
    gatewayTime: 1_780_000_000_000 + seq * 60_000, digest: seq.toString(16).padStart(16, '0'),
  });
  const answer = await journal.append({ event, person: { ...NO_PERSON, personId: 1 + (seq % 997) } });
  tell(`${seq} ${answer.index} ${answer.duplicate ? (answer.same ? 'same' : 'other') : 'new'}\n`);
}

/** The pipe is full while the test is busy: waits for it, and never tells half a line. */
function tell(line) {
  for (let rest = Buffer.from(line); rest.length > 0; ) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

async function lane() {
  for (;;) await tap(next++);
}
await Promise.all(Array.from({ length: WINDOW }, lane));
