import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NO_NAME } from '../../gateway/register/anonymise.ts';
import type { Revocation } from '../../gateway/register/revocations.ts';
import { type EntryLog, previewRun, type RetentionParts, runRetention } from '../../gateway/register/run-retention.ts';
import { dataRequestsOf } from '../../gateway/store/data-requests.ts';
import { type HoldSubject, holdsOf } from '../../gateway/store/holds.ts';
import { retentionOf, type RunRow } from '../../gateway/store/retention.ts';
import { addBuilding, addCard, addTenant, DAY, NOON, temporaryRegister, type TestBuilding, type TestRegister } from '../helpers/register.ts';

let here: TestRegister;
let house: TestBuilding;
let receipts: RunRow[];
let parts: RetentionParts;
let destroyed: { cutoff: number }[];
let revoked: Revocation[];

beforeEach(async () => {
  here = await temporaryRegister();
  house = await addBuilding(here);
  receipts = [];
  destroyed = [];
  revoked = [];
  const log: EntryLog = {
    due: async () => ({ due: 7, held: 2 }),
    destroy: async (cutoff) => {
      destroyed.push({ cutoff });
      return { due: 7, held: 2, done: 5 };
    },
  };
  parts = {
    register: here.register,
    store: retentionOf(here.register),
    log,
    clock: () => NOON,
    changed: async () => undefined,
    revoke: async (_db, revocations) => void revoked.push(...revocations),
    receipt: async (run) => {
      receipts.push(run);
      return 1000 + receipts.length;
    },
  };
});
afterEach(() => here.close());

const unit = (room: string): number => house.units[room] ?? 0;
const stay = async (room: string, leftDaysAgo: number | undefined): Promise<number> =>
  (await addTenant(here, { unitId: unit(room), startAt: NOON - 1500 * DAY, ...(leftDaysAgo === undefined ? {} : { accessUntil: NOON - leftDaysAgo * DAY }) })).personId;
const hold = (subject: HoldSubject, subjectId: number, caseNumber = 'A-1') =>
  holdsOf(here.register).place({ caseNumber, subject, subjectId, rangeFrom: null, rangeUntil: null, reason: 'under way', placedBy: 1, reviewAt: NOON + 30 * DAY }, NOON);
const anonymous = async (): Promise<number[]> =>
  (await here.register.read.person.findMany({ where: { anonymisedAt: { not: null } }, select: { id: true }, orderBy: { id: 'asc' } })).map(({ id }) => id);

async function go(kind: Parameters<typeof previewRun>[1]): Promise<RunRow> {
  const run = await parts.store.newRun({ kind, state: 'running', ...(await previewRun(parts, kind, NOON)) }, NOON);
  return runRetention(parts, run);
}

