/**
 * Child of destroy.slow.test.ts: day after day it appends entries and destroys those of four days before, until it is
 * killed. Prints "entry <index> <day>" for each entry on disk ("audit …" for an audit entry, which is to stay), "going
 * <day>" before and "gone <day>" after all before that day was destroyed.
 */
import { writeSync } from 'node:fs';
import { openJournal } from '../../dist/gateway/journal/client.js';
import { eventOf, NO_PERSON } from '../../dist/gateway/journal/entry.js';
import { dayStart } from '../../dist/gateway/journal/seal.js';

const [file, keysDir, from] = process.argv.slice(2);
const root = Buffer.alloc(32);
const journal = await openJournal({ file, keysDir, root });
const say = (line) => writeSync(1, `${line}\n`);

async function append(day, at) {
  const event = eventOf({ kind: 'access', buildingId: 1, doorId: 1, granted: true, reason: 'OK', gatewayTime: dayStart(day) + at });
  const { index } = await journal.append({ event, person: { ...NO_PERSON, personId: 1 + ((day * 37 + at) % 500) } });
  say(`entry ${index} ${day}`);
}

async function look(day) {
  const event = eventOf({ kind: 'audit', what: 'viewed', gatewayTime: dayStart(day) });
  const { index } = await journal.append({ event, person: { ...NO_PERSON, personId: 1 + ((day * 37) % 500), accountId: 1 } });
  say(`audit ${index} ${day}`);
}

for (let day = Number(from); ; day += 1) {
  await Promise.all(Array.from({ length: 60 }, (_, at) => append(day, at)));
  await look(day);
  say(`going ${day - 4}`);
  const destroying = journal.destroy({ before: day - 4, held: { days: [], persons: [] } });
  for (let at = 60; at < 80; at += 1) await append(day, at);
  await destroying;
  say(`gone ${day - 4}`);
}
