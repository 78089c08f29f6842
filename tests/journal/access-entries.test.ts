import { describe, expect, test } from 'vitest';
import { refusal } from '../../gateway/core/decide.ts';
import type { Facts, OccupancyFacts } from '../../gateway/core/facts.ts';
import { BuildingId, ControllerId, CredentialId, DoorId, PersonId, TenancyId, UnitId } from '../../gateway/core/ids.ts';
import type { Outcome, Tap } from '../../gateway/doors/link.ts';
import {
  accessEntry,
  commandEntry,
  conflictEntry,
  happeningEntry,
  linkEntry,
  localAccessEntry,
  outcomeEntry,
  systemEntry,
  tellingEntry,
} from '../../gateway/journal/access-entries.ts';
import { eventOf, NO_PERSON } from '../../gateway/journal/entry.ts';
import { NOON } from './samples.ts';

const key = { controllerId: ControllerId(3), instance: '00112233445566ff', boot: 2, seq: 9 };
const tap: Tap = { key, doorId: DoorId(4), method: 'card', credential: { bits: 32, hex: '1a2b3c4d' }, deviceTime: NOON - 20, ageMs: 1, budgetMs: 400, list: '1.7' };
const stay: OccupancyFacts = { tenancyId: TenancyId(8), unitId: UnitId(12), buildingId: BuildingId(1), from: 1, accessUntil: 0, termEnd: 0, registrationDue: 0 };
const NOTHING_MORE = { grants: [], calendar: { holidays: new Set<string>(), makeUpDays: new Set<string>() }, lastIn: 0 };
const facts: Facts = {
  door: { id: DoorId(4), buildingId: BuildingId(1), unitId: 0, openMs: 5000, lockdownUntil: 0, passbackMs: 0, passbackHard: false, holdoverDays: null },
  credential: { id: CredentialId(7), status: 'active', validFrom: 0, validUntil: 0, personId: PersonId(5) },
  person: { id: PersonId(5), registered: true, slow: false },
  occupancies: [stay],
  ...NOTHING_MORE,
};
const granted = { granted: true, reason: 'OK', note: 'HOLDOVER', openMs: 5000, occupancy: stay } as const;
const access = { tap, facts, decision: granted, fingerprint: Uint8Array.of(0xab, 1) };
const stranger = {
  tap,
  facts: { door: undefined, credential: undefined, person: undefined, occupancies: [], ...NOTHING_MORE },
  decision: refusal('UNKNOWN_DOOR'),
  fingerprint: Uint8Array.of(0xab, 1),
};
const outcome: Outcome = { key: { ...key, seq: 10 }, request: { boot: 1, seq: 3 }, tap, final: 'executed', granted: true, reason: 'OK', opened: 'opened' };

/** The digest is looked at on its own: it is a hash, and only what it tells apart matters. */
const plain = <T extends { readonly event: { readonly digest: string } }>({ event: { digest: _, ...event }, ...rest }: T) => ({ event, ...rest });
const digestOf = (change: Partial<Tap>): string => accessEntry({ ...access, tap: { ...tap, ...change } }, NOON).event.digest;

