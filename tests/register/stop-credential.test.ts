import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ControllerId } from '../../gateway/core/ids.ts';
import { openIndexSource } from '../../gateway/store/index-source.ts';
import { doorsOfCard } from '../../gateway/store/card-doors.ts';
import { cardStopsOf } from '../../gateway/store/card-stops.ts';
import { missedRevocations, neededChange, replayRevocations } from '../../gateway/register/replay-revocations.ts';
import { createRevoke, readAgainEntry, undoneEntry } from '../../gateway/register/revocations.ts';
import { type Stopping, stopCredential, UNDO_MS, undoStop } from '../../gateway/register/stop-credential.ts';
import { FakeJournal } from '../helpers/fake-journal.ts';
import { addBuilding, addCard, addTenant, DAY, NOON, temporaryRegister, type TestBuilding, type TestRegister } from '../helpers/register.ts';

let here: TestRegister;
let house: TestBuilding;
let journal: FakeJournal;
let personId: number;
let card: number;
beforeEach(async () => {
  here = await temporaryRegister();
  house = await addBuilding(here);
  journal = new FakeJournal();
  ({ personId } = await addTenant(here, { unitId: house.units['0503'] ?? 0 }));
  card = await addCard(here, { personId, hex: '0A0B0C0D' });
});
afterEach(() => here.close());

const revoke = createRevoke({ append: async (entry) => ({ index: journal.store(entry), duplicate: false }) }, () => NOON);
const END = NOON + 9 * DAY;
const stop = (about: Partial<Stopping> = {}): Promise<number> =>
  stopCredential(here.register, {
    credentialId: card,
    reason: 'lost',
    accountId: 7,
    keepsOnlyKey: false,
    now: NOON,
    standing: () => ({ seen: true, holds: 'list', latestAt: END }),
    revoke: (...args) => revoke(...args),
    ...about,
  });
const undo = (stopId: number, about: { accountId?: number; now?: number } = {}): Promise<void> => undoStop(here.register, { stopId, accountId: 7, now: NOON + 1, ...about });
const statusOf = async (id: number): Promise<string> => (await here.register.read.credential.findUniqueOrThrow({ where: { id } })).status;
const doorNames = (ids: readonly number[]): string[] => Object.keys(house.doors).filter((name) => ids.includes(house.doors[name] ?? 0));

/** The log is told of the undoing, as the tracker does. */
const tellUndone = (at: number): number => journal.store(undoneEntry({ credentialId: card, at }, { personId, by: 7, now: at + 1 }));

