import { describe, expect, test } from 'vitest';
import { createAccessIndex } from '../../gateway/core/access-index.ts';
import type { CredentialStatus } from '../../gateway/core/facts.ts';
import { BuildingId, ControllerId, CredentialId, DoorId, PersonId, TenancyId, UnitId } from '../../gateway/core/ids.ts';
import { createPinTries, PIN_PAUSE_MS } from '../../gateway/core/pin-tries.ts';
import type { Tap, Verdict } from '../../gateway/doors/link.ts';
import { unlock, type UnlockPath } from '../../gateway/unlock.ts';
import { canonicalReading } from '../../gateway/wire/mqtt/list.ts';
import { codeReading, duressOf, pinVerifier } from '../../gateway/wire/mqtt/pin.ts';
import { memoryJournal } from '../helpers/memory-journal.ts';

const NOW = Date.UTC(2026, 10, 22, 4);
const CARD = { bits: 32, hex: '1A2B3C4D' };
const BARE = { bits: 32, hex: '5E6F7A8B' };
const [PIN, CODE] = ['2468', '481516'];
const WRONG = '1357';
const print = ({ bits, hex }: { bits: number; hex: string }): Uint8Array => Uint8Array.from(Buffer.from(`${bits}:${hex}`.padEnd(12).slice(-12)));
const ALL_DAY = Array.from({ length: 8 }, () => [[0, 1440] as const]);

/** Door 1 takes the card and its PIN all day; door 2 never does. The card has a PIN, another has none, and there is a code. */
async function place(code: CredentialStatus = 'active') {
  const index = createAccessIndex();
  index.putBuilding(BuildingId(1), null);
  index.putSchedule(4, ALL_DAY);
  const door = { buildingId: BuildingId(1), unitId: 0, openMs: 5000, lockdownUntil: 0, passbackMs: 0, passbackHard: false } as const;
  index.putDoor({ ...door, id: DoorId(1), pinScheduleId: 4 });
  index.putDoor({ ...door, id: DoorId(2) });
  index.putPerson({ id: PersonId(5), registered: true, slow: false });
  index.putTenancy(TenancyId(9), [
    { personId: PersonId(5), tenancyId: TenancyId(9), unitId: UnitId(2), buildingId: BuildingId(1), from: 1000, accessUntil: 0, termEnd: 0, registrationDue: 0 },
  ]);
  const held = { status: 'active', validFrom: 0, validUntil: 0, personId: PersonId(5) } as const;
  const canonical = canonicalReading({ w: CARD.bits, x: CARD.hex }) ?? Buffer.alloc(0);
  index.putCredential({ ...held, id: CredentialId(7), fingerprint: print(CARD), verifier: await pinVerifier(PIN, canonical) });
  index.putCredential({ ...held, id: CredentialId(8), fingerprint: print(BARE) });
  index.putCredential({ ...held, id: CredentialId(9), fingerprint: print(codeReading(CODE)), status: code });
  const journal = memoryJournal();
  const clock = { now: NOW };
  const path: UnlockPath = { index, journal, fingerprint: print, now: () => clock.now, alarm: () => undefined, lockdownEnded: () => undefined, tries: createPinTries() };
  let seq = 0;
  const ask = (change: Partial<Tap>): Promise<Verdict> => {
    seq += 1;
    const key = { controllerId: ControllerId(3), instance: '00000000000000aa', boot: 1, seq };
    return unlock(path, { key, doorId: DoorId(1), method: 'card', credential: CARD, deviceTime: NOW, ageMs: 3, budgetMs: 400, list: '', ...change });
  };
  const reason = async (change: Partial<Tap>): Promise<string> => (await ask(change)).reason;
  const words = (): (string | undefined)[] => journal.entries.filter(({ event }) => event.kind === 'door').map(({ event }) => event.what);
  const typed = (digits: string): Partial<Tap> => ({ method: 'pin', credential: codeReading(digits), doorId: DoorId(2) });
  return { ask, reason, words, typed, journal, clock, index, path };
}

