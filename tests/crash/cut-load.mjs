/**
 * Child of the power-cut tests, recorded by strace. Appends taps and prints what it may tell the world: "ack <seq> <index>"
 * for an entry that is on disk, "told <origin> <size> <root>" for a checkpoint, "row <id> <text>" for a row of the register,
 * "day <index> <day>" for an entry of a day that will be destroyed, "going <day>" and "gone <day>" before and after all
 * before that day was destroyed. Ends by itself after so many of them.
 *
 *   node cut-load.mjs log|writer|destroy|register DIR ROOT_HEX COUNT SEED
 */
import { writeSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { openJournal } from '../../dist/gateway/journal/client.js';
import { eventOf, NO_PERSON } from '../../dist/gateway/journal/entry.js';
import { openLog } from '../../dist/gateway/journal/log.js';
import { stage } from '../../dist/gateway/journal/packet.js';
import { dayStart } from '../../dist/gateway/journal/seal.js';
import { loadKeys } from '../../dist/gateway/store/keys.js';
import { migrateRegister } from '../../dist/gateway/store/migrate.js';
import { openRegister } from '../../dist/gateway/store/register.js';

const [kind, dir, rootHex, countText, seedText] = process.argv.slice(2);
const count = Number(countText);
let state = Number(seedText);
/** A number from 0 on, below n; the same again for the same seed. */
const below = (n) => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) % n;
const place = { file: path.join(dir, 'journal.sqlite'), keysDir: path.join(dir, 'keys'), root: Buffer.from(rootHex, 'hex') };
const say = (line) => void writeSync(1, `${line}\n`);
let told = '';
function tell(checkpoint) {
  const line = checkpoint === undefined ? '' : `told ${checkpoint.origin} ${checkpoint.size} ${Buffer.from(checkpoint.root).toString('base64')}`;
  if (line !== told) say(line);
  told = line;
}

const BEGAN = Date.now();
/** Days and people go on, so that keys are made all the time. */
const entry = (seq) => ({
  event: eventOf({
    kind: 'access', key: { controllerId: 1 + (seq % 4), instance: '00112233445566ff', boot: 1, seq }, buildingId: 1, doorId: 1 + (seq % 4), granted: true, reason: 'OK',
    gatewayTime: BEGAN + seq * 3_600_000, digest: seq.toString(16).padStart(16, '0'),
  }),
  person: { ...NO_PERSON, personId: 1 + (seq % 97) },
});

/** One thread: batches of many sizes, checkpoints of the database in between, and once in a while closed and opened again. */
function appendInOneThread() {
  let log = openLog(place);
  let other = new Database(place.file);
  for (let seq = 1; seq <= count; ) {
    const batch = Array.from({ length: Math.min(1 + below(24), count - seq + 1) }, (_, at) => seq + at);
    const answers = log.append(batch.map((each) => stage(entry(each))));
    batch.forEach((each, at) => say(`ack ${each} ${answers[at].index}`));
    tell(log.checkpoint());
    seq += batch.length;
    const next = below(24);
    if (next === 0) log.trimWal(0);
    // As the automatic checkpoint does it: afterwards the write-ahead log is written over from its beginning.
    if (next === 2 || next === 3) other.pragma('wal_checkpoint(PASSIVE)');
    if (next !== 1) continue;
    other.close();
    log.close();
    log = openLog(place);
    other = new Database(place.file);
  }
  other.close();
  log.close();
}

/** The writer in its own thread, with entries always on the way. */
async function appendThroughWriter() {
  const journal = await openJournal(place);
  journal.onCheckpoint(tell);
  let seq = 1;
  async function lane() {
    while (seq <= count) {
      const own = seq++;
      const { index } = await journal.append(entry(own));
      say(`ack ${own} ${index}`);
    }
  }
  await Promise.all(Array.from({ length: 40 }, lane));
  await journal.close();
}

async function destroyDays() {
  const journal = await openJournal(place);
  async function append(day, at) {
    const event = eventOf({ kind: 'access', buildingId: 1, doorId: 1, granted: true, reason: 'OK', gatewayTime: dayStart(day) + at });
    const { index } = await journal.append({ event, person: { ...NO_PERSON, personId: 1 + ((day * 37 + at) % 50) } });
    say(`day ${index} ${day}`);
  }
  for (let day = 20_001; day <= 20_000 + count; day++) {
    await Promise.all(Array.from({ length: 12 }, (_, at) => append(day, at)));
    say(`going ${day - 2}`);
    const destroying = journal.destroy({ before: day - 2, held: { days: [], persons: [] } });
    for (let at = 12; at < 16; at++) await append(day, at);
    await destroying;
    say(`gone ${day - 2}`);
  }
  await journal.close();
}

async function writeRegister() {
  const file = path.join(dir, 'register.sqlite');
  const keys = loadKeys(place.keysDir);
  migrateRegister(file);
  const register = await openRegister({ file, keys });
  async function lane(from) {
    for (let at = from; at < count; at += 4) {
      const text = `letter ${at}`;
      const data = { at: 1, kind: 'test', bodySealed: register.vault.seal('outbox.body', text) };
      const { id } = await register.write((db) => db.outboxMessage.create({ data }));
      say(`row ${id} ${text}`);
    }
  }
  await Promise.all([0, 1, 2, 3].map(lane));
  await register.close();
}

if (kind === 'log') appendInOneThread();
else if (kind === 'writer') await appendThroughWriter();
else if (kind === 'destroy') await destroyDays();
else await writeRegister();