describe('stopping a card', () => {
  test('stops it, remembers its doors and the change that lists must cover, and is in the log before', async () => {
    const id = await stop();
    const row = await cardStopsOf(here.register).find(id);
    expect([await statusOf(card), doorNames(row?.doors.map(({ doorId }) => doorId) ?? [])]).toEqual(['revoked', ['D01', 'D02', 'D04']]);
    expect(row).toMatchObject({ personId, tail: '0C0D', reason: 'lost', stoppedAt: NOON, stoppedBy: 7, undoneAt: null, homes: [{ room: '0503', buildingId: house.buildingId }] });
    const newest = (await here.register.read.change.findFirstOrThrow({ orderBy: { n: 'desc' } })).n;
    expect(await cardStopsOf(here.register).open(id)).toEqual(row?.doors.map(({ doorId }) => ({ stopId: id, doorId, changeN: newest, byGateway: false, latestAt: END })));
    expect(journal.entries).toMatchObject([{ event: { what: 'credential-stopped' }, person: { credentialId: card, personId, accountId: 7 } }]);
  });

  test('keeps it when the log takes nothing', async () => {
    await expect(stop({ revoke: () => Promise.reject(new Error('disk full')) })).rejects.toThrow('disk full');
    expect([await statusOf(card), await here.register.read.cardStop.count()]).toEqual(['active', 0]);
  });

  test('twice is once; one stopped in another way has no receipt', async () => {
    const id = await stop();
    expect([await stop({ now: NOON + 5 }), journal.entries.length]).toEqual([id, 1]);
    const other = await addCard(here, { personId, hex: '0A0B0C0E', status: 'revoked' });
    await expect(stop({ credentialId: other })).rejects.toMatchObject({ why: 'stopped' });
    await expect(stop({ credentialId: 999 })).rejects.toMatchObject({ why: 'missing' });
  });

  test("a landlord does not take somebody's only key, unless it is lost or there is another", async () => {
    await expect(stop({ reason: 'misused', keepsOnlyKey: true })).rejects.toMatchObject({ why: 'only-key' });
    expect([await statusOf(card), journal.entries.length]).toEqual(['active', 0]);
    const carer = await addCard(here, { personId, hex: '0A0B0C0E' });
    await here.register.write((db) => db.credential.update({ where: { id: carer }, data: { kind: 'carer' } }));
    await expect(stop({ reason: 'misused', keepsOnlyKey: true }), 'his carer has hers with her').rejects.toMatchObject({ why: 'only-key' });
    await addCard(here, { personId, hex: '0A0B0C0F' });
    await stop({ reason: 'misused', keepsOnlyKey: true });
    expect(await statusOf(card)).toBe('revoked');
  });

  test('a door without a controller, or whose controller nothing was ever enrolled as, is waited for by nobody', async () => {
    await here.register.write((db) => db.door.update({ where: { id: house.doors['D02'] ?? 0 }, data: { controllerId: null } }));
    const seen = house.doors['D01'];
    const id = await stop({ standing: (doorId) => ({ seen: doorId === seen, holds: 'list', latestAt: END }) });
    const row = await cardStopsOf(here.register).find(id);
    expect(row?.doors.map(({ doorId, holds }) => [doorNames([doorId])[0], holds])).toEqual([
      ['D01', 'list'],
      ['D02', 'none'],
      ['D04', 'none'],
    ]);
    expect((await cardStopsOf(here.register).open()).map(({ doorId }) => doorNames([doorId])[0])).toEqual(['D01']);
  });

  test('a stock card is found by its building, one of somebody who left by the home he had', async () => {
    const left = await addTenant(here, { unitId: house.units['0201'] ?? 0, accessUntil: NOON - DAY });
    const stock = await addCard(here, { personId: null, hex: '01020304' });
    await here.register.write((db) => db.credential.update({ where: { id: stock }, data: { buildingId: house.buildingId } }));
    const stops = cardStopsOf(here.register);
    const [ofStock, ofLeft] = [await stop({ credentialId: stock }), await stop({ credentialId: await addCard(here, { personId: left.personId, hex: '01020305' }) })];
    expect(await stops.find(ofStock)).toMatchObject({ personId: null, doors: [], homes: [{ unitId: 0, buildingId: house.buildingId, room: '' }] });
    expect(await stops.find(ofLeft)).toMatchObject({ doors: [], homes: [{ room: '0201' }] });
  });
});

