import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AccessIndex, createAccessIndex } from '../../gateway/core/access-index.ts';
import { decide } from '../../gateway/core/decide.ts';
import { ControllerId, DoorId } from '../../gateway/core/ids.ts';
import { applyChange, type IndexSource, openIndexSource } from '../../gateway/store/index-source.ts';
import type { WriteDb } from '../../gateway/store/register.ts';
import { addBuilding, addCard, addTenant, DAY, NOON, type TestBuilding, type TestRegister, temporaryRegister } from '../helpers/register.ts';

let made: TestRegister;
let building: TestBuilding;
let source: IndexSource;
const unit = (room: string): number => building.units[room] ?? 0;
const door = (tail: string): DoorId => DoorId(building.doors[tail] ?? 0);
const controller = (id: string): ControllerId => ControllerId(building.controllers[id] ?? 0);
const print = (hex: string): Uint8Array => made.register.vault.fingerprint({ bits: 32, hex });

beforeEach(async () => {
  made = await temporaryRegister();
  building = await addBuilding(made);
  source = openIndexSource(made.file);
});
afterEach(async () => {
  source.close();
  await made.close();
});

/** Pulls like the door side does, and returns where it stands. */
function pull(from: IndexSource, index: AccessIndex, after: number, limit = 1000): number {
  for (let n = after; ; ) {
    const found = from.changesSince(n, limit);
    expect(found.gap).toBe(false);
    for (const change of found.changes) applyChange(index, change);
    n = found.n;
    if (!found.more) return n;
  }
}

const reason = (index: AccessIndex, doorId: DoorId, hex: string): string => decide(index.facts(doorId, print(hex)), NOON).reason;

describe('loading', () => {
  test('a tenant’s card opens the street and the own door, by facts straight from the register', async () => {
    const { personId, tenancyId } = await addTenant(made, { unitId: unit('0302'), registrationState: 'pending', registrationDue: NOON - DAY });
    const cardId = await addCard(made, { personId, hex: '1A2B3C4D' });
    const index = createAccessIndex();
    expect(source.load(index)).toBe(source.lastN());
    expect(['D01', 'D02', 'D03', 'D04'].map((tail) => reason(index, door(tail), '1A2B3C4D'))).toEqual(['OK', 'OK', 'OK', 'WRONG_DOOR']);
    const { credential, occupancies } = index.facts(door('D01'), print('1A2B3C4D'));
    expect(credential).toEqual({ id: cardId, status: 'active', validFrom: 0, validUntil: 0, personId });
    const start = NOON - 30 * DAY;
    expect(occupancies).toEqual([
      { tenancyId, unitId: unit('0302'), buildingId: building.buildingId, from: start, accessUntil: 0, termEnd: start + 365 * DAY, registrationDue: NOON - DAY },
    ]);
  });

  test.each([
    ['moved out', { accessUntil: NOON - 1000 }, 'LEASE_ENDED'],
    ['not moved in yet', { startAt: NOON + DAY }, 'NOT_YET_VALID'],
    ['nobody saw the document', { checkedBy: '' }, 'NOT_REGISTERED'],
    ['an end so early that it might read as none', { accessUntil: 0 }, 'LEASE_ENDED'],
    ['an accepted registration has no due date', { registrationState: 'accepted', registrationDue: NOON - DAY }, 'OK'],
  ])('%s', async (_what, stay, expected) => {
    const { personId } = await addTenant(made, { unitId: unit('0201'), ...stay });
    await addCard(made, { personId, hex: '1A2B3C4D' });
    const index = createAccessIndex();
    source.load(index);
    expect(reason(index, door('D01'), '1A2B3C4D')).toBe(expected);
    expect(decide(index.facts(door('D01'), print('1A2B3C4D')), NOON).note).toBeUndefined();
  });

  test('the earlier end counts when the occupant and the tenancy each have one', async () => {
    const { personId } = await addTenant(made, { unitId: unit('0201'), accessUntil: NOON + 2 * DAY });
    const endOf = async (untilAt: number | null) => {
      await made.register.write((db) => db.occupant.updateMany({ where: { personId }, data: { untilAt } }));
      const index = createAccessIndex();
      source.load(index);
      return index.facts(door('D01'), print('1A2B3C4D')).occupancies[0]?.accessUntil;
    };
    await addCard(made, { personId, hex: '1A2B3C4D' });
    expect(await endOf(null)).toBe(NOON + 2 * DAY);
    expect(await endOf(NOON + DAY)).toBe(NOON + DAY);
    expect(await endOf(NOON + 3 * DAY)).toBe(NOON + 2 * DAY);
  });

  test('more rows than fit a page all come, and a tenancy that lies across two pages stays whole', async () => {
    const count = 2500;
    const numbers = `WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < ${count})`;
    await made.register.write((db) =>
      db.$transaction([
        db.$executeRawUnsafe(`${numbers} INSERT INTO "Person" ("id", "nameSealed", "documentCheckedBy", "createdAt") SELECT i, x'00', 'clerk', 0 FROM s`),
        db.$executeRawUnsafe(`${numbers} INSERT INTO "Tenancy" ("id", "unitId", "startAt", "createdAt") SELECT i, 1 + i % 12, 1000, 0 FROM s WHERE i <= 500`),
        // Gaps in the numbers too: every third person has no home.
        db.$executeRawUnsafe(`${numbers} INSERT INTO "Occupant" ("tenancyId", "personId", "fromAt") SELECT 1 + i / 5, i, 1000 FROM s WHERE i % 3 > 0 AND i < ${count}`),
        db.$executeRawUnsafe(
          `${numbers} INSERT INTO "Credential" ("id", "fingerprint", "valueSealed", "tail", "personId", "createdAt") SELECT i * 7, unhex(printf('%024x', i)), x'00', '', i, 0 FROM s`,
        ),
      ]),
    );
    const index = createAccessIndex();
    source.load(index);
    expect(index.credentials).toBe(count);
    const print = (i: number): Uint8Array => Buffer.from(i.toString(16).padStart(24, '0'), 'hex');
    const facts = (i: number) => index.facts(door('D01'), print(i));
    for (let i = 1; i < count; i += 1) {
      const { credential, person, occupancies } = facts(i);
      expect([credential?.id, person?.id, occupancies.map((occupancy) => occupancy.tenancyId)]).toEqual([i * 7, i, i % 3 === 0 ? [] : [1 + Math.floor(i / 5)]]);
    }
  });

  test('a card with a word of status nobody knows opens nothing', async () => {
    const { personId } = await addTenant(made, { unitId: unit('0201') });
    await addCard(made, { personId, hex: '1A2B3C4D', status: 'blessed' });
    const index = createAccessIndex();
    source.load(index);
    expect(reason(index, door('D01'), '1A2B3C4D')).toBe('SUSPENDED');
  });
});

