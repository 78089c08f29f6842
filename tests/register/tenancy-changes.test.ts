import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAccessIndex } from '../../gateway/core/access-index.ts';
import { decide } from '../../gateway/core/decide.ts';
import { DoorId } from '../../gateway/core/ids.ts';
import { dateAt } from '../../gateway/core/local-date.ts';
import { addOccupant } from '../../gateway/register/add-occupant.ts';
import { beginTenancy } from '../../gateway/register/begin-tenancy.ts';
import { extendTenancy, undoExtension } from '../../gateway/register/extend-tenancy.ts';
import { moveOut, takeMoveOutBack } from '../../gateway/register/move-out.ts';
import { decideMoveOut, objectToMoveOut } from '../../gateway/register/objection.ts';
import { missedRevocations, replayRevocations } from '../../gateway/register/replay-revocations.ts';
import { createRevoke, createTakeBack } from '../../gateway/register/revocations.ts';
import { RuleRefused } from '../../gateway/register/rule-refused.ts';
import { applyChange, openIndexSource } from '../../gateway/store/index-source.ts';
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

/** Numbers as a generator of the same seed always gives them (mulberry32). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const hexOf = (n: number): string => (0x10203000 + n).toString(16).toUpperCase();
const newcomer = (n: number) => ({
  role: 'tenant' as const,
  relation: '' as const,
  name: `住户${n}`,
  phone: '',
  documentType: '414',
  documentNumber: `X${1_000_000 + n}`,
  checked: true,
  cards: [hexOf(n)],
});

/** Who opens which door, worked out from the rows alone: `card@door`. */
async function naive(): Promise<Set<string>> {
  const { read } = here.register;
  const stays = await read.occupant.findMany({ include: { tenancy: { include: { unit: true } }, person: { include: { credentials: true } } } });
  const doors = await read.door.findMany();
  const open = new Set<string>();
  for (const { fromAt, untilAt, tenancy, person } of stays) {
    const runs = tenancy.startAt <= now && fromAt <= now && (tenancy.accessUntil === null || tenancy.accessUntil > now) && (untilAt === null || untilAt > now);
    if (!runs || person.documentCheckedBy === '') continue;
    const own = doors.filter(({ unitId, buildingId }) => buildingId === tenancy.unit.buildingId && (unitId === null || unitId === tenancy.unitId));
    for (const { tail, status } of person.credentials) if (status === 'active') for (const door of own) open.add(`${tail}@${door.id}`);
  }
  return open;
}

test('after any changes of tenancies the access index is what the rows say, and nobody enters by one that is over', async () => {
  const random = randomFrom(20261124);
  const source = openIndexSource(here.file);
  const index = createAccessIndex();
  let n = source.load(index);
  let people = 0;
  const another = (): number => {
    people += 1;
    return people;
  };
  const rooms = Object.values(house.units);
  const done = { changes: 0, opens: 0 };

  async function change(): Promise<unknown> {
    const { read } = here.register;
    const tenancies = await read.tenancy.findMany({ include: { occupants: true } });
    const said = await read.moveOut.findMany({ include: { tenancy: { include: { occupants: true } } } });
    const [tenancy, moved] = [tenancies[random(tenancies.length + 1)], said[said.length - 1 - random(4)]];
    const who = tenancy?.occupants[random(3)]?.personId;
    const kind = random(10);
    if (kind <= 2 || tenancy === undefined) {
      const wish = { unitId: rooms[random(rooms.length)] ?? 0, within: undefined, now, kind: 'rent' as const, endMinute: 720, share: random(3) === 0 };
      return beginTenancy(here.register, { ...wish, firstDay: dateAt(now + random(3) * DAY), lastDay: dateAt(now + 40 * DAY), people: [newcomer(another())] }, by().note);
    }
    if (kind <= 4)
      return addOccupant(
        here.register,
        { tenancyId: tenancy.id, firstDay: dateAt(now), within: undefined, now, person: newcomer(random(2) === 0 ? another() : 1 + random(people)) },
        by().note,
      );
    if (kind === 5) {
      const was = { id: tenancy.id, termEnd: Number(tenancy.termEnd), accessUntil: tenancy.accessUntil === null ? null : Number(tenancy.accessUntil), endedBy: tenancy.endedBy };
      await extendTenancy(here.register, was, by());
      return random(2) === 0 ? undoExtension(here.register, tenancy.id, by()) : undefined;
    }
    if (kind <= 7)
      return leave(tenancy.id, { ...(who === undefined ? {} : { personId: who }), ...(random(2) === 0 ? { day: dateAt(now + random(2) * DAY) } : {}), own: random(4) === 0 });
    if (moved === undefined) return undefined;
    if (kind === 8)
      return random(2) === 0 ? takeMoveOutBack(here.register, moved.id, by()) : decideMoveOut(here.register, moved.id, { ...by(), ends: random(2) === 0, basis: 'x' });
    return objectToMoveOut(here.register, moved.id, { ...by(), personId: moved.personId ?? moved.tenancy.occupants[0]?.personId ?? 0 });
  }

  async function compare(): Promise<void> {
    const { changes, n: upTo } = source.changesSince(n, 100_000);
    for (const each of changes) applyChange(index, each);
    n = upTo;
    const expected = await naive();
    const over = new Set((await here.register.read.tenancy.findMany({ where: { accessUntil: { lte: now } } })).map(({ id }) => id));
    const open = new Set<string>();
    for (let card = 1; card <= people; card += 1) {
      for (const door of Object.values(house.doors)) {
        const verdict = decide(index.facts(DoorId(door), here.register.vault.fingerprint({ bits: 32, hex: hexOf(card) })), now);
        if (!verdict.granted) continue;
        open.add(`${hexOf(card).slice(-4)}@${door}`);
        expect(over.has(Number(verdict.occupancy?.tenancyId))).toBe(false);
      }
    }
    expect([...open].sort()).toEqual([...expected].sort());
    done.opens += open.size;
  }

  while (done.changes < 1000) {
    await change().then(
      () => {
        done.changes += 1;
      },
      (error: unknown) => {
        if (!(error instanceof RuleRefused)) throw error;
      },
    );
    // Whole seconds: the index keeps no finer times.
    now += random(3) === 0 ? random(36) * 3_600_000 : 1000;
    if (done.changes % 50 === 0) await compare();
  }
  await compare();
  source.close();
  expect(done.opens).toBeGreaterThan(1000);
}, 240_000);

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
