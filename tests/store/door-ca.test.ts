import { createPublicKey, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { replaceKeysCopy } from '../../gateway/backup/copy-keys.ts';
import { pinOf as pinOfPublic } from '../../gateway/wire/mqtt/enrol.ts';
import { ownDoorKey } from '../../gateway/store/door-ca.ts';
import { openLog } from '../../gateway/journal/log.ts';
import { loadKeys } from '../../gateway/store/keys.ts';

let dir = '';
const pinOf = (key: KeyObject): string => pinOfPublic(createPublicKey(key));
const keysDir = (): string => path.join(dir, 'keys');
const file = (name: string): string => path.join(keysDir(), name);
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'doorbook-door-ca-'));
  const { journalRoot } = loadKeys(keysDir());
  openLog({ file: path.join(dir, 'journal.sqlite'), keysDir: keysDir(), root: journalRoot }).close();
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('the key controllers know the gateway by', () => {
  test('is made once, for this user alone, twice', () => {
    const pin = pinOf(ownDoorKey(keysDir()));
    expect(pin).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(pinOf(ownDoorKey(keysDir()))).toBe(pin);
    expect(readFileSync(file('door-ca.json'))).toEqual(readFileSync(file('door-ca-mirror.json')));
    expect(statSync(file('door-ca.json')).mode & 0o777).toBe(0o600);
  });

  test('outlives the loss of either copy', () => {
    const pin = pinOf(ownDoorKey(keysDir()));
    for (const name of ['door-ca.json', 'door-ca-mirror.json']) {
      writeFileSync(file(name), 'torn');
      expect(pinOf(ownDoorKey(keysDir()))).toBe(pin);
      expect(readFileSync(file('door-ca.json'))).toEqual(readFileSync(file('door-ca-mirror.json')));
    }
  });

  test('is not made anew when both are damaged: that would shut out every controller', () => {
    ownDoorKey(keysDir());
    for (const name of ['door-ca.json', 'door-ca-mirror.json'])
      writeFileSync(file(name), readFileSync(file(name), 'utf8').replace('"generation": 1', '"generation": 1,').slice(0, -9));
    expect(() => ownDoorKey(keysDir())).toThrow(/damaged in both copies.*door-ca\.json from a backup/);
  });

  test('is in the copy of the keys that a backup makes', async () => {
    const pin = pinOf(ownDoorKey(keysDir()));
    const copy = await replaceKeysCopy(keysDir(), path.join(dir, 'copy'), Date.now(), async () => undefined);
    expect(pinOf(ownDoorKey(copy))).toBe(pin);
  });
});
