import { describe, expect, test } from 'vitest';
import { pack, stage, unpack } from '../../gateway/journal/packet.ts';
import { RESULT } from '../../gateway/store/journal-store.ts';
import { plainEntry, tapEntry } from './samples.ts';

describe('a packet of entries', () => {
  test('gives back what was put in, entry by entry', () => {
    const entries = [tapEntry(1), plainEntry('说明'), tapEntry(2, { granted: false, reason: 'EXPIRED' }, { accountId: 5, unitId: 0 }), tapEntry(3, { kind: 'outcome' })].map(stage);
    expect(unpack(pack(entries)).map((entry) => ({ ...entry, key: [...entry.key], event: [...entry.event], person: [...entry.person] }))).toEqual(
      entries.map((entry) => ({ ...entry, key: [...entry.key], event: [...entry.event], person: [...entry.person] })),
    );
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
