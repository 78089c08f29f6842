import { describe, expect, test } from 'vitest';
import { ControllerId } from '../../gateway/core/ids.ts';
import type { EventData } from '../../gateway/journal/entry.ts';
import { keyBytes, pack, stage, unpack } from '../../gateway/journal/packet.ts';
import { RESULT } from '../../gateway/store/journal-store.ts';
import { NOON, plainEntry, tapEntry } from './samples.ts';

describe('the key of an event', () => {
  const key = { controllerId: ControllerId(0xfffffffe), instance: 'ffeeddccbbaa9988', boot: 0, seq: 2 ** 32 - 1 };

  test('is controller, instance, boot and number, big-endian', () => {
    expect(keyBytes(key).toString('hex')).toBe('fffffffeffeeddccbbaa998800000000ffffffff');
    expect(keyBytes({ ...key, boot: 2 ** 32 - 1, seq: 0 }).toString('hex')).toBe('fffffffeffeeddccbbaa9988ffffffff00000000');
  });

  test.each([{ boot: -1 }, { boot: 2 ** 32 }, { boot: 1.5 }, { seq: -1 }, { seq: 2 ** 32 }, { seq: Number.NaN }])('with %j is refused: no device has such a number', (wrong) => {
    expect(() => keyBytes({ ...key, ...wrong })).toThrow(/^event key: boot and seq/);
  });

  test.each(['', 'ffeeddccbbaa998', 'ffeeddccbbaa99887', 'FFEEDDCCBBAA9988', 'xffeeddccbbaa9988', 'ffeeddccbbaa9988x'])('with the instance "%s" is refused', (instance) => {
    expect(() => keyBytes({ ...key, instance })).toThrow(/^event key: instance/);
  });
});

describe('a packet of entries', () => {
  test('of none is empty', () => {
    const packet = pack([]);
    expect([packet.numbers.length, packet.bytes.length, unpack(packet)]).toEqual([0, 0, []]);
  });

  test('gives back what was put in, entry by entry', () => {
    const entries = [tapEntry(1), plainEntry('说明'), tapEntry(2, { granted: false, reason: 'EXPIRED' }, { accountId: 5, unitId: 0 }), tapEntry(3, { kind: 'outcome' })].map(stage);
    expect(unpack(pack(entries)).map((entry) => ({ ...entry, key: [...entry.key], event: [...entry.event], person: [...entry.person] }))).toEqual(
      entries.map((entry) => ({ ...entry, key: [...entry.key], event: [...entry.event], person: [...entry.person] })),
    );
  });

  test('takes the time, the numbers that are searched for, and the key of its device', () => {
    expect(stage(tapEntry(5, {}, { accountId: 6 }))).toMatchObject({
      at: NOON,
      kind: 1,
      result: RESULT.granted,
      buildingId: 7,
      doorId: 41,
      personId: 9001,
      unitId: 302,
      accountId: 6,
      reason: 0,
    });
    expect(Buffer.from(stage(tapEntry(5)).key).toString('hex')).toBe('0000000300112233445566ff0000000200000005');
    expect(stage(plainEntry()).key).toHaveLength(0);
  });

  test('tells decisions, what doors did with them, and the rest apart', () => {
    const result = (event: Partial<EventData>): number => stage(tapEntry(1, event)).result;
    expect([result({}), result({ granted: false }), result({ kind: 'outcome' }), result({ kind: 'door' }), result({ kind: 'audit' })]).toEqual([
      RESULT.granted,
      RESULT.refused,
      RESULT.outcome,
      RESULT.other,
      RESULT.other,
    ]);
    expect(stage(tapEntry(1, { granted: false, reason: undefined })).reason).toBe(0);
  });

  test('only a refusal carries its reason in numbers', () => {
    const [granted, refused, outcome] = [
      tapEntry(1, { reason: 'OK' }),
      tapEntry(2, { granted: false, reason: 'EXPIRED' }),
      tapEntry(3, { kind: 'outcome', granted: false, reason: 'EXPIRED' }),
    ].map(stage);
    expect([granted, refused, outcome].map((entry) => [entry?.result, entry?.reason])).toEqual([
      [RESULT.granted, 0],
      [RESULT.refused, 6],
      [RESULT.outcome, 0],
    ]);
  });
});