describe('a run over people who moved out', () => {
  test('takes who worked here and does no more, once his right is as long over; a right that runs keeps somebody who moved out', async () => {
    const { buildingId } = house;
    const right = (personId: number, untilAt: number) =>
      here.register.write((db) => db.accessGrant.create({ data: { personId, buildingId, fromAt: 0n, untilAt: BigInt(untilAt), createdAt: 0n } }));
    const worker = async (untilAt: number): Promise<number> => {
      const person = await here.register.write((db) => db.person.create({ data: { nameSealed: here.register.vault.seal('person.name', '周敏'), createdAt: 0n } }));
      await right(person.id, untilAt);
      return person.id;
    };
    const [gone] = [await worker(NOON - 731 * DAY), await worker(NOON - 729 * DAY), await worker(NOON + DAY)];
    await right(await stay('0201', 800), NOON + DAY);
    await go('departed');
    expect(await anonymous()).toEqual([gone]);
    expect(await here.register.read.accessGrant.count({ where: { personId: gone } })).toBe(0);
    const held = await worker(NOON - 800 * DAY);
    await hold('building', buildingId);
    expect([await go('departed'), await anonymous()]).toMatchObject([{ held: 1 }, [gone]]);
    expect(held).toBeGreaterThan(gone);
  });

  test('anonymises who left more than two years ago, and nobody else', async () => {
    const gone = await stay('0201', 731);
    const card = await addCard(here, { personId: gone, hex: '0A0B0C0D' });
    await here.register.write((db) => db.personTerm.create({ data: { hash: Uint8Array.from([1]), personId: gone } }));
    const account = await here.register.write((db) => db.account.create({ data: { login: '12000000001', passwordHash: 'x', role: 'TEN', personId: gone, createdAt: 0n } }));
    const [recent, living] = [await stay('0202', 729), await stay('0203', undefined)];
    const run = await go('departed');
    expect(run).toMatchObject({ state: 'done', due: 1, done: 1, held: 0, entryIndex: 1001 });
    expect(await anonymous()).toEqual([gone]);
    // In the log before it is done, so that a register restored from before is brought to it.
    expect(revoked).toEqual([{ what: 'person-forgotten', personId: gone }]);
    const row = await here.register.read.person.findUniqueOrThrow({ where: { id: gone } });
    expect(here.register.vault.open('person.name', row.nameSealed)).toBe(NO_NAME);
    expect(row).toMatchObject({
      documentSealed: null,
      documentHash: null,
      documentTail: '',
      phoneSealed: null,
      phoneHash: null,
      phoneTail: '',
      birthSealed: null,
      documentCheckedBy: '',
    });
    expect(await here.register.read.personTerm.count({ where: { personId: gone } })).toBe(0);
    expect(await here.register.read.credential.findUnique({ where: { id: card } })).toBeNull();
    expect(await here.register.read.account.findUniqueOrThrow({ where: { id: account.id } })).toMatchObject({
      login: `gone-${account.id}`,
      passwordHash: '',
      disabledAt: BigInt(NOON),
    });
    for (const id of [recent, living]) expect((await here.register.read.person.findUniqueOrThrow({ where: { id } })).phoneTail).toBe('0001');
  });

  test('a second home that goes on, a contract that runs on as holdover, and an office here keep a person', async () => {
    const twice = await stay('0201', 900);
    const tenancy = await here.register.write((db) => db.tenancy.create({ data: { unitId: unit('0301'), startAt: 0n, createdAt: 0n } }));
    await here.register.write((db) => db.occupant.create({ data: { tenancyId: tenancy.id, personId: twice, fromAt: 0n } }));
    await addTenant(here, { unitId: unit('0302'), startAt: NOON - 1500 * DAY, termEnd: NOON - 1000 * DAY });
    const landlord = await stay('0202', 900);
    await here.register.write((db) => db.account.create({ data: { login: 'chen', passwordHash: 'x', role: 'LL', personId: landlord, createdAt: 0n } }));
    expect(await previewRun(parts, 'departed', NOON)).toMatchObject({ due: 0, held: 0 });
    await go('departed');
    expect(await anonymous()).toEqual([]);
  });

  test('where a contract ends access by itself after so many days, that end counts', async () => {
    await here.register.write((db) => db.building.update({ where: { id: house.buildingId }, data: { holdoverDays: 0 } }));
    const { personId } = await addTenant(here, { unitId: unit('0302'), startAt: NOON - 1500 * DAY, termEnd: NOON - 1000 * DAY });
    await go('departed');
    expect(await anonymous()).toEqual([personId]);
  });

  test.each([
    ['person', (personId: number) => personId],
    ['unit', () => unit('0201')],
    ['building', () => house.buildingId],
  ] as const)('a hold on his %s keeps him, and the receipt says so', async (subject, idOf) => {
    const gone = await stay('0201', 800);
    await hold(subject, idOf(gone));
    expect(await go('departed')).toMatchObject({ due: 1, done: 0, held: 1 });
    expect(await anonymous()).toEqual([]);
  });

  test('a released hold keeps nobody', async () => {
    const gone = await stay('0201', 800);
    const { id } = await hold('person', gone);
    await holdsOf(here.register).release(id, { accountId: 1, note: 'over' }, NOON);
    await go('departed');
    expect(await anonymous()).toEqual([gone]);
  });

  test('an interrupted run is taken up where it was: everything due goes, the count is whole, one receipt', async () => {
    const gone = [await stay('0201', 800), await stay('0202', 800), await stay('0203', 800)];
    const run = await parts.store.newRun({ kind: 'departed', state: 'running', ...(await previewRun(parts, 'departed', NOON)) }, NOON);
    const failing = { ...parts, receipt: () => Promise.reject(new Error('the log is full')) };
    await expect(runRetention(failing, run)).rejects.toThrow('the log is full');
    expect((await parts.store.run(run.id))?.state).toBe('running');
    const [again] = await parts.store.runsIn('running');
    expect(await runRetention(parts, again ?? run)).toMatchObject({ state: 'done', due: 3, done: 3 });
    expect(await anonymous()).toEqual(gone);
    expect(receipts).toHaveLength(1);
  });
});

