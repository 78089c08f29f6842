import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadKeys } from '../../gateway/store/keys.ts';

let data: string;
let dir: string;
const file = (name: string): string => path.join(dir, name);
const mode = (name: string): number => statSync(name).mode & 0o777;

beforeEach(() => {
  data = mkdtempSync(path.join(tmpdir(), 'doorbook-keys-'));
  dir = path.join(data, 'keys');
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

describe('the first start', () => {
  test('makes four different keys of 32 bytes, the same at the next start', () => {
    const keys = loadKeys(dir);
    const hex = Object.values(keys).map((key) => Buffer.from(key).toString('hex'));
    expect(hex.map((key) => key.length)).toEqual([64, 64, 64, 64]);
    expect(new Set(hex).size).toBe(4);
    expect(loadKeys(dir)).toEqual(keys);
  });

  test('keeps them for this user alone, and no half-written file stays', () => {
    loadKeys(dir);
    expect(mode(dir)).toBe(0o700);
    expect(readdirSync(dir).sort()).toEqual(['keys-mirror.json', 'keys.json']);
    expect([mode(file('keys.json')), mode(file('keys-mirror.json'))]).toEqual([0o600, 0o600]);
  });

  test('two sites never share keys', () => {
    expect(loadKeys(dir).vault).not.toEqual(loadKeys(path.join(data, 'other')).vault);
  });
});

describe('repair', () => {
  test.each(['keys.json', 'keys-mirror.json'])('%s lost: made good from the other', (name) => {
    const keys = loadKeys(dir);
    rmSync(file(name));
    expect(loadKeys(dir)).toEqual(keys);
    expect(readFileSync(file('keys.json'))).toEqual(readFileSync(file('keys-mirror.json')));
  });

  test.each(['keys.json', 'keys-mirror.json'])('%s cut short or with one digit changed: made good from the other', (name) => {
    const keys = loadKeys(dir);
    const whole = readFileSync(file(name), 'utf8');
    const at = whole.indexOf('"hash": "') + 9;
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

  test('both copies damaged: neither is overwritten', () => {
    loadKeys(dir);
    writeFileSync(file('keys.json'), 'x');
    writeFileSync(file('keys-mirror.json'), 'y');
    expect(() => loadKeys(dir)).toThrow('are damaged. Restore this folder from a backup');
    expect(readFileSync(file('keys.json'), 'utf8')).toBe('x');
  });

  test('two good copies that disagree are not chosen between', () => {
    loadKeys(dir);
    const other = path.join(data, 'other');
    loadKeys(other);
    writeFileSync(file('keys-mirror.json'), readFileSync(path.join(other, 'keys.json')));
    expect(() => loadKeys(dir)).toThrow('hold different keys. Restore both from the same backup');
  });
});
