import { describe, expect, test } from 'vitest';
import { createAccessIndex } from '../../gateway/core/access-index.ts';
import { BuildingId, ControllerId, CredentialId, DoorId, PersonId, TenancyId, UnitId } from '../../gateway/core/ids.ts';
import { createPinTries } from '../../gateway/core/pin-tries.ts';
import { createDoorSide, order } from '../../gateway/door-side.ts';
import type { DoorCommand, DoorLink, Outcome, Tap } from '../../gateway/doors/link.ts';
import { unlock, type UnlockPath } from '../../gateway/unlock.ts';
import { happeningEntry } from '../../gateway/journal/access-entries.ts';
import { eventOf, JournalUnavailable } from '../../gateway/journal/entry.ts';
import { memoryJournal } from '../helpers/memory-journal.ts';

const NOW = Date.UTC(2026, 10, 22, 4);
const print = ({ bits, hex }: { bits: number; hex: string }): Uint8Array =>
  Uint8Array.from({ length: 12 }, (_, at) => (at === 0 ? bits : (hex.charCodeAt(at % hex.length) * 31 + at) & 255));

function path() {
  const index = createAccessIndex();
  index.putBuilding(BuildingId(1), null);
  index.putDoor({ id: DoorId(1), buildingId: BuildingId(1), unitId: 0, openMs: 5000, lockdownUntil: 0, passbackMs: 0, passbackHard: false });
  index.putPerson({ id: PersonId(5), registered: true, slow: false });
  index.putTenancy(TenancyId(9), [
    { personId: PersonId(5), tenancyId: TenancyId(9), unitId: UnitId(2), buildingId: BuildingId(1), from: 1000, accessUntil: 0, termEnd: 0, registrationDue: 0 },
  ]);
  index.putCredential({ id: CredentialId(7), fingerprint: print({ bits: 32, hex: '1A2B3C4D' }), status: 'active', validFrom: 0, validUntil: 0, personId: PersonId(5) });
  const alarms: string[] = [];
  const details: string[] = [];
  const journal = memoryJournal();
  const alarm = (what: string, detail: string): void => {
    alarms.push(what);
    details.push(detail);
  };
  const released: number[] = [];
  const parts: UnlockPath = { index, journal, fingerprint: print, now: () => NOW, alarm, lockdownEnded: (doorId) => void released.push(doorId), tries: createPinTries() };
  return { parts, index, journal, alarms, details, released };
}

const tap = (seq: number, change: Partial<Tap> = {}): Tap => ({
  key: { controllerId: ControllerId(3), instance: '00000000000000aa', boot: 1, seq },
  doorId: DoorId(1),
  method: 'card',
  credential: { bits: 32, hex: '1A2B3C4D' },
  deviceTime: NOW - 20,
  ageMs: 3,
  budgetMs: 400,
  list: '',
  ...change,
});

