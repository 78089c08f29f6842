import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAccessIndex } from '../../gateway/core/access-index.ts';
import { BuildingId, ControllerId, DoorId } from '../../gateway/core/ids.ts';
import { createPinTries } from '../../gateway/core/pin-tries.ts';
import type { Viewer } from '../../gateway/http/viewer.ts';
import { lineFor } from '../../gateway/http/disclosure.ts';
import type { Journal } from '../../gateway/journal/entry.ts';
import { openLog } from '../../gateway/journal/log.ts';
import { stage } from '../../gateway/journal/packet.ts';
import { openReader } from '../../gateway/journal/reader.ts';
import { createVault } from '../../gateway/store/vault.ts';
import { unlock } from '../../gateway/unlock.ts';
import { decode } from '../../gateway/wire/mqtt/messages.ts';
import { memoryJournal } from '../helpers/memory-journal.ts';
import { newPlace, NOON } from '../journal/samples.ts';

/** Class "SQL via card or QR" (security.md 3): ZKTeco CVE-2023-3938. Whatever stands on a card is data, from the wire to the ledger's line. */
const ask = (x: unknown, w: unknown = 32): Buffer =>
  Buffer.from(JSON.stringify({ v: 1, i: '00112233445566ff', b: 1, n: 1, u: 1, t: NOON, d: 1, k: 'card', c: { w, x }, ms: 400, l: '' }));

describe('a card that is no card is refused at the wire', () => {
  test.each([
    ["' OR '1'='1"],
    ['1A2B3C4D; DROP TABLE Credential'],
    ['"}],"g":true,"x":"'],
    ['1A2B\u0000'],
    ['../../../../etc/passwd'],
    ['$(reboot)'],
    ['{{7*7}}'],
    ['=cmd|calc'],
    ['\n1A2B'],
    ['A'.repeat(65)],
    ['A'.repeat(10_240)],
    [['1A']],
    [{ toString: '1A' }],
    [null],
    [123],
  ])('%j', (x) => {
    expect(() => decode('req', ask(x))).toThrow(/x: /);
  });

  test.each([-1, 256, 1.5, '32', null, {}])('%j bits', (w) => {
    expect(() => decode('req', ask('1A2B3C4D', w))).toThrow(/w: /);
  });
});

describe('every byte a card can carry', () => {
  const place = newPlace();
  const vault = createVault({ vault: [{ n: 1, key: randomBytes(32) }], hash: [{ n: 1, key: randomBytes(32) }], fingerprint: randomBytes(32) });
  const prints = new Set<string>();
  const cards = Array.from({ length: 256 }, (_none, byte) => `${byte.toString(16).padStart(2, '0')}27223B2D2D00`);
  let stored: ReturnType<ReturnType<typeof openReader>['before']>;

  beforeAll(async () => {
    const journal = memoryJournal();
    const index = createAccessIndex();
    index.putBuilding(BuildingId(1), null);
    index.putDoor({ id: DoorId(1), buildingId: BuildingId(1), unitId: 0, openMs: 5000, lockdownUntil: 0, passbackMs: 0, passbackHard: false });
    for (const [seq, hex] of cards.entries()) {
      const { c } = decode('req', ask(hex, 56));
      const credential = { bits: c.w, hex: c.x };
      prints.add(Buffer.from(vault.fingerprint(credential)).toString('hex'));
      const key = { controllerId: ControllerId(3), instance: '00112233445566ff', boot: 1, seq: seq + 1 };
      const tap = { key, doorId: DoorId(1), method: 'card', credential, deviceTime: NOON, ageMs: 3, budgetMs: 400, list: '' } as const;
      const parts = {
        index,
        journal: journal satisfies Journal,
        fingerprint: vault.fingerprint,
        now: () => NOON,
        alarm: () => undefined,
        lockdownEnded: () => undefined,
        tries: createPinTries(),
      };
      expect(await unlock(parts, tap)).toMatchObject({ granted: false, reason: 'UNKNOWN_CREDENTIAL' });
    }
    const log = openLog(place);
    log.append(journal.entries.map(stage));
    log.close();
    const reader = openReader(place);
    stored = reader.before({ buildingId: BuildingId(1) }, 1_000);
    reader.close();
  });
  afterAll(() => rmSync(path.dirname(place.file), { recursive: true, force: true }));

  test('gives its own fingerprint and its own entry', () => {
    expect(prints.size).toBe(256);
    expect(stored).toHaveLength(256);
  });

  test('stays out of the ledger, as read by a landlord, an officer and the operator', () => {
    const scope = { all: true, buildings: new Set<number>(), units: new Map<number, number>(), until: Number.POSITIVE_INFINITY };
    const viewer = (role: Viewer['role']): Viewer => ({ accountId: 1, login: 'x', displayName: 'x', role, scope, personId: null, strongAt: null, step: 'full', pairs: undefined });
    const lines = (['LL', 'OF', 'SA'] as const).flatMap((role) =>
      stored.flatMap((entry) => lineFor(viewer(role), entry, { of: () => undefined, name: () => ({ zh: '门', en: 'door' }) }) ?? []),
    );
    expect(lines.length).toBeGreaterThanOrEqual(256);
    const bytes = JSON.stringify(lines).toUpperCase();
    for (const hex of cards) expect(bytes).not.toContain(hex.toUpperCase());
  });
});