describe('a card and its PIN', () => {
  test('at a door that takes both, the card alone, a wrong PIN and a card without one are refused by name', async () => {
    const { reason } = await place();
    expect(await reason({})).toBe('PIN_NEEDED');
    expect(await reason({ pin: WRONG })).toBe('PIN_WRONG');
    expect(await reason({ pin: PIN })).toBe('OK');
    expect(await reason({ credential: BARE, pin: PIN })).toBe('PIN_NEEDED');
  });

  test('elsewhere the card is enough, whatever is typed', async () => {
    const { reason } = await place();
    expect(await reason({ doorId: DoorId(2) })).toBe('OK');
    expect(await reason({ doorId: DoorId(2), pin: WRONG })).toBe('OK');
  });

  test('five wrong ones in a row shut the PIN for a quarter of an hour, and are told once', async () => {
    const { reason, words, clock } = await place();
    for (let n = 0; n < 5; n += 1) expect(await reason({ pin: WRONG })).toBe('PIN_WRONG');
    expect(words()).toEqual(['pin-tries']);
    expect(await reason({ pin: PIN })).toBe('PIN_SHUT');
    expect(words()).toEqual(['pin-tries']);
    clock.now += PIN_PAUSE_MS;
    expect(await reason({ pin: WRONG })).toBe('PIN_WRONG');
    expect(words()).toEqual(['pin-tries', 'pin-tries']);
    clock.now += PIN_PAUSE_MS;
    expect(await reason({ pin: PIN })).toBe('OK');
    expect(await reason({ pin: WRONG })).toBe('PIN_WRONG');
    expect(words()).toHaveLength(2);
  });

  test('a new PIN begins a new row: its holder need not wait', async () => {
    const { reason, index } = await place();
    for (let n = 0; n < 5; n += 1) await reason({ pin: WRONG });
    const canonical = canonicalReading({ w: CARD.bits, x: CARD.hex }) ?? Buffer.alloc(0);
    const verifier = await pinVerifier('9173', canonical);
    index.putCredential({ id: CredentialId(7), fingerprint: print(CARD), status: 'active', validFrom: 0, validUntil: 0, personId: PersonId(5), verifier });
    expect(await reason({ pin: '9173' })).toBe('OK');
  });

  test('who sends many at once has five tries, too', async () => {
    const { reason } = await place();
    const reasons = await Promise.all(Array.from({ length: 20 }, (_, n) => reason({ pin: String(1000 + n) })));
    expect(reasons.filter((each) => each === 'PIN_WRONG')).toHaveLength(5);
    expect(reasons.filter((each) => each === 'PIN_SHUT')).toHaveLength(15);
  });

  test('a repeat of one request is one try', async () => {
    const { ask, words } = await place();
    const key = { controllerId: ControllerId(3), instance: '00000000000000aa', boot: 1, seq: 900 };
    for (let n = 0; n < 9; n += 1) expect((await ask({ key, pin: WRONG })).reason).toBe('PIN_WRONG');
    expect((await ask({ pin: PIN })).reason).toBe('OK');
    expect(words()).toEqual([]);
  });

  test('under threat the door opens like any other time, and says so in a line of its own', async () => {
    const { ask, words, journal } = await place();
    const calm = await ask({ pin: PIN });
    const forced = await ask({ pin: duressOf(PIN) });
    expect({ ...forced, entry: 0 }).toEqual({ ...calm, entry: 0 });
    expect(words()).toEqual(['duress']);
    const [first, second, line] = journal.entries;
    expect(second?.event).toEqual({ ...first?.event, key: second?.event.key });
    expect(second?.person).toEqual(first?.person);
    expect(line?.event).toMatchObject({ kind: 'door', doorId: 1, buildingId: 1, key: undefined });
    expect(line?.person).toMatchObject({ personId: 0, credentialId: 0 });
  });

  test('under threat the alarm is raised also where the card does not open', async () => {
    const { reason, words, index } = await place();
    index.putDoor({ id: DoorId(1), buildingId: BuildingId(1), unitId: 0, openMs: 5000, lockdownUntil: NOW + 1, passbackMs: 0, passbackHard: false });
    expect(await reason({ pin: duressOf(PIN) })).toBe('LOCKDOWN');
    expect(words()).toEqual(['duress']);
  });

  test('the PIN is in no entry', async () => {
    const { ask, journal, typed } = await place();
    await ask({ pin: '90817263' });
    await ask(typed('64738291'));
    expect(JSON.stringify(journal.entries)).not.toMatch(/90817263|64738291/);
  });
});

describe('digits without a card', () => {
  test('open by a code that is known; others are wrong, and nobody can be given them as a card', async () => {
    const { ask, typed, journal } = await place();
    expect(await ask(typed(CODE))).toMatchObject({ granted: true, reason: 'OK' });
    expect(journal.entries[0]?.person).toMatchObject({ personId: 5, credentialId: 9 });
    expect((await ask(typed('999999'))).reason).toBe('PIN_WRONG');
    expect(journal.entries[1]?.person.fingerprint).toBe('');
  });

  test('a card’s number is no code, and a code no card', async () => {
    const { reason } = await place();
    expect(await reason({ method: 'pin', credential: CARD, doorId: DoorId(2) })).toBe('PIN_WRONG');
    expect(await reason({ method: 'pin', credential: undefined, doorId: DoorId(2) })).toBe('CREDENTIAL_FORMAT');
  });

  test('where the card and its PIN are asked for, a code alone is not both', async () => {
    const { reason, typed } = await place();
    expect(await reason({ ...typed(CODE), doorId: DoorId(1) })).toBe('PIN_NEEDED');
  });

  test('under threat one more in the last place opens, and says so', async () => {
    const { ask, typed, words, journal } = await place();
    expect((await ask(typed(duressOf(CODE)))).granted).toBe(true);
    expect(journal.entries[0]?.person).toMatchObject({ credentialId: 9 });
    expect(words()).toEqual(['duress']);
  });

  test('five wrong ones shut the keypad of that door, for codes alone', async () => {
    const { ask, reason, typed, words } = await place();
    for (let n = 0; n < 5; n += 1) expect((await ask(typed(`99999${n}`))).reason).toBe('PIN_WRONG');
    expect(words()).toEqual(['pin-tries']);
    expect(await reason(typed(CODE))).toBe('PIN_SHUT');
    expect(await reason({ doorId: DoorId(2) })).toBe('OK');
    expect(await reason({ pin: PIN })).toBe('OK');
  });

  test('a code that was stopped is refused as such, and ends no row of wrong ones', async () => {
    const { reason, typed } = await place('revoked');
    for (let n = 0; n < 4; n += 1) await reason(typed(`99999${n}`));
    expect(await reason(typed(CODE))).toBe('REVOKED');
    expect(await reason(typed('999999'))).toBe('PIN_SHUT');
  });
});
