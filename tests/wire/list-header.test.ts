import { describe, expect, test } from 'vitest';
import { listHeader, listSigner, listVerifier, openHeader } from '../../gateway/wire/mqtt/list-header.ts';
import { header, settings } from '../helpers/lists.ts';

// Made by Python's cryptography package, not by ours.
const PUBLIC = '6e7a1cdd29b0b78fd13af4c5598feff4ef2a97166e3ca6f2e4fbfccd80505bf1';
const HEADER = Buffer.from('{"v":1,"d":"yc42-d01"}');
const SIGNATURE = '30df61f25be073eaeba466fb616b5134ed5e14286f68de3eb033c730d0b8bc61355e11c067408599882414cd5bee70447d4e851327f7cbc005e35a9af904d507';
const signer = listSigner(Buffer.alloc(32, 5));
const key = listVerifier(PUBLIC);

describe('the signature of a list', () => {
  test('is as the vector says', () => {
    expect(signer.publicKey).toBe(PUBLIC);
    expect(signer.sign(HEADER).toString()).toBe(`${HEADER.toString()}\n${SIGNATURE}`);
  });

  test('is checked before anything is read', () => {
    const signed = signer.sign(HEADER);
    expect(openHeader(signed, key)?.toString()).toBe(HEADER.toString());
    for (let at = 0; at < signed.length; at += 1) {
      const bent = Buffer.from(signed);
      bent[at] = (bent[at] ?? 0) ^ 1;
      expect(openHeader(bent, key), `byte ${at}`).toBeUndefined();
    }
    expect(openHeader(listSigner(Buffer.alloc(32, 6)).sign(HEADER), key)).toBeUndefined();
    for (const short of [Buffer.alloc(0), signed.subarray(1), signed.subarray(0, -1), HEADER]) expect(openHeader(short, key)).toBeUndefined();
  });

  test('needs a key that is one', () => {
    expect(() => listSigner(Buffer.alloc(31))).toThrow('list key: expected 32 bytes, got 31');
    for (const bad of ['', PUBLIC.toUpperCase(), `${PUBLIC}00`]) expect(() => listVerifier(bad)).toThrow('list: expected a public key of 64 lower-case hex digits');
  });
});

describe('the header of a list', () => {
  const week = [[], [[480, 1320]], [], [], [], [], [], []];
  test('is read as it is written', () => {
    const whole = header({
      doors: [settings({ u: 1, f: 1, p: 2, i: 2, a: 10, x: 1, k: 1_797_592_000_000 })],
      sched: [{ s: 1, w: week.map((day) => day.map(([from = 0, to = 0]) => [from, to] as const)) }],
      hol: ['2026-10-01'],
      work: ['2026-10-10'],
    });
    expect(listHeader(JSON.parse(JSON.stringify(whole)), '')).toEqual(whole);
  });

  const said =
    (over: object): (() => unknown) =>
    () =>
      listHeader({ ...header(), ...over }, '');
  test.each([
    [{ d: 'A door' }, 'd: expected a device id'],
    [{ dig: 'AB' }, 'dig: expected 64 lower-case hex digits'],
    [{ count: 20_001 }, 'count: expected a whole number from 0 to 20000'],
    [{ tz: 900 }, 'tz: expected'],
    [{ doors: [settings({ h: 3_600_001 })] }, 'doors[0].h: expected'],
    [{ doors: [{ ...settings(), f: 2 }] }, 'doors[0].f: expected one of 0, 1'],
    [{ doors: Array.from({ length: 9 }, () => settings()) }, 'doors: expected a list of at most 8'],
    [{ sched: [{ s: 0, w: week }] }, 'sched[0].s: expected a whole number from 1 to 255'],
    [{ sched: [{ s: 1, w: week.slice(1) }] }, 'sched[0].w: expected 8 days'],
    [{ sched: [{ s: 1, w: week.map(() => [[600, 600]]) }] }, 'sched[0].w[0][0][1]: expected a whole number from 601 to 1440'],
    [{ sched: [{ s: 1, w: week.map(() => [[1440, 1441]]) }] }, 'sched[0].w[0][0][0]: expected'],
    [{ sched: [{ s: 1, w: week.map(() => [[0, 1, 2]]) }] }, 'two minutes of the day'],
    [{ hol: ['1 October'] }, 'hol[0]: expected a day yyyy-mm-dd'],
  ])('%o is refused, by the name of the field', (over, words) => {
    expect(said(over)).toThrow(words);
  });
});
