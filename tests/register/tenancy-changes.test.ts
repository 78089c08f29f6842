import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { moveOut, takeMoveOutBack } from '../../gateway/register/move-out.ts';
import { decideMoveOut, objectToMoveOut } from '../../gateway/register/objection.ts';
import { missedRevocations, replayRevocations } from '../../gateway/register/replay-revocations.ts';
import { createRevoke, createTakeBack } from '../../gateway/register/revocations.ts';
import { FakeJournal } from '../helpers/fake-journal.ts';
import { addBuilding, addCard, addTenant, DAY, NOON, temporaryRegister, type TestBuilding, type TestRegister } from '../helpers/register.ts';

let here: TestRegister;
let house: TestBuilding;
let journal: FakeJournal;
let now: number;
beforeEach(async () => {
  here = await temporaryRegister();
  house = await addBuilding(here);
  journal = new FakeJournal();
  now = NOON;
});
afterEach(() => here.close());

const port = { append: async (entry: Parameters<FakeJournal['store']>[0]) => ({ index: journal.store(entry), duplicate: false as const }) };
const by = () => ({
  accountId: 7,
  now,
  standing: () => ({ seen: true, holds: 'list' as const, latestAt: now + DAY }),
  revoke: createRevoke(port, () => now),
  takeBack: createTakeBack(port, () => now),
  note: async (words: string) => words,
});
const leave = (tenancyId: number, about: { personId?: number; day?: string; own?: boolean } = {}): Promise<number> =>
  moveOut(here.register, { ...by(), tenancyId, personId: about.personId ?? null, day: about.day, own: about.own ?? false });

describe('a register from before a move-out', () => {
  let tenancyId: number;
  let personId: number;
  beforeEach(async () => {
    ({ tenancyId, personId } = await addTenant(here, { unitId: house.units['0302'] ?? 0 }));
    await addCard(here, { personId, hex: '0A0B0C0D' });
  });
  const readAgain = () => replayRevocations(here.register, missedRevocations(journal, { n: 0 }), now);
  /** What the backup had: nobody moved out yet. */
  const restore = () =>
    here.register.write(async (db) => {
      await db.moveOut.deleteMany();
      await db.cardStop.deleteMany();
      await db.tenancy.updateMany({ data: { accessUntil: null, endedBy: '' } });
      await db.occupant.updateMany({ data: { untilAt: null } });
    });
  const ends = async () => (await here.register.read.tenancy.findUniqueOrThrow({ where: { id: tenancyId } })).accessUntil;

  test('keeps the access away, with a receipt; and who lives there may still object', async () => {
    await leave(tenancyId);
    await restore();
    now += DAY;
    expect([await readAgain(), await readAgain(), await ends()]).toEqual([1, 0, BigInt(NOON)]);
    const [row] = await here.register.read.moveOut.findMany();
    expect(row).toMatchObject({ tenancyId, statedAt: BigInt(NOON), statedBy: 0, undoneAt: null });
    expect(await here.register.read.cardStop.findFirstOrThrow({ include: { doors: true } })).toMatchObject({ id: row?.stopId, reason: 'again', doors: [{}, {}, {}] });
    await objectToMoveOut(here.register, row?.id ?? 0, { ...by(), personId });
    expect(await ends()).toBeNull();
  });

  test('leaves out what was taken back or objected to, and carries out what was decided', async () => {
    await takeMoveOutBack(here.register, await leave(tenancyId), by());
    now += 1000;
    const id = await leave(tenancyId);
    await objectToMoveOut(here.register, id, { ...by(), personId });
    await restore();
    expect([await readAgain(), await ends()]).toEqual([0, null]);
    now += 1000;
    await objectToMoveOut(here.register, await leave(tenancyId), { ...by(), personId });
    const [last] = await here.register.read.moveOut.findMany({ orderBy: { id: 'desc' } });
    await decideMoveOut(here.register, last?.id ?? 0, { ...by(), ends: true, basis: 'x', at: NOON + 16 * 3_600_000 });
    await restore();
    expect([await readAgain(), await ends()]).toEqual([1, BigInt(NOON + 16 * 3_600_000)]);
    expect(await here.register.read.moveOut.findFirstOrThrow()).toMatchObject({ decision: 'ends', decidedBy: 0 });
  });

  test('also of one person', async () => {
    const wife = await here.register.write((db) => db.person.create({ data: { nameSealed: here.register.vault.seal('person.name', '王芳'), createdAt: NOON } }));
    await here.register.write((db) => db.occupant.create({ data: { tenancyId, personId: wife.id, fromAt: NOON - DAY } }));
    await leave(tenancyId, { personId: wife.id });
    await restore();
    expect([await readAgain(), await ends()]).toEqual([1, null]);
    expect(await here.register.read.occupant.findFirstOrThrow({ where: { personId: wife.id } })).toMatchObject({ untilAt: BigInt(NOON) });
  });
});
