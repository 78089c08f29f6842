import { expect, test } from 'vitest';
import { eventIn, personIn } from '../../docs/verify.mjs';
import { ControllerId, CredentialId, DoorId, PersonId, TenancyId, UnitId } from '../../gateway/core/ids.ts';
import { NOTES, REASONS } from '../../gateway/core/reasons.ts';
import { decodeEvent, encodeEvent, encodePerson } from '../../gateway/journal/encode.ts';
import { ENTRY_KIND, type EventData, eventOf, type PersonData } from '../../gateway/journal/entry.ts';
import { NOON, tapEntry } from '../journal/samples.ts';

/** The verifier is one file that imports nothing: what it knows of entries is held against the gateway's own here. */
function same(event: EventData): void {
  const { kind, buildingId, doorId, granted, reason, note, method, offline, final, what, ref, deviceTime, gatewayTime, skewMs } = decodeEvent(encodeEvent(event));
  const { controllerId, ...said } = eventIn(encodeEvent(event));
  expect(said).toEqual({ kind, buildingId, doorId, granted, reason, note, method, offline, final, what, ref, deviceTime, at: gatewayTime, skewMs });
  expect(controllerId).toBe(event.key?.controllerId ?? 0);
}

test('the verifier reads every kind, reason, remark, method and outcome as the gateway does', () => {
  for (const kind of Object.keys(ENTRY_KIND)) if (kind in ENTRY_KIND) same({ ...eventOf({ kind: 'door', gatewayTime: NOON }), kind: kind as keyof typeof ENTRY_KIND });
  for (const reason of REASONS) same(eventOf({ kind: 'access', gatewayTime: NOON, reason }));
  for (const note of NOTES) same(eventOf({ kind: 'access', gatewayTime: NOON, note }));
  for (const method of ['card', 'pin', 'app', 'qr', 'remote'] as const) same(eventOf({ kind: 'access', gatewayTime: NOON, method }));
  for (const final of ['executed', 'local', 'not-executed', 'unknown'] as const) same(eventOf({ kind: 'outcome', gatewayTime: NOON, final, ref: 0 }));
  same(tapEntry(1).event);
  same(
    eventOf({
      kind: 'door',
      gatewayTime: NOON,
      what: '强行打开',
      doorId: DoorId(70_000),
      skewMs: -123_456_789,
      offline: true,
      key: { controllerId: ControllerId(4_000_000_000), instance: '00112233445566ff', boot: 1, seq: 2 },
    }),
  );
});

test('the verifier reads the half about a person as the gateway does', () => {
  const person: PersonData = {
    personId: PersonId(9001),
    unitId: UnitId(302),
    tenancyId: TenancyId(77),
    credentialId: CredentialId(5005),
    fingerprint: 'c4a7',
    accountId: 3,
    words: '查案，案号 12',
  };
  expect(personIn(encodePerson(person))).toEqual(person);
});

test('bytes that are no entry are refused, whatever they are', () => {
  for (let first = 0; first < 256; first += 1) {
    for (const rest of [[], [0], [1, 0xff], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], Array(40).fill(first)]) {
      try {
        expect(eventIn(Buffer.from([first, ...rest]))).toBeTypeOf('object');
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
        expect(String(error)).not.toMatch(/RangeError|TypeError/);
      }
    }
  }
});