describe('unlock', () => {
  const minding = { id: DoorId(1), buildingId: BuildingId(1), unitId: 0, openMs: 5000, lockdownUntil: 0, passbackMs: 60_000, passbackHard: true } as const;

  test('at a door whose line is in a test nobody is let in, nor counted as gone in; who would be refused anyway is told why', async () => {
    const { parts, index, journal } = path();
    index.putDoor(minding);
    expect(await unlock(parts, tap(1, { inTest: true }))).toMatchObject({ granted: false, reason: 'LINE_TEST', openMs: 0, entry: 1 });
    expect(journal.entries[0]).toMatchObject({ event: { kind: 'access', granted: false, reason: 'LINE_TEST', doorId: 1 }, person: { personId: 5 } });
    expect((await unlock(parts, tap(2, { inTest: true, credential: { bits: 32, hex: 'DEADBEEF' } }))).reason).toBe('UNKNOWN_CREDENTIAL');
    expect(await unlock(parts, tap(3)), 'a test is no way in').toMatchObject({ granted: true, reason: 'OK' });
  });

  test('who was let in is counted: a door that minds refuses the card that goes in again', async () => {
    const { parts, index } = path();
    index.putDoor(minding);
    expect((await unlock(parts, tap(1))).reason).toBe('OK');
    expect((await unlock(parts, tap(1))).reason, 'a repeat is answered as before').toBe('OK');
    expect((await unlock(parts, tap(2))).reason).toBe('ANTIPASSBACK');
    index.putDoor({ ...minding, passbackHard: false });
    expect(await unlock(parts, tap(3))).toMatchObject({ granted: true, note: 'ANTIPASSBACK' });
  });

  test('who was refused, or whose entry could not be stored, is not counted', async () => {
    const { parts, index, journal } = path();
    index.putDoor({ ...minding, lockdownUntil: NOW + 1 });
    expect((await unlock(parts, tap(1))).reason).toBe('LOCKDOWN');
    index.putDoor(minding);
    const { append } = journal;
    journal.append = () => Promise.reject(new JournalUnavailable('full'));
    expect((await unlock(parts, tap(2))).reason).toBe('UNAVAILABLE');
    journal.append = append;
    expect((await unlock(parts, tap(3))).reason).toBe('OK');
  });

  test.each([
    ['pin', 'PIN_WRONG'],
    ['qr', 'TOKEN_INVALID'],
    ['app', 'TOKEN_INVALID'],
  ] as const)('what comes as %s is no card, though it has the number of one', async (method, reason) => {
    const { parts } = path();
    expect(await unlock(parts, tap(1, { method }))).toMatchObject({ granted: false, reason });
  });

  test('a duty card opens in a lockdown, and ends it; a repeat ends nothing again', async () => {
    const { parts, index, released } = path();
    index.putDoor({ ...minding, passbackMs: 0, lockdownUntil: NOW + 1 });
    index.putGrant({ id: 1, personId: PersonId(5), buildingId: BuildingId(1), from: 0, until: 0, scheduleId: 0, duty: true });
    expect(await unlock(parts, tap(1))).toMatchObject({ granted: true, note: 'LOCKDOWN' });
    await unlock(parts, tap(1));
    expect(released).toEqual([1]);
  });

  test('grants a registered tenant, and the entry is stored before the answer', async () => {
    const { parts, journal } = path();
    expect(await unlock(parts, tap(1))).toEqual({ granted: true, reason: 'OK', note: undefined, openMs: 5000, entry: 1, answer: true });
    expect(journal.entries[0]).toMatchObject({
      event: { kind: 'access', granted: true, doorId: 1, buildingId: 1, skewMs: -20 },
      person: { personId: 5, unitId: 2, tenancyId: 9, credentialId: 7, fingerprint: '' },
    });
  });

  test('answers a repeat with the stored answer, also when the register changed in between', async () => {
    const { parts, journal, index } = path();
    const first = await unlock(parts, tap(1));
    index.removePerson(PersonId(5));
    expect(await unlock(parts, tap(1))).toEqual(first);
    expect(journal.entries).toHaveLength(1);
  });

  test('stores and alarms another request under a used key, and refuses it', async () => {
    const { parts, journal, alarms, details } = path();
    await unlock(parts, tap(1));
    const verdict = await unlock(parts, tap(1, { credential: { bits: 32, hex: 'DEADBEEF' } }));
    expect(verdict).toMatchObject({ granted: false, reason: 'TOKEN_REPLAY', entry: 2 });
    expect(journal.entries[1]?.event).toMatchObject({ kind: 'system', what: 'key-reused', ref: 1 });
    expect([alarms, details]).toEqual([['key-reused'], ['entry 1 has the same key and another content']]);
  });

  test('logs a request older than its budget and does not answer it', async () => {
    const { parts, journal } = path();
    expect(await unlock(parts, tap(1, { ageMs: 401 }))).toMatchObject({ granted: false, reason: 'STALE', answer: false });
    expect(journal.entries).toHaveLength(1);
    expect(await unlock(parts, tap(2, { ageMs: 400 }))).toMatchObject({ granted: true });
  });

  test('says UNAVAILABLE and grants nothing when nothing can be stored', async () => {
    const { parts, journal } = path();
    journal.full = true;
    await expect(journal.append(happeningEntry({ ...tap(1), what: 'forced', offline: false }, 0, NOW))).rejects.toHaveProperty('name', 'JournalUnavailable');
    expect(await unlock(parts, tap(1))).toEqual({ granted: false, reason: 'UNAVAILABLE', note: undefined, openMs: 0, entry: 0, answer: true });
  });

  test('denies when the decision itself throws, and says so aloud', async () => {
    const { parts, index, alarms, details } = path();
    const facts = index.facts(DoorId(1), print({ bits: 32, hex: '1A2B3C4D' }));
    const broken: UnlockPath = { ...parts, index: { ...index, facts: () => ({ ...facts, occupancies: undefined as never }) } };
    expect(await unlock(broken, tap(1))).toMatchObject({ granted: false, reason: 'DEVICE_FAULT' });
    expect([alarms, details]).toEqual([['decision-failed'], [expect.stringMatching(/^TypeError: /)]]);
  });

  test.each([0, 915_148_800_000, 4_102_444_800_000])('believes no device clock (%i)', async (deviceTime) => {
    const { parts, journal } = path();
    expect(await unlock(parts, tap(1, { deviceTime }))).toMatchObject({ granted: true });
    expect(journal.entries[0]?.event).toMatchObject({ deviceTime, gatewayTime: NOW, skewMs: deviceTime === 0 ? 0 : deviceTime - NOW });
  });

  test('keeps the fingerprint of a card nobody holds, so that it can be given to somebody', async () => {
    const { parts, journal } = path();
    expect(await unlock(parts, tap(1, { credential: { bits: 32, hex: 'DEADBEEF' } }))).toMatchObject({ reason: 'UNKNOWN_CREDENTIAL' });
    expect(journal.entries[0]?.person.fingerprint).toMatch(/^[0-9a-f]{24}$/);
  });

  test('refuses what no reader can have read, and keeps no fingerprint of it', async () => {
    const { parts, journal } = path();
    expect(await unlock(parts, tap(1, { credential: undefined }))).toEqual({ granted: false, reason: 'CREDENTIAL_FORMAT', note: undefined, openMs: 0, entry: 1, answer: true });
    expect(journal.entries[0]?.person).toMatchObject({ fingerprint: '', personId: 0 });
  });

  test('answers a repeat whose entry names no reason as a fault, and grants what it says', async () => {
    const { parts } = path();
    const stored = eventOf({ kind: 'system', what: 'erased', gatewayTime: NOW });
    const journal = { ...parts.journal, append: async () => ({ index: 5, duplicate: true, same: true, stored }) as const };
    expect(await unlock({ ...parts, journal }, tap(1))).toEqual({ granted: false, reason: 'DEVICE_FAULT', note: undefined, openMs: 0, entry: 5, answer: true });
  });

  test('says aloud what is wrong with itself: only a log that cannot store is answered', async () => {
    const { parts } = path();
    const broken = { ...parts.journal, append: () => Promise.reject(new TypeError('no such thing')) };
    await expect(unlock({ ...parts, journal: broken }, tap(1))).rejects.toThrow('no such thing');
  });
});