const ROOMS = ['0201', '0302', '0503'];
const CARDS = ['1A2B3C4D', '0A0B0C0D', '5C5D5E5F', '00000001'];

/** Small edits of a register with a few people and cards, each by two numbers it picks its rows and values with. */
const EDITS: readonly ((db: WriteDb, a: number, b: number) => Promise<unknown>)[] = [
  (db, a, b) => db.credential.updateMany({ where: { id: a }, data: { status: ['active', 'revoked', 'suspended'][b % 3] ?? '' } }),
  (db, a, b) => db.credential.updateMany({ where: { id: a }, data: { personId: b % 4 === 0 ? null : b } }),
  (db, a, b) => db.credential.updateMany({ where: { id: a }, data: { validUntil: b === 0 ? null : NOON + (b - 2) * DAY } }),
  (db, a) => db.credential.deleteMany({ where: { id: a } }),
  (db, a, b) => db.person.updateMany({ where: { id: a }, data: { documentCheckedBy: b % 2 ? 'clerk' : '', slow: b > 2 } }),
  (db, a, b) => db.tenancy.updateMany({ where: { id: a }, data: { accessUntil: b === 0 ? null : NOON + (b - 2) * DAY } }),
  (db, a, b) => db.tenancy.updateMany({ where: { id: a }, data: { termEnd: NOON + (b - 2) * DAY } }),
  (db, a, b) => db.tenancy.updateMany({ where: { id: a }, data: { unitId: b + 1 } }),
  (db, a, b) => db.occupant.updateMany({ where: { id: a }, data: { untilAt: b === 0 ? null : NOON + (b - 2) * DAY } }),
  (db, a) => db.occupant.deleteMany({ where: { id: a } }),
  (db, a, b) => db.door.updateMany({ where: { id: a }, data: { lockdownUntil: b % 2 === 1 ? NOON : null, passbackMinutes: b, openMs: 1000 * (b + 1) } }),
  (db, _a, b) => db.building.updateMany({ data: { holdoverDays: b === 0 ? null : b } }),
];

