import { setTimeout as sleep } from 'node:timers/promises';
import { encode } from '../../gateway/wire/mqtt/messages.ts';
import type { Clause } from './clause.ts';
import { must, randomId, SHOWN_MS, type Trial } from './trial.ts';

const OVER_MS = 1900;
/** A running time long gone, ms back. */
const LONG_AGO_MS = 2000;

async function done(t: Trial): Promise<string> {
  const st = await t.command({});
  must(st === 'done', `unlock: cmd/ack ${st}`);
  must(await t.unlocks(), 'unlock done, and no state showed the lock released');
  must(await t.locked(OVER_MS), `unlocked for 1000 ms, and not locked ${OVER_MS} ms later`);
  return 'done, released, locked again';
}

async function once(t: Trial): Promise<string> {
  const id = randomId();
  const x = t.running() + 5000;
  must((await t.command({ id, x })) === 'done', 'unlock was not done');
  must(await t.unlocks(), 'unlock done, and no state showed the lock released');
  await sleep(300);
  const again = await t.command({ id, x, o: 5000 });
  must(again === 'done', `the same id again: cmd/ack ${again}, expected done as before`);
  must(await t.locked(OVER_MS), 'the same id was carried out twice: the lock stayed released');
  t.mark();
  const third = await t.command({ id, x });
  must(third === 'done', `the same id once more: cmd/ack ${third}`);
  must(!(await t.unlocks()), 'the same id was carried out again after the lock had closed');
  return 'carried out once, the same answer each time';
}

async function refused(t: Trial, over: Parameters<Trial['command']>[0], what: string): Promise<string> {
  const st = await t.command(over);
  must(!(await t.unlocks()), `${what}: the lock was released`);
  must(st === 'expired' || st === 'refused', `${what}: cmd/ack ${st}`);
  return `cmd/ack ${st}`;
}

async function lock(t: Trial): Promise<string> {
  must((await t.command({ o: 5000 })) === 'done', 'unlock was not done');
  must(await t.unlocks(), 'unlock done, and no state showed the lock released');
  must((await t.command({ a: 'lock', o: 0 })) === 'done', 'lock was not done');
  must(await t.locked(SHOWN_MS * 2), 'lock was done, and the lock is still shown as released');
  return 'a release was ended';
}

/** A later minor version may add fields; older devices go on. */
async function unknownFields(t: Trial): Promise<string> {
  const id = randomId();
  t.bench.sayBytes('cmd', Buffer.from(JSON.stringify({ zz: [1, { a: null }], v: 1, id, d: 1, a: 'identify', o: 0, b: t.boot, x: t.running() + 5000, later: 'field' })));
  must((await t.first('cmd/ack', 2500, (body) => body.id === id)) !== undefined, 'a command with two fields more was not answered');
  return 'a command with unknown fields was carried out';
}

async function malformed(t: Trial): Promise<string> {
  const { bench } = t;
  const { session } = bench;
  const troubles = bench.transcript.troubles.length;
  const command = encode('cmd', { v: 1, id: randomId(), d: 1, a: 'unlock', o: 1000, b: t.boot, x: t.running() + 5000 });
  for (const tail of ['res', 'evt/ack', 'cmd', 'acl/want', 'acl/c', 'time'] as const) {
    for (const body of ['', '{', 'null', '[]', '{"v":1}', '{"v":2}', '\u0000'.repeat(200), `{"v":1,"i":${'9'.repeat(400)}}`, '['.repeat(2000)])
      bench.sayBytes(tail, Buffer.from(body));
    bench.sayRaw(tail, Buffer.alloc(0));
    bench.sayRaw(tail, Buffer.alloc(20, 1));
    bench.sayRaw(tail, Buffer.alloc(100, 7));
  }
  // Whole, and not sealed; and sealed for another topic.
  bench.sayRaw('cmd', command);
  bench.sayBytes('res', command);
  must(!(await t.unlocks()), 'a command that was not sealed, or under another topic, released the lock');
  const st = await t.command({ a: 'identify', o: 0 });
  must(st === 'done', `after malformed messages a command is answered with ${st}`);
  must(bench.session === session, 'malformed messages broke the connection');
  must(bench.transcript.troubles.length === troubles, `malformed messages were answered: ${bench.transcript.troubles.at(-1)}`);
  return 'dropped 74 malformed messages and went on';
}

/** Commands, and what is none. */
export const COMMAND_CLAUSES: readonly Clause[] = [
  { id: 'command.done', section: '5', must: 'carries out unlock for its time', judge: done },
  { id: 'command.once', section: '5', must: 'carries out a command once for each id and repeats its answer', judge: once },
  {
    id: 'command.expired',
    section: '5',
    must: 'does nothing for a command after its end in running time',
    judge: (t) => refused(t, { x: Math.max(0, t.running() - LONG_AGO_MS) }, 'a command whose end is over'),
  },
  { id: 'command.boot', section: '5', must: 'does nothing for a command of another boot', judge: (t) => refused(t, { b: t.boot + 1 }, 'a command for another boot') },
  {
    id: 'command.door',
    section: '5',
    must: 'refuses a command for a door it has not',
    judge: async (t) => (t.doors === 8 ? 'has all eight doors' : refused(t, { d: t.doors + 1 }, 'a command for a door it has not')),
  },
  { id: 'command.lock', section: '5', must: 'ends a release on lock', judge: lock },
  { id: 'message.unknown-fields', section: '4', must: 'ignores fields it does not know', judge: unknownFields },
  { id: 'message.malformed', section: '4, 10', must: 'drops what is malformed or not sealed, and goes on', judge: malformed },
];