describe('a run over other kinds', () => {
  test('entries go by the log: its cutoff, its counts', async () => {
    const run = await go('entries');
    expect(destroyed).toEqual([{ cutoff: run.cutoff }]);
    expect(run).toMatchObject({ due: 7, done: 5, held: 2, state: 'done' });
  });

  test('requests go three years after the answer, open ones never; a held person keeps his', async () => {
    const requests = dataRequestsOf(here.register);
    const [one, other] = [await stay('0201', 10), await stay('0202', 10)];
    const old = NOON - 1100 * DAY;
    const answered = await requests.file({ kind: 'copy', personId: one, filedBy: 1, dueAt: old, text: '' }, old);
    await requests.decide(answered.id, 1, { state: 'answered', answer: 'here', decidedBy: 2 }, old);
    const open = await requests.file({ kind: 'delete', personId: one, filedBy: 1, dueAt: old, text: '' }, old);
    const kept = await requests.file({ kind: 'copy', personId: other, filedBy: 1, dueAt: old, text: '' }, old);
    await requests.decide(kept.id, 1, { state: 'answered', answer: 'here', decidedBy: 2 }, old);
    await hold('unit', unit('0202'));
    expect(await go('requests')).toMatchObject({ due: 2, done: 1, held: 1 });
    expect(await Promise.all([answered, open, kept].map(async ({ id }) => (await requests.find(id)) !== undefined))).toEqual([false, true, true]);
  });

  test('purposes of a held case stay', async () => {
    const open = (caseNumber: string) =>
      here.register.write((db) =>
        db.purpose.create({
          data: {
            accountId: 1,
            purpose: 'case',
            caseNumber,
            reasonSealed: here.register.vault.seal('purpose.reason', 'why'),
            rangeFrom: 0n,
            rangeUntil: 1n,
            openedAt: 0n,
            expiresAt: 1n,
            entryIndex: 1,
          },
        }),
      );
    const [kept, gone] = [await open('A-1'), await open('B-2')];
    await hold('building', house.buildingId, 'A-1');
    expect(await go('purposes')).toMatchObject({ due: 2, done: 1, held: 1 });
    expect((await here.register.read.purpose.findMany()).map(({ id }) => id)).toEqual([kept.id]);
    expect(gone.id).not.toBe(kept.id);
  });

  test('working copies go by their age: sessions, answers, invitations, imported rows, messages', async () => {
    const { vault } = here.register;
    await here.register.write(async (db) => {
      const account = await db.account.create({ data: { login: 'a', passwordHash: 'x', role: 'LL', createdAt: 0n } });
      for (const [n, at] of [
        [1, NOON - 40 * DAY],
        [2, NOON - 3_600_000],
      ] as const) {
        const createdAt = BigInt(at);
        await db.session.create({ data: { tokenHash: Uint8Array.from([n]), publicId: `p${n}`, accountId: account.id, createdAt, lastSeenAt: createdAt } });
        await db.invitation.create({ data: { tokenHash: Uint8Array.from([n]), accountId: account.id, createdAt, expiresAt: createdAt } });
        await db.idempotentAnswer.create({ data: { accountId: account.id, key: `k${n}`, route: 'r', bodyHash: Uint8Array.from([n]), status: 200, createdAt } });
        await db.outboxMessage.create({ data: { at: createdAt, kind: 'receipt', bodySealed: vault.seal('outbox.body', '{}') } });
        const bodySealed = vault.seal('import.body', '{}');
        await db.rosterImport.create({
          data: { buildingId: house.buildingId, fileHash: Uint8Array.from([n]), fileName: 'x', state: 'previewed', bodySealed, goodRows: 1, badRows: 0, createdAt },
        });
      }
    });
    for (const kind of ['sessions', 'invitations', 'answers', 'outbox', 'imports'] as const) expect(await go(kind), kind).toMatchObject({ due: 1, done: 1 });
    const { read } = here.register;
    expect(await Promise.all([read.session.count(), read.invitation.count(), read.idempotentAnswer.count(), read.outboxMessage.count()])).toEqual([1, 1, 1, 1]);
    expect((await read.rosterImport.findMany({ orderBy: { id: 'asc' } })).map(({ bodySealed }) => bodySealed === null)).toEqual([true, false]);
  });
});