test('the doors of a card are those whose lists have it', async () => {
  const second = await addTenant(here, { unitId: house.units['0302'] ?? 0 });
  const gone = await addTenant(here, { unitId: house.units['0302'] ?? 0, accessUntil: NOON - 1 });
  const unchecked = await addTenant(here, { unitId: house.units['0201'] ?? 0, checkedBy: '' });
  const coming = await addTenant(here, { unitId: house.units['0201'] ?? 0, startAt: NOON + DAY });
  const [cleaner, formerly] = [
    await addTenant(here, { unitId: house.units['0201'] ?? 0, accessUntil: NOON - DAY }),
    await addTenant(here, { unitId: house.units['0201'] ?? 0, accessUntil: NOON - DAY }),
  ];
  await here.register.write((db) =>
    db.accessGrant.createMany({
      data: [
        { personId: cleaner.personId, buildingId: house.buildingId, fromAt: NOON - DAY, createdAt: NOON },
        { personId: formerly.personId, buildingId: house.buildingId, fromAt: NOON - DAY, untilAt: NOON, createdAt: NOON },
        { personId: gone.personId, buildingId: house.buildingId, fromAt: NOON + 1, createdAt: NOON },
      ],
    }),
  );
  const hex = ['11', '12', '13', '14', '15', '16'];
  const cards = await Promise.all([second, gone, unchecked, coming, cleaner, formerly].map((who, at) => addCard(here, { personId: who.personId, hex: `000000${hex[at]}` })));
  const source = openIndexSource(here.file);
  for (const id of [card, ...cards]) {
    const listed = Object.entries(house.controllers).flatMap(([device, controller]) =>
      source.listRows(ControllerId(controller), NOON).some(({ credentialId }) => credentialId === id) ? [house.doors[device.slice(-3).toUpperCase()] ?? 0] : [],
    );
    const asked = await here.register.write((db) => doorsOfCard(db, id, NOON, () => true));
    expect(asked.map(({ doorId }) => doorId)).toEqual(listed);
    if (id === cards[4]) expect(listed.length, 'the shared doors').toBeGreaterThan(0);
  }
  source.close();
});

describe('undoing a stop', () => {
  test('gives the card back within ten seconds, to nobody but who stopped it, and once', async () => {
    const id = await stop();
    await expect(undo(id, { accountId: 8 })).rejects.toMatchObject({ why: 'not-yours' });
    await expect(undo(id, { now: NOON + UNDO_MS })).rejects.toMatchObject({ why: 'over' });
    await expect(undo(id, { now: NOON - 1 })).rejects.toMatchObject({ why: 'over' });
    await expect(undo(id + 1)).rejects.toMatchObject({ why: 'missing' });
    expect(await statusOf(card)).toBe('revoked');
    await undo(id, { now: NOON + UNDO_MS - 1 });
    expect([await statusOf(card), await cardStopsOf(here.register).open()]).toEqual(['active', []]);
    await expect(undo(id)).rejects.toMatchObject({ why: 'over' });
  });

  test('a card that went to somebody else meanwhile is not given back by it', async () => {
    const id = await stop();
    const other = await addTenant(here, { unitId: house.units['0201'] ?? 0 });
    await here.register.write((db) => db.credential.update({ where: { id: card }, data: { personId: other.personId } }));
    await undo(id);
    expect(await statusOf(card)).toBe('revoked');
  });
});

