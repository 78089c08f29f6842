import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DoorId } from '../../gateway/core/ids.ts';
import type { DoorState } from '../../gateway/doors/link.ts';
import { type CardStopTracker, createCardStopTracker } from '../../gateway/http/card-stop-tracker.ts';
import type { NewEntry } from '../../gateway/journal/entry.ts';
import { missedRevocations } from '../../gateway/register/replay-revocations.ts';
import { createRevoke } from '../../gateway/register/revocations.ts';
import { stopCredential, undoStop } from '../../gateway/register/stop-credential.ts';
import { type CardStops, cardStopsOf, type StopDoorRow } from '../../gateway/store/card-stops.ts';
import { FakeJournal } from '../helpers/fake-journal.ts';
import { addBuilding, addCard, addTenant, DAY, NOON, temporaryRegister, type TestBuilding, type TestRegister } from '../helpers/register.ts';
import { stateOf } from './fixture.ts';

let here: TestRegister;
let house: TestBuilding;
let journal: FakeJournal;
let stops: CardStops;
let tracker: CardStopTracker;
let now: number;
let card: number;
let errors: unknown[];
let states: DoorState[];
/** What the log answers; replaced by tests of a log that fails. */
let append: (entry: NewEntry) => Promise<{ index: number; duplicate: false }>;
const END = NOON + 9 * DAY;

const store = async (entry: NewEntry) => ({ index: journal.store(entry), duplicate: false as const });
const start = (): CardStopTracker =>
  createCardStopTracker({
    stops,
    journal,
    doorSide: { append: (entry) => append(entry), states: () => states },
    doorList: { of: () => undefined },
    clock: () => now,
    onError: (error) => void errors.push(error),
  });
beforeEach(async () => {
  here = await temporaryRegister();
  house = await addBuilding(here);
  stops = cardStopsOf(here.register);
  [journal, now, errors, states, append] = [new FakeJournal(), NOON, [], [], store];
  const { personId } = await addTenant(here, { unitId: house.units['0503'] ?? 0 });
  card = await addCard(here, { personId, hex: '0A0B0C0D' });
  tracker = start();
});
afterEach(() => here.close());

const street = (): number => house.doors['D01'] ?? 0;
const home = (): number => house.doors['D04'] ?? 0;

/** Stops the card; the change lists must cover. */
async function stopped(): Promise<{ id: number; n: number }> {
  const revoke = createRevoke({ append: store }, () => now);
  const standing = () => ({ seen: true, holds: 'list', latestAt: END }) as const;
  const id = await stopCredential(here.register, { credentialId: card, reason: 'lost', accountId: 7, keepsOnlyKey: false, now, standing, revoke });
  await tracker.begin(id);
  return { id, n: (await stops.open(id))[0]?.changeN ?? 0 };
}

const door = (doorId: number, about: Partial<DoorState>): DoorState => ({ ...stateOf(1), doorId: DoorId(doorId), ...about });
const rowOf = async (id: number, doorId: number): Promise<StopDoorRow | undefined> => (await stops.find(id))?.doors.find((row) => row.doorId === doorId);
const said = (what: string): object[] => journal.entries.filter(({ event }) => event.what === what);

/** Everything that was heard is written. */
const settled = async (): Promise<void> => {
  await tracker.catchUp();
  await tracker.catchUp();
};

