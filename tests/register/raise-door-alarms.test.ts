import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OFFLINE_MS } from '../../gateway/core/door-alarms.ts';
import { BuildingId, DoorId } from '../../gateway/core/ids.ts';
import { createAlarmFollower } from '../../gateway/http/alarm-follower.ts';
import type { DoorState } from '../../gateway/doors/link.ts';
import { NO_PERSON } from '../../gateway/journal/entry.ts';
import { type AlarmChange, raiseAlarms } from '../../gateway/register/raise-door-alarms.ts';
import { doorAlarmsOf, type DoorAlarmRow } from '../../gateway/store/door-alarms.ts';
import type { Register } from '../../gateway/store/register.ts';
import { FakeJournal } from '../helpers/fake-journal.ts';
import { addBuilding, NOON, temporaryRegister, type TestBuilding, type TestRegister } from '../helpers/register.ts';
import { stateOf } from '../http/fixture.ts';

let here: TestRegister;
let building: TestBuilding;
let journal: FakeJournal;
const time = { now: NOON };
const states: DoorState[] = [];
const told: AlarmChange[] = [];
const errors: unknown[] = [];
beforeEach(async () => {
  here = await temporaryRegister();
  building = await addBuilding(here);
  journal = new FakeJournal();
  time.now = NOON;
  for (const list of [states, told, errors]) list.length = 0;
});
afterEach(() => here.close());

const door = (tail = 'D01'): number => building.doors[tail] ?? 0;
const place = (tail = 'D01') => ({ buildingId: BuildingId(building.buildingId), doorId: DoorId(door(tail)) });
const happens = (what: string, tail = 'D01') => journal.add({ kind: 'door', what, gatewayTime: time.now, ...place(tail) });
const link = (what: string, why = '') => journal.add({ kind: 'link', what, gatewayTime: time.now, ...place() }, { ...NO_PERSON, words: why });
const follower = (register: Register = here.register, from: Pick<FakeJournal, 'last' | 'happened'> = journal) =>
  createAlarmFollower({
    ...{ register, journal: from, states: () => states, clock: () => time.now },
    changed: (changes) => void told.push(...changes),
    onError: (error) => void errors.push(error),
  });
const all = async (): Promise<DoorAlarmRow[]> => [...(await doorAlarmsOf(here.register).page({ filter: 'all', limit: 200 }))].sort((a, b) => a.entryIndex - b.entryIndex);
const words = async (): Promise<string[]> => (await all()).map(({ word, count, endedAt }) => `${word} ×${count}${endedAt === null ? ' on' : ''}`);

/** A desk side that has been here before: a new one begins at the end of the log. */
async function following(): Promise<ReturnType<typeof follower>> {
  const made = follower();
  await made.tick();
  return made;
}

describe('happenings become alarms', () => {
  test('only what somebody must look at does', async () => {
    const made = await following();
    for (const what of ['exit', 'opened', 'closed', 'lockdown', 'first-in', 'power-back']) happens(what);
    for (const what of ['forced', 'held', 'tamper', 'contact-fault', 'power-lost', 'battery-low', 'clock-jump', 'pin-tries', 'duress', 'reader-lost', 'fire']) happens(what);
    link('boot', 'started');
    link('refused', 'bad seal');
    link('boot', 'new-instance');
    link('refused', 'osdp-swapped');
    happens('channel');
    await made.tick();
    expect(await words()).toEqual([
      ...['forced ×1 on', 'held ×1 on', 'tamper ×1 on', 'contact-fault ×1 on', 'power-lost ×1 on', 'battery-low ×1 on'],
      ...['clock-jump ×1', 'pin-tries ×1', 'duress ×1', 'reader-lost ×1 on', 'fire ×1 on', 'new-instance ×1', 'channel ×1'],
    ]);
  });

  test('the opposite word ends it at that door, and it stays listed', async () => {
    const made = await following();
    happens('forced');
    happens('forced', 'D02');
    happens('tamper');
    time.now += 60_000;
    happens('closed');
    await made.tick();
    expect(await words()).toEqual(['forced ×1', 'forced ×1 on', 'tamper ×1 on']);
    expect((await all())[0]).toMatchObject({ raisedAt: NOON, endedAt: NOON + 60_000, acknowledgedAt: null });
    expect(await doorAlarmsOf(here.register).page({ filter: 'open', limit: 9 })).toHaveLength(3);
  });

  test('the same again counts up and is on again; once acknowledged it is a new one', async () => {
    const made = await following();
    for (const what of ['held', 'closed', 'held']) happens(what);
    await made.tick();
    expect(await words()).toEqual(['held ×2 on']);
    const alarms = doorAlarmsOf(here.register);
    const [first] = await all();
    expect(await alarms.acknowledge(first?.id ?? 0, { by: null, note: '关上了', now: NOON })).toBe(true);
    happens('closed');
    happens('held');
    await made.tick();
    expect(await words()).toEqual(['held ×2', 'held ×1 on']);
    expect(await alarms.acknowledge(first?.id ?? 0, { by: null, note: 'again', now: NOON })).toBe(false);
  });

  test('what a door tells afterwards has the time of the door', async () => {
    const made = await following();
    journal.add({ kind: 'door', what: 'forced', gatewayTime: NOON, deviceTime: NOON - 3_600_000, offline: true, ...place() });
    await made.tick();
    expect(await all()).toMatchObject([{ raisedAt: NOON - 3_600_000 }]);
  });
});