describe('held and deleted', () => {
  test('never meet: whatever is held, wherever, a run lets go of all that is due and none of what is held', async () => {
    const rooms = ['0201', '0202', '0203', '0301', '0302', '0303'];
    const people = await Promise.all(rooms.map(async (room) => ({ room, id: await stay(room, 800) })));
    const { write } = here.register;
    const plan = fc.record({
      held: fc.array(fc.record({ subject: fc.constantFrom('person' as const, 'unit' as const), at: fc.nat(rooms.length - 1) }), { maxLength: 4 }),
      living: fc.subarray(rooms),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ held, living }) => {
        await write((db) =>
          db.$transaction([
            db.hold.deleteMany(),
            db.person.updateMany({ data: { anonymisedAt: null } }),
            db.tenancy.updateMany({ data: { accessUntil: BigInt(NOON - 800 * DAY) } }),
            db.tenancy.updateMany({ where: { unitId: { in: living.map(unit) } }, data: { accessUntil: null } }),
          ]),
        );
        for (const { subject, at } of held) await hold(subject, subject === 'person' ? (people[at]?.id ?? 0) : unit(rooms[at] ?? ''));
        await go('departed');
        const kept = new Set([...held.map(({ at }) => people[at]?.id), ...people.filter(({ room }) => living.includes(room)).map(({ id }) => id)]);
        expect(await anonymous()).toEqual(
          people
            .map(({ id }) => id)
            .filter((id) => !kept.has(id))
            .sort((a, b) => a - b),
        );
      }),
      { numRuns: 25 },
    );
  });
});

describe('a run over what was written down at doors', () => {
  const door = (tail: string): number => house.doors[tail] ?? 0;

  test('takes alarms that were acknowledged and over so long ago, with their notes; open ones and those that go on stay', async () => {
    const old = { acknowledgedAt: BigInt(NOON - 185 * DAY), endedAt: BigInt(NOON - 300 * DAY) };
    const alarm = (id: number, about: object) =>
      here.register.write((db) =>
        db.doorAlarm.create({
          data: {
            ...{ id, word: 'tamper', doorId: door('D01'), buildingId: house.buildingId, day: '2025-01-01', raisedAt: 0n, lastAt: 0n, entryIndex: 1n, ...old },
            ...{ noteSealed: here.register.vault.seal('alarm.note', '李小明看过了'), ...about },
          },
        }),
      );
    await alarm(1, {});
    await alarm(2, { acknowledgedAt: BigInt(NOON - 183 * DAY) });
    await alarm(3, { acknowledgedAt: null });
    await alarm(4, { endedAt: null });
    expect(await go('doorAlarms')).toMatchObject({ due: 1, done: 1, held: 0 });
    expect((await here.register.read.doorAlarm.findMany({ orderBy: { id: 'asc' } })).map(({ id }) => id)).toEqual([2, 3, 4]);
    await alarm(5, {});
    await hold('building', house.buildingId);
    expect(await go('doorAlarms')).toMatchObject({ held: 1, done: 0 });
  });

  test('takes a sheet three years after a later one was signed, with a photo nothing else uses; the newest stays, however old', async () => {
    const photo = async (): Promise<number> =>
      (
        await here.register.write((db) =>
          db.doorPhoto.create({ data: { doorId: door('D01'), type: 'image/png', imageSealed: here.register.vault.sealBytes('photo.image', Uint8Array.of(1)) } }),
        )
      ).id;
    const bodySealed = here.register.vault.seal('sheet.body', '{}');
    const sheet = (tail: string, version: number, daysAgo: number | null, photoId: number | null) =>
      here.register.write((db) =>
        db.commissioningSheet.create({
          data: {
            ...{ doorId: door(tail), version, state: daysAgo === null ? 'draft' : 'signed', revision: version, bodySealed, photoId, changedAt: 0n },
            signedAt: daysAgo === null ? null : BigInt(NOON - daysAgo * DAY),
          },
        }),
      );
    const [gone, shared] = [await photo(), await photo()];
    await sheet('D01', 1, 3000, gone);
    await sheet('D01', 2, 1096, shared);
    await sheet('D01', 3, 1094, shared);
    await sheet('D01', 4, null, shared);
    await sheet('D02', 1, 4000, null);
    await sheet('D02', 2, null, null);
    expect(await go('sheets')).toMatchObject({ due: 1, done: 1, held: 0 });
    const left = await here.register.read.commissioningSheet.findMany({ select: { doorId: true, version: true }, orderBy: { id: 'asc' } });
    expect(left.map(({ doorId, version }) => [doorId, version])).toEqual([
      [door('D01'), 2],
      [door('D01'), 3],
      [door('D01'), 4],
      [door('D02'), 1],
      [door('D02'), 2],
    ]);
    expect((await here.register.read.doorPhoto.findMany()).map(({ id }) => id)).toEqual([shared]);
  });
});