describe('a door of a stopped card', () => {
  test('is confirmed at the moment it acknowledges a list that covers the stop, with one entry', async () => {
    const { id, n } = await stopped();
    tracker.heard([door(street(), { have: '1.3', want: '1.3', covers: n - 1 })]);
    tracker.heard([door(street(), { have: '1.3', want: `1.${n}`, covers: n })]);
    await settled();
    expect([(await rowOf(id, street()))?.confirmedAt, said('card-stop-confirmed')]).toEqual([null, []]);
    now = NOON + 740;
    for (let again = 0; again < 3; again++) tracker.heard([door(street(), { have: `1.${n}`, want: `1.${n}`, covers: n })]);
    await settled();
    now = NOON + 9000;
    tracker.heard([door(street(), { have: `1.${n}`, want: `1.${n}`, covers: n + 5 })]);
    await settled();
    expect(await rowOf(id, street())).toMatchObject({ confirmedAt: NOON + 740 });
    expect(said('card-stop-confirmed')).toMatchObject([{ event: { kind: 'register', doorId: street(), list: `1.${n}`, gatewayTime: NOON + 740 }, person: { credentialId: card } }]);
    expect((await stops.open()).map(({ doorId }) => doorId)).not.toContain(street());
  });

  test('on a serial line is confirmed once the gateway itself goes by the stop: it holds no list, online or not', async () => {
    await here.register.write(async (db) => {
      const controllerId = house.controllers['yc42-d01'] ?? 0;
      await db.serialLine.create({ data: { controllerId, port: '/dev/ttyTEST1' } });
    });
    const { id, n } = await stopped();
    expect(await rowOf(id, street())).toMatchObject({ holds: 'gateway', latestAt: null, confirmedAt: null });
    const serial = { have: '', want: '', online: false };
    tracker.heard([door(street(), { ...serial, covers: n - 1 })]);
    tracker.heard([door(home(), { ...serial, covers: n })]);
    await settled();
    expect([(await rowOf(id, street()))?.confirmedAt, (await rowOf(id, home()))?.confirmedAt]).toEqual([null, null]);
    now = NOON + 12;
    tracker.heard([door(street(), { ...serial, covers: n })]);
    await settled();
    expect(await rowOf(id, street())).toMatchObject({ confirmedAt: NOON + 12 });
    expect(said('card-stop-confirmed')).toMatchObject([{ event: { doorId: street(), list: '' } }]);
  });

  test('that is offline stays unconfirmed, with the end it was last told of a list that has the card', async () => {
    const { id, n } = await stopped();
    const offline = { online: false, have: '1.3', want: '1.3', covers: n - 1 };
    tracker.heard([door(home(), { ...offline, listUntil: END - 5 })]);
    await settled();
    expect(await rowOf(id, home())).toMatchObject({ confirmedAt: null, latestAt: END });
    tracker.heard([door(home(), { ...offline, listUntil: END + 60_000 })]);
    await settled();
    expect(await rowOf(id, home())).toMatchObject({ confirmedAt: null, latestAt: END + 60_000 });
    // The end of the list without the card is not the end of the one it holds.
    tracker.heard([door(home(), { ...offline, want: `1.${n}`, covers: n, listUntil: END + 90_000 })]);
    await settled();
    expect(await rowOf(id, home())).toMatchObject({ confirmedAt: null, latestAt: END + 60_000 });
  });

  test('is confirmed by a list of a newer epoch, and not by one it got from elsewhere', async () => {
    const { id, n } = await stopped();
    tracker.heard([door(street(), { have: '1.900', want: `1.${n}`, covers: n })]);
    tracker.heard([door(street(), { have: '1.900', want: `2.${n}`, covers: n })]);
    await settled();
    expect(await rowOf(id, street())).toMatchObject({ confirmedAt: null });
    tracker.heard([door(street(), { have: `2.${n}`, want: `2.${n}`, covers: n })]);
    await settled();
    expect(await rowOf(id, street())).toMatchObject({ confirmedAt: NOON });
  });

  test('is confirmed while newer lists keep coming that it has no time to take', async () => {
    const { id, n } = await stopped();
    tracker.heard([door(street(), { have: '1.3', want: `1.${n}`, covers: n })]);
    tracker.heard([door(street(), { have: `1.${n}`, want: `1.${n + 4}`, covers: n + 4 })]);
    await settled();
    expect(await rowOf(id, street())).toMatchObject({ confirmedAt: NOON });
  });

  test('is waited for again after a restart of the desk side, also when nothing about it changes', async () => {
    const { id, n } = await stopped();
    tracker = start();
    states = [door(street(), { have: `1.${n}`, want: `1.${n}`, covers: n })];
    await settled();
    expect(await rowOf(id, street())).toMatchObject({ confirmedAt: NOON });
    expect([said('card-stop-confirmed').length, errors]).toEqual([1, []]);
  });
});

describe('a log that fails', () => {
  const acknowledge = (n: number): void => tracker.heard([door(street(), { have: `1.${n}`, want: `1.${n}`, covers: n })]);

  test('is told later, once', async () => {
    const { n } = await stopped();
    append = () => Promise.reject(new Error('disk full'));
    acknowledge(n);
    await settled();
    expect([said('card-stop-confirmed').length, errors.length > 0]).toEqual([0, true]);
    append = store;
    await settled();
    expect(said('card-stop-confirmed')).toHaveLength(1);
  });

  test('that took the entry and could not say so is not told again, also after a restart', async () => {
    const { n } = await stopped();
    append = async (entry) => {
      await store(entry);
      throw new Error('no answer');
    };
    acknowledge(n);
    await settled();
    [tracker, append] = [start(), store];
    await settled();
    expect(said('card-stop-confirmed')).toHaveLength(1);
  });
});

describe('a stop that was undone', () => {
  test('is waited for no more, is in the log once, and is not carried out again', async () => {
    const { id, n } = await stopped();
    await undoStop(here.register, { stopId: id, accountId: 7, now: NOON + 3000 });
    await tracker.end(id);
    tracker.heard([door(street(), { have: `1.${n}`, want: `1.${n}`, covers: n })]);
    tracker = start();
    await settled();
    expect([await rowOf(id, street()), said('card-stop-confirmed')]).toMatchObject([{ confirmedAt: null }, []]);
    expect(said('card-stop-undone')).toMatchObject([{ event: { gatewayTime: NOON + 3000 }, person: { credentialId: card, accountId: 7, words: `at=${NOON}` } }]);
    expect(missedRevocations(journal, { n: 0 })).toEqual([]);
  });

  test('is told to the log at the next start when it was not before', async () => {
    const { id } = await stopped();
    await undoStop(here.register, { stopId: id, accountId: 7, now: NOON + 3000 });
    tracker = start();
    await settled();
    expect(said('card-stop-undone')).toHaveLength(1);
  });
});

test('two hundred doors are written in a few turns, each with its entry', async () => {
  await here.register.write(async (db) => {
    for (let at = 0; at < 200; at++)
      await db.door.create({
        data: { code: `extra-${at}`, buildingId: house.buildingId, kind: 'gate', name: `门 ${at}`, controllerId: house.controllers['yc42-d01'] ?? 0, number: 10 + at },
      });
  });
  const { id, n } = await stopped();
  const open = await stops.open(id);
  tracker.heard(open.map(({ doorId }) => door(doorId, { have: `1.${n}`, want: `1.${n}`, covers: n })));
  await settled();
  expect([open.length, (await stops.open(id)).length, said('card-stop-confirmed').length]).toEqual([203, 0, 203]);
});