describe('changes', () => {
  /** Everything an index says, about every card at every door; the order of occupancies carries no meaning. */
  const answers = (index: AccessIndex, prints: readonly Uint8Array[]) =>
    prints.flatMap((fingerprint) =>
      Object.values(building.doors).map((id) => {
        const facts = index.facts(DoorId(id), fingerprint);
        return { ...facts, occupancies: [...facts.occupancies].sort((one, other) => one.tenancyId - other.tenancyId) };
      }),
    );

  async function followsEdits(edits: readonly (readonly [number, number, number])[], limit: number): Promise<void> {
    const fresh = await temporaryRegister();
    const people = await addBuilding(fresh);
    const fromFresh = openIndexSource(fresh.file);
    for (const [at, room] of ROOMS.entries()) {
      const { personId } = await addTenant(fresh, { unitId: people.units[room] ?? 0 });
      await addCard(fresh, { personId, hex: CARDS[at] ?? '' });
    }
    await addCard(fresh, { personId: null, hex: CARDS[3] ?? '' });
    const [kept, anew] = [createAccessIndex(), createAccessIndex()];
    const n = fromFresh.load(kept);
    for (const [which, a, b] of edits) await fresh.register.write(async (db) => EDITS[which]?.(db, a, b));
    const now = pull(fromFresh, kept, n, limit);
    expect(fromFresh.load(anew)).toBe(now);
    const prints = CARDS.map((hex) => fresh.register.vault.fingerprint({ bits: 32, hex }));
    expect(answers(kept, prints)).toEqual(answers(anew, prints));
    expect(kept.credentials).toBe(anew.credentials);
    fromFresh.close();
    await fresh.close();
  }

  test('after any edits, an index kept up by changes answers as one loaded anew', async () => {
    const edit = fc.tuple(fc.nat(EDITS.length - 1), fc.integer({ min: 1, max: 4 }), fc.nat(4));
    await fc.assert(fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 5 }), followsEdits), { numRuns: 25 });
  }, 60_000);

  test('a card that comes, changes hands and goes is followed', async () => {
    const { personId } = await addTenant(made, { unitId: unit('0201') });
    const index = createAccessIndex();
    let n = source.load(index);
    const cardId = await addCard(made, { personId: null, hex: '5C5D5E5F' });
    const step = async (data: object): Promise<string> => {
      await made.register.write((db) => db.credential.update({ where: { id: cardId }, data }));
      n = pull(source, index, n);
      return reason(index, door('D01'), '5C5D5E5F');
    };
    n = pull(source, index, n);
    expect(reason(index, door('D01'), '5C5D5E5F')).toBe('NOT_REGISTERED');
    expect(await step({ personId })).toBe('OK');
    expect(await step({ status: 'revoked' })).toBe('REVOKED');
    await made.register.write((db) => db.credential.delete({ where: { id: cardId } }));
    n = pull(source, index, n);
    expect(reason(index, door('D01'), '5C5D5E5F')).toBe('UNKNOWN_CREDENTIAL');
    expect(source.changesSince(n, 10)).toEqual({ n, changes: [], more: false, gap: false });
  });

  test('a row that changed often comes once, and a limit leaves the rest for later', async () => {
    const cardId = await addCard(made, { personId: null, hex: '5C5D5E5F' });
    const before = source.lastN();
    for (const status of ['revoked', 'active', 'suspended']) await made.register.write((db) => db.credential.update({ where: { id: cardId }, data: { status } }));
    expect(source.changesSince(before, 10)).toMatchObject({ n: before + 3, more: false, changes: [{ entity: 'credential', id: cardId, row: { status: 'suspended' } }] });
    expect(source.changesSince(before, 2)).toMatchObject({ n: before + 2, more: true });
  });

  test('changes cleared before they were read are a gap; so is a register older than the question', async () => {
    await addCard(made, { personId: null, hex: '5C5D5E5F' });
    const last = source.lastN();
    await made.register.write((db) => db.change.deleteMany({ where: { n: { lt: last } } }));
    expect(source.changesSince(last - 2, 10).gap).toBe(true);
    expect(source.changesSince(last - 1, 10).gap).toBe(false);
    await made.register.write((db) => db.change.deleteMany());
    expect(source.changesSince(last - 1, 10).gap).toBe(true);
    expect(source.changesSince(last, 10).gap).toBe(false);
    expect(source.changesSince(last + 1, 10).gap).toBe(true);
  });
});

