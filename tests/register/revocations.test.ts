import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { NewEntry, StoredEntry } from '../../gateway/journal/entry.ts';
import { forgetPerson } from '../../gateway/register/anonymise.ts';
import { missedRevocations, neededChange, replayRevocations } from '../../gateway/register/replay-revocations.ts';
import { createRevoke, notedIn, readAgainEntry, type Revocation, revocationEntry } from '../../gateway/register/revocations.ts';
import { FakeJournal } from '../helpers/fake-journal.ts';
import { addBuilding, addCard, addTenant, DAY, NOON, temporaryRegister, type TestBuilding, type TestRegister } from '../helpers/register.ts';

const EVERY: readonly Revocation[] = [
  { what: 'credential-stopped', credentialId: 5 },
  { what: 'credential-stopped', credentialId: 5, personId: 6 },
  { what: 'credential-stopped', credentialId: 5, personId: 6, at: NOON },
  { what: 'tenancy-ended', tenancyId: 7, unitId: 8, until: NOON },
  { what: 'occupant-left', tenancyId: 7, personId: 6, until: NOON },
  { what: 'person-forgotten', personId: 6 },
  { what: 'account-closed', accountId: 9 },
  { what: 'assignment-ended', assignmentId: 10, until: NOON },
  { what: 'grant-ended', grantId: 11, personId: 6, until: NOON + DAY },
  { what: 'grant-ended', grantId: 11, personId: 6, until: NOON, at: NOON },
  { what: 'grant-duty-ended', grantId: 11, personId: 6 },
];

let here: TestRegister;
let house: TestBuilding;
let journal: FakeJournal;
beforeEach(() => {
  journal = new FakeJournal();
});

/** For tests that write to a register; making one takes its time. */
function onRegister(): void {
  beforeEach(async () => {
    here = await temporaryRegister();
    house = await addBuilding(here);
  });
  afterEach(() => here.close());
}

const store = (entry: NewEntry): number => journal.store(entry);
const note = (revocation: Revocation, n: number): number => store(revocationEntry(revocation, { n, by: 1, now: NOON }));
const missed = (about: Parameters<typeof missedRevocations>[1]) => missedRevocations(journal, about);
const replay = (...revocations: Revocation[]) => replayRevocations(here.register, revocations, NOON);

describe('a revocation in the log', () => {
  test.each(EVERY)('$what comes back from its entry as it was', (revocation) => {
    const entry = revocationEntry(revocation, { n: 41, by: 3, now: NOON });
    expect(notedIn(entry)).toEqual({ n: 41, revocation });
    expect([entry.person.accountId, entry.person.words.length <= 120]).toEqual([3, true]);
  });

  test('other entries say nothing was taken away', () => {
    const entry = { ...revocationEntry({ what: 'person-forgotten', personId: 1 }, { n: 1, by: 0, now: NOON }) };
    const others: Pick<StoredEntry, 'event' | 'person'>[] = [
      { ...entry, event: { ...entry.event, kind: 'audit' } },
      { ...entry, event: { ...entry.event, what: 'import' } },
    ];
    expect(others.map(notedIn)).toEqual([undefined, undefined]);
  });

  test('the newest says which change the register must have', () => {
    expect(neededChange(journal)).toBe(0);
    for (const n of [3, 8, 20]) note({ what: 'person-forgotten', personId: n }, n);
    expect(neededChange(journal)).toBe(20);
    store(readAgainEntry(3, 5, NOON));
    expect(neededChange(journal)).toBe(5);
  });

  test('those a register of an earlier change lacks are found, oldest first, also over hundreds of other entries', () => {
    for (let n = 1; n <= 900; n += 1) {
      if (n % 3 === 0) note({ what: 'person-forgotten', personId: n }, n);
      else
        store({
          event: { ...revocationEntry({ what: 'person-forgotten', personId: n }, { n, by: 0, now: NOON }).event, what: 'import' },
          person: readAgainEntry(0, 0, NOON).person,
        });
    }
    expect(missed({ n: 885 }).map((each) => Object(each).personId)).toEqual([888, 891, 894, 897, 900]);
    expect(missed({ n: 0, after: 900 - 10 }).map((each) => Object(each).personId)).toEqual(expect.arrayContaining([894, 897, 900]));
    expect(missed({ n: 900 })).toEqual([]);
    expect(missed({ n: 0 })).toHaveLength(300);
  });

  test('after a restore the numbers of the time that was lost do not count any more', () => {
    note({ what: 'person-forgotten', personId: 1 }, 500);
    store(readAgainEntry(1, 100, NOON));
    note({ what: 'person-forgotten', personId: 2 }, 120);
    expect(missed({ n: 110 })).toEqual([{ what: 'person-forgotten', personId: 2 }]);
    expect(missed({ n: 130 })).toEqual([]);
    expect(missed({ n: 90 })).toHaveLength(2);
  });
});

