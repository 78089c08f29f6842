import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { compare } from '../../firmware-sim/compare-replay.ts';
import { masked, Recorder } from '../../firmware-sim/recorder.ts';
import { readRecording } from '../../firmware-sim/recording.ts';
import { runReplay } from '../../firmware-sim/replay-command.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'doorbook-recording-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));
const HEAD = { recording: 1, device: 'd', doors: 1, began: 1 } as const;

describe('what is written', () => {
  test.each([
    ['req', { k: 'pin', c: { w: 16, x: '1234' }, n: 1 }, { k: 'pin', c: { w: 16, x: '0000' }, n: 1 }],
    ['req', { k: 'card-pin', c: { w: 32, x: '1A2B3C4D' }, pin: '1234' }, { k: 'card-pin', c: { w: 32, x: '00000000' } }],
    ['req', { k: 'card', c: { w: 32, x: '1A2B3C4D' }, p: '2468' }, { k: 'card', c: { w: 32, x: '1A2B3C4D' } }],
    ['state', { p: true, q: 0 }, { p: true, q: 0 }],
    ['evt', { k: 'outcome', m: 'pin', c: { w: 16, x: '1234' } }, { k: 'outcome', m: 'pin', c: { w: 16, x: '0000' } }],
    ['req', { k: 'card', c: { w: 32, x: '1A2B3C4D' } }, { k: 'card', c: { w: 32, x: '1A2B3C4D' } }],
    ['evt', { k: 'door', w: 'forced' }, { k: 'door', w: 'forced' }],
  ])('a PIN never is: %s %j', (tail, body, written) => {
    expect(masked(tail, body)).toEqual(written);
  });

  test('is for the owner alone, reads back, and a line cut short is left out', () => {
    const file = join(dir, 'r.jsonl');
    const recorder = new Recorder(file, HEAD, () => 5);
    recorder.link(true);
    recorder.message('up', 'req', { k: 'pin', c: { w: 16, x: '1234' } });
    recorder.close();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    writeFileSync(file, '{"at":6,"dir":"up","ta', { flag: 'a' });
    expect(readRecording(file)).toEqual({
      head: HEAD,
      lines: [
        { at: 5, dir: 'link', up: true },
        { at: 5, dir: 'up', tail: 'req', body: { k: 'pin', c: { w: 16, x: '0000' } } },
      ],
    });
  });

  test.each([
    ['nonsense\n', 'line 1: expected one JSON object'],
    ['{"recording":2}\n', 'line 1.recording: expected one of 1'],
    [`${JSON.stringify(HEAD)}\n{"at":1,"dir":"side"}\n`, 'line[0].dir: expected one of up, down, link'],
    [`${JSON.stringify(HEAD)}\n{"at":1,"dir":"up","tail":"req","body":[]}\n`, 'line[0].body: expected an object'],
  ])('a file that is none is refused by its line: %j', (text, said) => {
    const file = join(dir, 'r.jsonl');
    writeFileSync(file, text);
    expect(() => readRecording(file)).toThrow(said);
  });
});

describe('a comparison', () => {
  const res = (n: number, more: object = {}) => ({ tail: 'res', body: { b: 1, n, g: true, r: 'OK', o: 5000, e: n, ...more } });
  const want = (n: number, more: object = {}) => ({ tail: 'acl/want', body: { e: 1, n, dig: String(n), count: 3, of: 1, o: [5000], until: n, ...more } });
  test('leaves out what is never the same twice', () => {
    expect(compare([res(1), want(7), want(8, { count: 4 }), { tail: 'log', body: { s: 1 } }], [res(1, { e: 99, i: 'x' }), want(17), want(18, { count: 4 })])).toEqual([]);
  });
  test('finds a field, a message that is missing, and one that is new', () => {
    expect(compare([res(1), res(2), want(7)], [res(1, { r: 'NO' }), res(3), want(9, { count: 4 })])).toEqual([
      { what: 'res 1.1', field: 'r', was: 'OK', is: 'NO' },
      { what: 'res 1.2', field: '', was: res(2).body, is: undefined },
      { what: 'acl/want list 1', field: 'count', was: 3, is: 4 },
      { what: 'res 1.3', field: '', was: undefined, is: res(3).body },
    ]);
  });
});

test.each([
  [[], 'replay: expected replay FILE'],
  [['f'], 'replay: expected replay FILE'],
  [['f', '--offer', 'x', '--data', 'y'], 'replay: expected replay FILE'],
  [['f', '--ofer', 'x'], '--ofer: expected one of --offer, --data'],
  [['/nowhere', '--data', '/tmp'], 'no such file'],
])('the command refuses %j', async (args, said) => {
  await expect(runReplay(args, () => undefined)).rejects.toThrow(said);
});
