import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createHash } from 'node:crypto';
import { addVaultKeys, dropOldVaultKeys, type Keys, loadKeys, ownVaultKeys, readKeys, readRoots, writeRoots } from '../../gateway/store/keys.ts';
import { createVault } from '../../gateway/store/vault.ts';

let data: string;
let dir: string;
const file = (name: string): string => path.join(dir, name);
const mode = (name: string): number => statSync(name).mode & 0o777;

const FILES = ['keys-mirror.json', 'keys.json', 'root-mirror.json', 'root.json'];

beforeEach(() => {
  data = mkdtempSync(path.join(tmpdir(), 'doorbook-keys-'));
  dir = path.join(data, 'keys');
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

describe('the first start', () => {
  test('makes four different keys of 32 bytes, the same at the next start', () => {
    const keys = loadKeys(dir);
    const hex = [keys.vault[0].key, keys.hash[0].key, keys.fingerprint, keys.journalRoot].map((key) => Buffer.from(key).toString('hex'));
    expect(hex.map((key) => key.length)).toEqual([64, 64, 64, 64]);
    expect(new Set(hex).size).toBe(4);
    expect([keys.vault[0].n, keys.hash[0].n, keys.vault.length, keys.hash.length]).toEqual([1, 1, 1, 1]);
    expect(loadKeys(dir)).toEqual(keys);
  });

  test('keeps them for this user alone, and no half-written file stays', () => {
    loadKeys(dir);
    expect(mode(dir)).toBe(0o700);
    expect(readdirSync(dir).sort()).toEqual(FILES);
    expect(FILES.map((name) => mode(file(name)))).toEqual([0o600, 0o600, 0o600, 0o600]);
  });

  test('two sites never share keys', () => {
    expect(loadKeys(dir).vault).not.toEqual(loadKeys(path.join(data, 'other')).vault);
  });
});

describe('repair', () => {
  test.each(FILES)('%s lost: made good from the other', (name) => {
    const keys = loadKeys(dir);
    rmSync(file(name));
    expect(readKeys(dir), 'a thread that owns neither reads the copy that is there').toEqual(keys);
    expect(existsSync(file(name))).toBe(false);
    expect(loadKeys(dir)).toEqual(keys);
    expect(readFileSync(file('keys.json'))).toEqual(readFileSync(file('keys-mirror.json')));
    expect(readFileSync(file('root.json'))).toEqual(readFileSync(file('root-mirror.json')));
  });

  test.each(FILES)('%s cut short or with one digit changed: made good from the other', (name) => {
    const keys = loadKeys(dir);
    const whole = readFileSync(file(name), 'utf8');
    const at = whole.search(/[0-9a-f]{64}/);
    const flipped = `${whole.slice(0, at)}${whole[at] === '0' ? '1' : '0'}${whole.slice(at + 1)}`;
    for (const damaged of [whole.slice(0, 40), '', flipped]) {
      writeFileSync(file(name), damaged);
      expect(loadKeys(dir)).toEqual(keys);
      expect(readFileSync(file(name), 'utf8')).toBe(whole);
    }
  });

  test('a file left half-written by a crash is not looked at', () => {
    const keys = loadKeys(dir);
    writeFileSync(file('keys.json.tmp'), '{"format":');
    expect(loadKeys(dir)).toEqual(keys);
  });

  test('files and folder that others may read are closed again', () => {
    loadKeys(dir);
    chmodSync(dir, 0o755);
    chmodSync(file('keys.json'), 0o644);
    loadKeys(dir);
    expect([mode(dir), mode(file('keys.json'))]).toEqual([0o700, 0o600]);
  });
});

describe('refusals say what to restore', () => {
  test.each(['register.sqlite', 'journal.sqlite'])('%s is there without keys: no new keys are made over it', (database) => {
    writeFileSync(path.join(data, database), '');
    expect(() => loadKeys(dir)).toThrow(`${database} is there but its keys are not. Restore the folder ${dir}`);
    expect(existsSync(file('keys.json'))).toBe(false);
  });

  test.each(['keys', 'root'])('both copies of %s.json damaged: neither is overwritten', (name) => {
    loadKeys(dir);
    writeFileSync(file(`${name}.json`), 'x');
    writeFileSync(file(`${name}-mirror.json`), 'y');
    expect(() => loadKeys(dir)).toThrow('are damaged. Restore this folder from a backup');
    expect(() => readKeys(dir)).toThrow('are damaged. Restore this folder from a backup');
    expect(readFileSync(file(`${name}.json`), 'utf8')).toBe('x');
  });

  test('the root file gone: no new root is made, the log could not be read with it', () => {
    loadKeys(dir);
    rmSync(file('root.json'));
    rmSync(file('root-mirror.json'));
    expect(() => loadKeys(dir)).toThrow('Restore this folder from a backup');
  });

  test('two good copies that disagree are not chosen between', () => {
    loadKeys(dir);
    const other = path.join(data, 'other');
    loadKeys(other);
    writeFileSync(file('keys-mirror.json'), readFileSync(path.join(other, 'keys.json')));
    expect(() => loadKeys(dir)).toThrow('hold different keys. Restore both from the same backup');
  });
});

describe('keys of the first format', () => {
  const OLD = { vault: '01', hash: '02', fingerprint: '03', journalRoot: '04' };
  const key = (byte: string): Buffer => Buffer.from(byte.repeat(32), 'hex');
  /** As the first version wrote it. */
  function writeOld(name: string): void {
    const body = Object.fromEntries(Object.entries(OLD).map(([use, byte]) => [use, byte.repeat(32)]));
    const check = Object.values(OLD)
      .reduce((hash, byte) => hash.update(key(byte)), createHash('sha256').update('doorbook-keys/1'))
      .digest('hex');
    mkdirSync(dir, { recursive: true });
    writeFileSync(file(name), JSON.stringify({ format: 'doorbook-keys/1', ...body, check }));
  }
  const expectOld = (keys: Keys): void => {
    expect(keys).toMatchObject({ vault: [{ n: 1, key: key('01') }], hash: [{ n: 1, key: key('02') }], fingerprint: key('03'), journalRoot: key('04') });
  };

  test('are taken over, the root into a file of its own', () => {
    for (const name of ['keys.json', 'keys-mirror.json']) writeOld(name);
    expectOld(loadKeys(dir));
    expectOld(readKeys(dir));
    expect(readdirSync(dir).sort()).toEqual(FILES);
    expect(readFileSync(file('keys.json'), 'utf8')).not.toContain('04'.repeat(32));
  });

  test('a crash between any two of the four files loses nothing', () => {
    for (const name of ['keys.json', 'keys-mirror.json']) writeOld(name);
    loadKeys(dir);
    const whole = new Map(FILES.map((name) => [name, readFileSync(file(name))]));
    const order = ['root.json', 'root-mirror.json', 'keys.json', 'keys-mirror.json'];
    for (let done = 0; done <= order.length; done += 1) {
      rmSync(dir, { recursive: true });
      for (const name of ['keys.json', 'keys-mirror.json']) writeOld(name);
      for (const name of order.slice(0, done)) writeFileSync(file(name), whole.get(name) ?? '');
      expectOld(loadKeys(dir));
      expect(FILES.map((name) => readFileSync(file(name), 'utf8'))).toEqual(FILES.map((name) => whole.get(name)?.toString()));
    }
  });
});

describe('changing keys', () => {
  const numbers = ({ vault, hash }: Pick<Keys, 'vault' | 'hash'>): number[][] => [vault.map(({ n }) => n), hash.map(({ n }) => n)];

  test('new ones come first, the old ones stay until they are dropped, and the fingerprint key for good', () => {
    const before = loadKeys(dir);
    addVaultKeys(dir);
    const both = readKeys(dir);
    expect(numbers(both)).toEqual([
      [2, 1],
      [2, 1],
    ]);
    expect([both.vault[1], both.hash[1], both.fingerprint, both.journalRoot]).toEqual([before.vault[0], before.hash[0], before.fingerprint, before.journalRoot]);
    dropOldVaultKeys(dir);
    expect(numbers(loadKeys(dir))).toEqual([[2], [2]]);
    const old = Buffer.from(before.vault[0].key).toString('hex');
    for (const name of readdirSync(dir)) expect(readFileSync(file(name), 'utf8'), name).not.toContain(old);
  });

  test('a crash between the two copies: the newer one counts, for whoever reads, and is copied by whoever owns', () => {
    loadKeys(dir);
    const older = readFileSync(file('keys-mirror.json'));
    addVaultKeys(dir);
    writeFileSync(file('keys-mirror.json'), older);
    expect(numbers(readKeys(dir))).toEqual([
      [2, 1],
      [2, 1],
    ]);
    expect(readFileSync(file('keys-mirror.json'))).toEqual(older);
    ownVaultKeys(dir);
    expect(readFileSync(file('keys-mirror.json'))).toEqual(readFileSync(file('keys.json')));
  });

  test('a vault meets a key it does not know: it reads the file once, and opens', () => {
    const [old, other] = [createVault(loadKeys(dir)), createVault(loadKeys(dir))];
    addVaultKeys(dir);
    other.refresh();
    const sealed = other.seal('person.name', '李小明');
    expect(old.open('person.name', sealed)).toBe('李小明');
    expect(old.hashKey).toBe(2);
  });

  test('the journal’s roots are written to their own file, newest first', () => {
    const { journalRoot } = loadKeys(dir);
    const fresh = new Uint8Array(32).fill(7);
    writeRoots(dir, [fresh, journalRoot]);
    expect(readRoots(dir)).toEqual([Buffer.from(fresh), journalRoot]);
    expect(readKeys(dir).journalRoot).toEqual(Buffer.from(fresh));
    expect(readRoots(path.join(data, 'elsewhere'))).toBeUndefined();
  });
});