test('no other file of the gateway changes or deletes what lets somebody in: a new one notes what it takes away, or says here why it need not', () => {
  const changes = /\b(?:credential|tenancy|occupant|accessGrant)\.(?:update|delete|upsert)|(?:UPDATE|DELETE FROM) "(?:Credential|Tenancy|Occupant|AccessGrant)"/;
  const files = readdirSync('gateway', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts') && !file.startsWith('store/generated/'));
  expect(files.filter((file) => changes.test(readFileSync(path.join('gateway', file), 'utf8'))).sort()).toEqual([
    'register/add-occupant.ts', // brings somebody back to his place; takes nothing away
    'register/anonymise.ts', // noted by those who call it: forgetPerson and the retention run
    'register/card-found.ts', // gives back what a stop took; noted, with the stop as undone
    'register/card-pin.ts', // a PIN opens nothing without its card, and an older one that a backup brings back is the holder's own
    'register/end-work.ts', // notes it
    'register/extend-tenancy.ts', // a later end; taking it back within ten seconds leaves what stood there before
    'register/give-card.ts', // gives a card of the stock to somebody; takes nothing away
    'register/move-out.ts', // notes it; gives back only what it took
    'register/newcomers.ts', // gives a card of the stock to somebody; takes nothing away
    'register/register-residence.ts', // how far a registration is: no door goes by it
    'register/replay-revocations.ts', // carries out what was noted
    'register/roster-flip.ts', // gives a card of the stock to somebody; takes nothing away
    'register/stop-again.ts', // carries out what was noted
    'register/stop-credential.ts', // notes it
    'register/work-card.ts', // gives a card of the stock to somebody; takes nothing away
    'register/work-grants.ts', // notes an earlier end, and who is on duty no more
  ]);
});

describe('noting', () => {
  onRegister();

  test('comes before the write, and a log that takes nothing keeps the register as it is', async () => {
    const { personId } = await addTenant(here, { unitId: house.units['0201'] ?? 0, accessUntil: NOON - 900 * DAY });
    const broken = createRevoke({ append: () => Promise.reject(new Error('disk full')) }, () => NOON);
    const forgetting = { recordDays: 184, now: NOON, by: 4 };
    await expect(forgetPerson(here.register, personId, { ...forgetting, revoke: broken })).rejects.toThrow('disk full');
    expect((await here.register.read.person.findUniqueOrThrow({ where: { id: personId } })).anonymisedAt).toBeNull();

    let before: bigint | null | undefined;
    const revoke = createRevoke(
      {
        append: async (entry) => {
          before = (await here.register.read.person.findUniqueOrThrow({ where: { id: personId } })).anonymisedAt;
          return { index: store(entry), duplicate: false };
        },
      },
      () => NOON,
    );
    expect(await forgetPerson(here.register, personId, { ...forgetting, revoke })).toBeUndefined();
    expect(before).toBeNull();
    expect(journal.entries.map(({ event, person }) => [event.kind, event.what, person.personId, person.accountId])).toEqual([['register', 'person-forgotten', personId, 4]]);
  });

  test('somebody who must be kept is not noted as forgotten', async () => {
    const { personId } = await addTenant(here, { unitId: house.units['0201'] ?? 0 });
    const revoke = createRevoke({ append: async (entry) => ({ index: store(entry), duplicate: false }) }, () => NOON);
    expect(await forgetPerson(here.register, personId, { recordDays: 184, now: NOON, by: 1, revoke })).toBe('lives');
    expect(journal.entries).toEqual([]);
  });
});

describe('carrying out again', () => {
  onRegister();

  test('stops what the register still lets in, once', async () => {
    const { personId, tenancyId } = await addTenant(here, { unitId: house.units['0503'] ?? 0 });
    const credentialId = await addCard(here, { personId, hex: '0A0B0C0D' });
    const unitId = house.units['0503'] ?? 0;
    const all: Revocation[] = [
      { what: 'credential-stopped', credentialId, personId },
      { what: 'occupant-left', tenancyId, personId, until: NOON },
      { what: 'tenancy-ended', tenancyId, unitId, until: NOON },
    ];
    expect([await replay(...all), await replay(...all)]).toEqual([3, 0]);
    const { read } = here.register;
    expect((await read.credential.findUniqueOrThrow({ where: { id: credentialId } })).status).toBe('revoked');
    expect((await read.tenancy.findUniqueOrThrow({ where: { id: tenancyId } })).accessUntil).toBe(BigInt(NOON));
    expect((await read.occupant.findFirstOrThrow({ where: { tenancyId } })).untilAt).toBe(BigInt(NOON));
  });

  test('never gives time back: an earlier end stays', async () => {
    const unitId = house.units['0503'] ?? 0;
    const { personId, tenancyId } = await addTenant(here, { unitId, accessUntil: NOON - DAY });
    await here.register.write((db) => db.occupant.updateMany({ where: { tenancyId }, data: { untilAt: BigInt(NOON - DAY) } }));
    expect(await replay({ what: 'tenancy-ended', tenancyId, unitId, until: NOON }, { what: 'occupant-left', tenancyId, personId, until: NOON })).toBe(0);
  });

  test('forgets who was forgotten, cards and all', async () => {
    const { personId } = await addTenant(here, { unitId: house.units['0503'] ?? 0 });
    const credentialId = await addCard(here, { personId, hex: '0A0B0C0D' });
    expect([await replay({ what: 'person-forgotten', personId }), await replay({ what: 'person-forgotten', personId })]).toEqual([1, 0]);
    expect(await here.register.read.credential.findUnique({ where: { id: credentialId } })).toBeNull();
  });

  test('bars accounts and ends assignments', async () => {
    const account = await here.register.write((db) => db.account.create({ data: { login: 'x', passwordHash: 'y', role: 'OF', createdAt: 0n } }));
    const assignment = await here.register.write((db) => db.assignment.create({ data: { accountId: account.id, place: 'site', placeId: 0, fromAt: 0n, createdAt: 0n } }));
    const all: Revocation[] = [
      { what: 'account-closed', accountId: account.id },
      { what: 'assignment-ended', assignmentId: assignment.id, until: NOON },
    ];
    expect([await replay(...all), await replay(...all)]).toEqual([2, 0]);
    expect((await here.register.read.account.findUniqueOrThrow({ where: { id: account.id } })).disabledAt).toBe(BigInt(NOON));
  });

  test('a card that went to somebody else since, and rows that are not there, are left alone', async () => {
    const { personId } = await addTenant(here, { unitId: house.units['0503'] ?? 0 });
    const credentialId = await addCard(here, { personId, hex: '0A0B0C0D' });
    expect(
      await replay(
        { what: 'credential-stopped', credentialId, personId: personId + 1 },
        ...EVERY.map((each) => ({ ...each, credentialId: 99, personId: 99, tenancyId: 99, accountId: 99, assignmentId: 99 })),
      ),
    ).toBe(0);
    expect((await here.register.read.credential.findUniqueOrThrow({ where: { id: credentialId } })).status).toBe('active');
  });
});