describe('the entry of a decision', () => {
  test('says what was decided, where, when by both clocks, and for whom', () => {
    const { digest: _, ...event } = eventOf({
      kind: 'access',
      key,
      buildingId: BuildingId(1),
      doorId: DoorId(4),
      granted: true,
      reason: 'OK',
      note: 'HOLDOVER',
      method: 'card',
      openMs: 5000,
      deviceTime: NOON - 20,
      gatewayTime: NOON,
      skewMs: -20,
      list: '1.7',
    });
    expect(plain(accessEntry(access, NOON))).toEqual({
      event,
      person: { ...NO_PERSON, personId: PersonId(5), credentialId: CredentialId(7), unitId: UnitId(12), tenancyId: TenancyId(8), fingerprint: '' },
    });
  });

  test('of digits nobody knows keeps nothing they could be tried by', () => {
    expect(accessEntry({ ...stranger, tap: { ...tap, method: 'pin' } }, NOON).person).toEqual(NO_PERSON);
  });

  test('is followed by what its digits told, as a line of the door about nobody', () => {
    const told = { kind: 'door', buildingId: BuildingId(1), doorId: DoorId(4), what: 'duress', deviceTime: NOON - 20, gatewayTime: NOON, skewMs: -20 } as const;
    expect(tellingEntry(tap, facts, 'duress', NOON)).toEqual({ event: eventOf(told), person: NO_PERSON });
    expect(tellingEntry(tap, stranger.facts, 'pin-tries', NOON).event).toMatchObject({ buildingId: 0, what: 'pin-tries' });
  });

  test('of a card nobody holds keeps the fingerprint, and of no door, no card and no clock says none', () => {
    const { event, person } = accessEntry({ ...stranger, tap: { ...tap, deviceTime: 0 } }, NOON);
    expect(event).toMatchObject({ buildingId: 0, doorId: 4, granted: false, reason: 'UNKNOWN_DOOR', deviceTime: 0, skewMs: 0 });
    expect(person).toEqual({ ...NO_PERSON, fingerprint: 'ab01' });
    expect(accessEntry({ ...stranger, fingerprint: undefined }, NOON).person.fingerprint).toBe('');
  });

  test('has a digest of 16 hex digits that any other door, way, card or device time changes', () => {
    const first = digestOf({});
    // By python3 hashlib, over door, way, fingerprint and device time: a repeat may come after an update.
    expect(first).toBe('7db8383e3b3d7997');
    expect(digestOf({ ageMs: 300, list: '' })).toBe(first);
    const ofCard = (fingerprint: Uint8Array | undefined): string => accessEntry({ ...access, fingerprint }, NOON).event.digest;
    const others = [digestOf({ doorId: DoorId(5) }), digestOf({ method: 'qr' }), digestOf({ deviceTime: NOON - 21 }), ofCard(Uint8Array.of(0xab, 2)), ofCard(undefined)];
    expect(new Set([first, ...others]).size).toBe(6);
  });

  test('has a digest that says nothing of the card to whoever has not the key of fingerprints', () => {
    expect(digestOf({ credential: { bits: 32, hex: '1a2b3c4e' } })).toBe(digestOf({}));
  });

  test('of a door that decided alone is under the key of the request, and opens nothing now', () => {
    const { event, person } = localAccessEntry(access, { ...outcome, final: 'local', granted: true, reason: 'EXPIRED' }, NOON);
    expect(event).toMatchObject({ kind: 'access', key: { ...key, boot: 1, seq: 3 }, granted: true, reason: 'EXPIRED', note: undefined, openMs: 0, offline: true, doorId: 4 });
    expect(person.personId).toBe(5);
    expect(localAccessEntry(access, { ...outcome, granted: false, reason: 'no such reason' as never }, NOON).event).toMatchObject({ granted: false, reason: 'DEVICE_FAULT' });
  });

  test('of another request under a used key has no key, and says which entry had it', () => {
    const { event, person } = conflictEntry({ tap, fingerprint: access.fingerprint }, 88, NOON);
    expect({ ...event, digest: '' }).toEqual(
      eventOf({ kind: 'system', what: 'key-reused', doorId: DoorId(4), ref: 88, deviceTime: NOON - 20, gatewayTime: NOON, skewMs: -20, digest: '' }),
    );
    expect(event.digest).toBe(digestOf({}));
    expect(person).toEqual(NO_PERSON);
  });
});

describe('the entry of what followed', () => {
  const stored = { index: 41, ...accessEntry(access, NOON) };

  test('an outcome names its decision and repeats where and why', () => {
    expect(outcomeEntry(outcome, stored, NOON)).toEqual({
      event: eventOf({
        kind: 'outcome',
        key: { ...key, seq: 10 },
        buildingId: BuildingId(1),
        doorId: DoorId(4),
        method: 'card',
        granted: true,
        reason: 'OK',
        final: 'executed',
        what: 'opened',
        offline: false,
        ref: 41,
        deviceTime: NOON - 20,
        gatewayTime: NOON,
        skewMs: -20,
        list: '1.7',
      }),
      person: stored.person,
    });
    expect(outcomeEntry({ ...outcome, final: 'local' }, stored, NOON).event.offline).toBe(true);
  });

  test('what a door noticed, a link that changed and the gateway itself are about nobody', () => {
    expect(happeningEntry({ key, doorId: DoorId(4), what: 'forced', deviceTime: NOON + 5, offline: true }, BuildingId(1), NOON)).toEqual({
      event: eventOf({ kind: 'door', key, buildingId: BuildingId(1), doorId: DoorId(4), what: 'forced', offline: true, deviceTime: NOON + 5, gatewayTime: NOON, skewMs: 5 }),
      person: NO_PERSON,
    });
    expect(linkEntry({ controllerId: ControllerId(3), doorId: DoorId(4), buildingId: BuildingId(1), what: 'offline', why: 'x'.repeat(130) }, NOON)).toEqual({
      event: eventOf({ kind: 'link', buildingId: BuildingId(1), doorId: DoorId(4), what: 'offline', gatewayTime: NOON }),
      person: { ...NO_PERSON, words: 'x'.repeat(120) },
    });
    expect(systemEntry('stopped', NOON)).toEqual({ event: eventOf({ kind: 'system', what: 'stopped', gatewayTime: NOON }), person: NO_PERSON });
  });

  test('an order names the account, and its answer the order', () => {
    const order = { doorId: DoorId(4), buildingId: BuildingId(1), command: { what: 'unlock', openMs: 3000 }, accountId: 6 } as const;
    const event = { kind: 'command', buildingId: BuildingId(1), doorId: DoorId(4), method: 'remote', openMs: 3000, gatewayTime: NOON } as const;
    expect(commandEntry(order, NOON)).toEqual({ event: eventOf({ ...event, what: 'unlock' }), person: { ...NO_PERSON, accountId: 6 } });
    expect(commandEntry(order, NOON, { ref: 41, result: 'expired' }).event).toEqual(eventOf({ ...event, what: 'unlock-expired', ref: 41 }));
  });
});