describe('a controller that is offline', () => {
  test('is an alarm after ten minutes, ended when it is back', async () => {
    const made = await following();
    link('offline', 'silent');
    time.now += OFFLINE_MS - 1;
    await made.tick();
    expect(await words()).toEqual([]);
    time.now += 1;
    await made.tick();
    await made.tick();
    expect(await words()).toEqual(['offline ×1 on']);
    link('online');
    await made.tick();
    expect(await words()).toEqual(['offline ×1']);
  });

  test('and back in time is none, also when the log was not told that it came back', async () => {
    const made = await following();
    link('offline');
    link('online');
    time.now += OFFLINE_MS;
    await made.tick();
    link('offline');
    time.now += OFFLINE_MS;
    states.push(stateOf(door()));
    await made.tick();
    expect(await words()).toEqual([]);
    states.length = 0;
    link('offline');
    time.now += OFFLINE_MS;
    await made.tick();
    states.push(stateOf(door()));
    await made.tick();
    expect(await words()).toEqual(['offline ×1']);
  });

  test('from before the desk side was started has ten minutes to come back; one that is retired is missed by nobody', async () => {
    await following();
    link('offline');
    await (await following()).tick();
    time.now += OFFLINE_MS * 6;
    const made = await following();
    expect(await words()).toEqual([]);
    await here.register.write((db) => db.doorController.updateMany({ data: { retiredAt: NOON } }));
    time.now += OFFLINE_MS;
    await made.tick();
    expect(await words()).toEqual([]);
  });
});

describe('following the log', () => {
  test('a new follower begins at the end; one that comes back where the last one was', async () => {
    happens('tamper');
    await following();
    expect(await words()).toEqual([]);
    happens('forced');
    await following();
    expect(await words()).toEqual(['forced ×1 on']);
    await following();
    expect(await words()).toEqual(['forced ×1 on']);
  });

  test('stopped before, in or after any write, each entry counts once', async () => {
    await following();
    for (let n = 0; n < 4; n += 1) happens('tamper');
    // Each write of the register is cut off once: before it, or after it was done and nobody heard of it.
    for (const when of ['before', 'after'] as const) {
      let cut = false;
      const write: Register['write'] = async (work) => {
        if (cut) throw new Error('stopped');
        cut = true;
        if (when === 'after') await here.register.write(work);
        throw new Error('stopped');
      };
      await expect(follower({ ...here.register, write }).tick()).rejects.toThrow('stopped');
      expect(await words()).toEqual(when === 'before' ? [] : ['tamper ×4 on']);
    }
    await following();
    expect(await words()).toEqual(['tamper ×4 on']);
  });

  test('two followers at once raise nothing twice', async () => {
    await following();
    happens('tamper');
    const entries = journal.since(0, 9);
    const both = await Promise.all([raiseAlarms(here.register, { entries, upTo: 1 }), raiseAlarms(here.register, { entries, upTo: 1 })]);
    expect(both.map(({ length }) => length)).toEqual([1, 0]);
    expect(await words()).toEqual(['tamper ×1 on']);
  });

  test('a failing statement leaves neither the alarm nor the place in the log behind', async () => {
    await following();
    happens('tamper');
    await here.register.write((db) => db.$executeRawUnsafe(`CREATE TRIGGER "stop" BEFORE UPDATE ON "FollowedLog" BEGIN SELECT RAISE(ABORT, 'stopped'); END`));
    await expect(following()).rejects.toThrow();
    expect(await words()).toEqual([]);
    await here.register.write((db) => db.$executeRawUnsafe('DROP TRIGGER "stop"'));
    await following();
    expect(await words()).toEqual(['tamper ×1 on']);
  });

  test('goes on by hints, in pieces, past thousands of taps', async () => {
    const made = await following();
    for (let n = 0; n < 1200; n += 1) journal.add({ kind: 'access', ...place() });
    happens('tamper');
    made.onDurable();
    happens('tamper');
    made.onDurable();
    await expect.poll(words).toEqual(['tamper ×2 on']);
    expect(errors).toEqual([]);
    expect(told.filter(({ raised }) => raised)).toEqual([{ word: 'tamper', doorId: door(), raised: true }]);
  });

  test('a log that came from an older backup is followed from its end', async () => {
    for (let n = 0; n < 5; n += 1) happens('exit');
    await following();
    journal.entries.length = 2;
    await following();
    happens('tamper');
    await following();
    expect(await words()).toEqual(['tamper ×1 on']);
  });
});