const outcome = (seq: number, request: number, change: Partial<Outcome> = {}): Outcome => ({
  key: { ...tap(seq).key },
  request: { boot: 1, seq: request },
  tap: tap(request),
  final: 'executed',
  granted: true,
  reason: 'OK',
  opened: 'opened',
  ...change,
});

describe('what a door tells afterwards', () => {
  const side = (given = path()) => ({ ...given, side: createDoorSide({ ...given.parts, doorOf: () => DoorId(1), onState: () => undefined }) });

  test('closes the entry of its request', async () => {
    const { side: doors, journal } = side();
    await doors.tap(tap(1));
    await doors.outcome(outcome(2, 1));
    expect(journal.entries[1]).toMatchObject({ event: { kind: 'outcome', ref: 1, final: 'executed', what: 'opened', granted: true }, person: { personId: 5 } });
  });

  test('makes the missing entry of a decision the door took alone, once, and a late copy of the request changes nothing', async () => {
    const { side: doors, journal } = side();
    await doors.outcome(outcome(2, 1, { final: 'local' }));
    await doors.outcome(outcome(2, 1, { final: 'local' }));
    expect(journal.entries.map((entry) => [entry.event.kind, entry.event.offline, entry.event.ref])).toEqual([
      ['access', true, undefined],
      ['outcome', true, 1],
    ]);
    expect(await doors.tap(tap(1))).toMatchObject({ granted: true, entry: 1 });
    expect(journal.entries).toHaveLength(2);
  });

  test('writes an order down before it is sent, and its answer after', async () => {
    const { parts, journal } = path();
    const sent: DoorCommand[] = [];
    const link: DoorLink = {
      async command(_door, command) {
        expect(journal.entries).toHaveLength(1);
        sent.push(command);
        return 'done';
      },
      states: () => [],
      close: async () => undefined,
    };
    expect(await order(parts, link, DoorId(1), { command: { what: 'unlock', openMs: 5000 }, accountId: 4 })).toBe('done');
    expect(sent).toHaveLength(1);
    expect(journal.entries.map((entry) => [entry.event.what, entry.event.ref, entry.person.accountId])).toEqual([
      ['unlock', undefined, 4],
      ['unlock-done', 1, 4],
    ]);
  });
});