describe('controllers and their lists', () => {
  test('controllers come with their site, sealed secret and doors', () => {
    const [first, ...others] = source.fitted().controllers;
    expect(first).toMatchObject({ deviceId: 'yc42-d01', site: 'yc42', retired: false, doors: [{ number: 1, doorId: door('D01'), openMs: 5000 }] });
    expect([...made.register.vault.openBytes('controller.secret', first?.secretSealed ?? new Uint8Array())]).toEqual(Array(32).fill(1));
    expect(others).toHaveLength(3);
  });

  const listed = (device: string): string[] =>
    source
      .listRows(controller(device), NOON)
      .map(
        ({ valueSealed, doors, until }) =>
          `${Buffer.from(made.register.vault.openBytes('credential.value', valueSealed)).toString('hex')} ${doors} ${until === 0 ? 'none' : (until - NOON) / DAY}`,
      );

  test('a home’s door lists who lives there, a shared door everybody in the building', async () => {
    const a = await addTenant(made, { unitId: unit('0302') });
    const b = await addTenant(made, { unitId: unit('0503'), accessUntil: NOON + DAY });
    await addCard(made, { personId: a.personId, hex: '1A2B3C4D' });
    await addCard(made, { personId: b.personId, hex: '1F00ABCDEF', bits: 40 });
    expect(listed('yc42-d01')).toEqual(['201a2b3c4d 1 none', '281f00abcdef 1 1']);
    expect(listed('yc42-d03')).toEqual(['201a2b3c4d 1 none']);
    expect(listed('yc42-d04')).toEqual(['281f00abcdef 1 1']);
  });

  test('several doors of one controller are bits of one row; different ends make a row each', async () => {
    await made.register.write((db) => db.door.update({ where: { id: door('D03') }, data: { controllerId: controller('yc42-d01'), number: 3 } }));
    const { personId } = await addTenant(made, { unitId: unit('0302') });
    await addCard(made, { personId, hex: '1A2B3C4D' });
    expect(listed('yc42-d01')).toEqual(['201a2b3c4d 5 none']);
    await made.register.write(async (db) => {
      await db.tenancy.updateMany({ data: { accessUntil: NOON + DAY } });
      const tenancy = await db.tenancy.create({ data: { unitId: unit('0201'), startAt: NOON - DAY, createdAt: NOON } });
      await db.occupant.create({ data: { tenancyId: tenancy.id, personId, fromAt: NOON - DAY } });
    });
    expect(listed('yc42-d01')).toEqual(['201a2b3c4d 4 1', '201a2b3c4d 1 none']);
  });

  const rowsAt = (device: string) => source.listRows(controller(device), NOON).map(({ doors, until, schedule, flags }) => ({ doors, until, schedule, flags }));

  test('somebody who works here is listed at shared doors, with the schedule, the end and the duty of each right', async () => {
    const { personId } = await addTenant(made, { unitId: unit('0302'), accessUntil: NOON - DAY });
    await addCard(made, { personId, hex: '1A2B3C4D' });
    await made.register.write(async (db) => {
      const { siteId } = await db.building.findUniqueOrThrow({ where: { id: building.buildingId } });
      const { id: scheduleId } = await db.accessSchedule.create({ data: { siteId, number: 7, name: 'day', week: JSON.stringify(Array.from({ length: 8 }, () => [[480, 1320]])) } });
      const right = { personId, buildingId: building.buildingId, fromAt: NOON, createdAt: NOON };
      await db.accessGrant.createMany({
        data: [
          { ...right, scheduleId, untilAt: NOON + DAY },
          { ...right, duty: true },
          { ...right, fromAt: NOON + 1 },
          { ...right, untilAt: NOON },
        ],
      });
      await db.person.update({ where: { id: personId }, data: { slow: true } });
    });
    expect(rowsAt('yc42-d01')).toEqual([
      { doors: 1, until: NOON + DAY, schedule: 7, flags: 1 },
      { doors: 1, until: 0, schedule: 0, flags: 3 },
    ]);
    expect(rowsAt('yc42-d03')).toEqual([]);
    const [found] = source.fitted().controllers;
    expect(found?.schedules).toEqual([{ number: 7, plan: Array.from({ length: 8 }, () => [[480, 1320]]) }]);
    const index = createAccessIndex();
    source.load(index);
    const [grant, duty] = index.facts(DoorId(door('D01')), made.register.vault.fingerprint({ bits: 32, hex: '1A2B3C4D' })).grants;
    expect([grant?.plan?.length, grant?.until, duty?.plan, duty?.duty]).toEqual([8, NOON + DAY, undefined, true]);
  });

  test('hours that cannot be read are good for none', async () => {
    for (const week of [
      '',
      '[]',
      '[[[1,2]]]',
      JSON.stringify(Array.from({ length: 8 }, () => [[5, 5]])),
      JSON.stringify(Array.from({ length: 8 }, () => [[0, 1441]])),
      '{"a":1}',
    ]) {
      await made.register.write(async (db) => {
        const { siteId } = await db.building.findUniqueOrThrow({ where: { id: building.buildingId } });
        await db.accessSchedule.upsert({ where: { siteId_number: { siteId, number: 1 } }, create: { siteId, number: 1, name: 'x', week }, update: { week } });
      });
      expect(source.fitted().controllers[0]?.schedules, week).toEqual([{ number: 1, plan: [] }]);
    }
  });

  test('a PIN is in no list: it works online alone', async () => {
    const { personId } = await addTenant(made, { unitId: unit('0302') });
    await addCard(made, { personId, hex: '1A2B3C4D' });
    await made.register.write((db) => db.credential.updateMany({ data: { tech: 'PIN' } }));
    expect(listed('yc42-d01')).toEqual([]);
  });

  /** One tenant of 0302 with a card, and what is changed about them: does the street door still list the card? */
  const OUT: readonly (readonly [string, (db: WriteDb) => Promise<unknown>])[] = [
    ['revoked', (db) => db.credential.updateMany({ data: { status: 'revoked' } })],
    ['past its last day', (db) => db.credential.updateMany({ data: { validUntil: NOON } })],
    ['before its first day', (db) => db.credential.updateMany({ data: { validFrom: NOON + 1 } })],
    ['of somebody whose document nobody saw', (db) => db.person.updateMany({ data: { documentCheckedBy: '' } })],
    ['of nobody', (db) => db.credential.updateMany({ data: { personId: null } })],
    ['of a tenancy that has ended', (db) => db.tenancy.updateMany({ data: { accessUntil: NOON } })],
    ['of an occupant who moved out', (db) => db.occupant.updateMany({ data: { untilAt: NOON } })],
    ['of a tenancy to come', (db) => db.tenancy.updateMany({ data: { startAt: NOON + 1 } })],
    ['of an occupant to come', (db) => db.occupant.updateMany({ data: { fromAt: NOON + 1 } })],
    ['beyond the days of holding over', (db) => db.$transaction([db.tenancy.updateMany({ data: { termEnd: NOON - DAY } }), db.building.updateMany({ data: { holdoverDays: 1 } })])],
  ];
  test.each(OUT)('a card %s is not listed', async (_what, change) => {
    const { personId } = await addTenant(made, { unitId: unit('0302') });
    await addCard(made, { personId, hex: '1A2B3C4D' });
    expect(listed('yc42-d01')).toHaveLength(1);
    await made.register.write(change);
    expect(listed('yc42-d01')).toEqual([]);
  });

  test('a contract that ran out ends nothing by itself; with days of holding over it ends after them', async () => {
    const { personId } = await addTenant(made, { unitId: unit('0302'), termEnd: NOON - DAY });
    await addCard(made, { personId, hex: '1A2B3C4D' });
    expect(listed('yc42-d01')).toEqual(['201a2b3c4d 1 none']);
    await made.register.write((db) => db.building.updateMany({ data: { holdoverDays: 3 } }));
    expect(listed('yc42-d01')).toEqual(['201a2b3c4d 1 2']);
  });
});