describe('a register that was put back from before', () => {
  const replay = async (): Promise<number> => replayRevocations(here.register, missedRevocations(journal, { n: 0 }), NOON);
  const giveBack = (): Promise<unknown> => here.register.write((db) => db.credential.update({ where: { id: card }, data: { status: 'active' } }));

  test('stops the card again', async () => {
    await stop();
    await giveBack();
    expect([await replay(), await statusOf(card)]).toEqual([1, 'revoked']);
  });

  test('has a receipt of what it stopped again, which waits for every door that may hold a list of the lost register', async () => {
    const doorsOf = async (stopId: number) => (await cardStopsOf(here.register).find(stopId))?.doors ?? [];
    await here.register.write((db) => db.doorController.update({ where: { id: house.controllers['yc42-d01'] ?? 0 }, data: { enrolledAt: 1n } }));
    const before = await doorsOf(await stop());
    await here.register.write((db) => db.cardStop.deleteMany());
    await giveBack();
    await here.register.write((db) => db.door.update({ where: { id: house.doors['D01'] ?? 0 }, data: { openMs: 6000 } }));
    expect([await replay(), await replay()]).toEqual([1, 0]);
    const again = await here.register.read.cardStop.findFirstOrThrow({ where: { credentialId: card }, include: { homes: true } });
    const { n } = await here.register.read.change.findFirstOrThrow({ orderBy: { n: 'desc' } });
    expect(again).toMatchObject({ personId, tail: '0C0D', reason: 'again', stoppedAt: BigInt(NOON), stoppedBy: 0, changeN: n, undoneAt: null });
    expect(again.homes.map(({ unitId }) => unitId)).toEqual([house.units['0503']]);
    const doors = await doorsOf(again.id);
    expect(doors.map(({ doorId }) => doorId)).toEqual(before.map(({ doorId }) => doorId));
    expect(doors.map(({ holds, latestAt }) => [holds, latestAt])).toEqual([
      ['list', NOON + 30 * DAY],
      ['none', null],
      ['none', null],
    ]);
  });

  test('ends again the right of somebody who works there, with a receipt, and never later than it ended', async () => {
    const { buildingId } = house;
    const grant = await here.register.write((db) => db.accessGrant.create({ data: { personId, buildingId, fromAt: 0n, untilAt: BigInt(NOON + DAY), createdAt: 0n, duty: true } }));
    const about = { grantId: grant.id, personId } as const;
    const untilAt = async () => (await here.register.read.accessGrant.findUniqueOrThrow({ where: { id: grant.id } })).untilAt;
    const carryOut = (until: number, at?: number) => replayRevocations(here.register, [{ what: 'grant-ended', ...about, until, ...(at === undefined ? {} : { at }) }], NOON + 5);
    expect([await carryOut(NOON + 2 * DAY), await carryOut(NOON + 1000), await here.register.read.cardStop.count()]).toEqual([0, 1, 0]);
    expect([await carryOut(NOON, NOON), await carryOut(NOON, NOON), await untilAt()]).toEqual([1, 0, BigInt(NOON)]);
    expect(await here.register.read.cardStop.findFirstOrThrow({ include: { homes: true } })).toMatchObject({
      grantId: grant.id,
      personId,
      reason: 'again',
      homes: [{ unitId: 0, buildingId }],
    });
    expect(await replayRevocations(here.register, [{ what: 'grant-duty-ended', ...about }], NOON)).toBe(1);
    expect((await here.register.read.accessGrant.findUniqueOrThrow({ where: { id: grant.id } })).duty).toBe(false);
  });

  test('leaves it alone when the stop was undone, however often', async () => {
    for (const at of [NOON, NOON + 100_000]) {
      await undo(await stop({ now: at }), { now: at + 1 });
      tellUndone(at);
    }
    expect([await replay(), await statusOf(card)]).toEqual([0, 'active']);
  });

  test('stops it when it was stopped again after the undoing, also when the log heard of the undoing late', async () => {
    await undo(await stop());
    await stop({ now: NOON + 50_000 });
    tellUndone(NOON);
    await giveBack();
    expect(missedRevocations(journal, { n: 0 })).toEqual([{ what: 'credential-stopped', credentialId: card, personId, at: NOON + 50_000 }]);
    expect([await replay(), await statusOf(card)]).toEqual([1, 'revoked']);
  });

  test('asks for no older change because of an undoing: a stop of another card after it is still missed', async () => {
    const other = await addCard(here, { personId, hex: '0A0B0C1D' });
    const id = await stop();
    await stop({ credentialId: other });
    const needed = neededChange(journal);
    await undo(id);
    tellUndone(NOON);
    expect(neededChange(journal)).toBe(needed);
    expect(missedRevocations(journal, { n: needed - 1 })).toMatchObject([{ credentialId: other }]);
    journal.store(readAgainEntry(1, 500, NOON));
    expect(missedRevocations(journal, { n: 500 })).toEqual([]);
  });
});

test('whoever is forgotten takes his stops along', async () => {
  await stop();
  await replayRevocations(here.register, [{ what: 'person-forgotten', personId }], NOON);
  expect([await here.register.read.cardStop.count(), await here.register.read.cardStopDoor.count(), await here.register.read.cardStopHome.count()]).toEqual([0, 0, 0]);
});
