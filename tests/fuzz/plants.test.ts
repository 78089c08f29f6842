import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { fuzz } from './fuzz.ts';
import { wrongWith } from './http-oracle.ts';
import type { Sent } from './http-request.ts';
import type { Operation } from './openapi.ts';
import { plain, type Target } from './target.ts';

const SEED = 7;
/** A target with a planted fault. */
const planted = (name: string, run: (input: Buffer) => void): Target => ({
  name: `planted-${name}`,
  covers: [],
  words: ['bad'],
  make: () => Buffer.from('good input'),
  open: plain(run),
});
const spin = (ms: number): void => {
  const until = performance.now() + ms;
  while (performance.now() < until);
};

describe('a planted fault is found', () => {
  test('a throw, told with seed, number, bytes and how to see it again', async () => {
    const target = planted('throw', (input) => {
      if (input.includes('bad')) throw new TypeError('planted');
    });
    await expect(fuzz(target, { runs: 5000, seed: SEED })).rejects.toThrow(
      /planted-throw: seed 7, input \d+: TypeError: planted[\s\S]*input \(hex\): [\s\S]*626164[\s\S]*npm run fuzz -- planted-throw --input \S+\.bin/,
    );
  });

  test('the same seed finds the same input', async () => {
    const found = (): Promise<string> =>
      fuzz(
        planted('same', (input) => {
          if (input.length > 40) throw new Error('planted');
        }),
        { runs: 5000, seed: SEED },
      ).then(
        () => 'nothing',
        (error: unknown) => String(error).split('\n').at(-2) ?? '',
      );
    const first = await found();
    expect(first).toMatch(/^input \(hex\)/);
    expect(await found()).toBe(first);
  });

  test('an input that takes 15 ms, every time', async () => {
    const target = planted('slow', (input) => spin(input.includes('bad') ? 15 : 0));
    await expect(fuzz(target, { runs: 5000, seed: SEED })).rejects.toThrow(/took 1\d\.\d ms, at most 10/);
  });

  test('not one that was slow once, as when something else had the processor', async () => {
    let hiccup = true;
    const target = planted('hiccup', () => {
      if (hiccup) spin(30);
      hiccup = false;
    });
    expect((await fuzz(target, { runs: 50, seed: SEED })).worstMs).toBeLessThan(10);
  });

  test('memory that is kept', async () => {
    const kept: Buffer[] = [];
    const target = planted('leak', (input) => void kept.push(Buffer.from(JSON.stringify([...input]))));
    const texts: string[] = [];
    const leaking = planted('leak', (input) => void texts.push(input.toString('hex').repeat(50)));
    expect((await fuzz(target, { runs: 10, seed: SEED })).keptMb).toBeLessThan(5);
    expect(
      (await fuzz({ ...leaking, open: plain((input) => void texts.push([...input.toString('hex').repeat(50)].join(''))) }, { runs: 8000, seed: SEED })).keptMb,
    ).toBeGreaterThan(5);
  });

  test('a loop without an end: another thread says which input, and ends the process', async () => {
    const code = `import { createWatchdog } from ${JSON.stringify(new URL('./watchdog.ts', import.meta.url).href)};
      createWatchdog('planted-loop', 100, 300).begin(Buffer.from('the input'));
      for (;;);`;
    const register = fileURLToPath(new URL('./register.mjs', import.meta.url));
    const said = await new Promise<string>((resolve) =>
      execFile(process.execPath, ['--import', register, '--input-type=module', '--eval', code], (_error, _out, err) => resolve(err)),
    );
    expect(said).toContain(`planted-loop: does not come back from this input (base64): ${Buffer.from('the input').toString('base64')}`);
  });
});

describe('what is wrong with an answer is seen', () => {
  const needs = { data: 'account', action: 'C', strong: false, roles: ['SA', 'DA'] } as const;
  const operation: Operation = { method: 'POST', path: '/api/v1/accounts', parameters: [], bodies: [], needs };
  const sent: Sent = { method: 'POST', url: '/api/v1/accounts', headers: {}, payload: undefined, lacks: undefined, asks: operation };
  const problem = { code: 'NOT_FOUND', message: { zh: '没有找到。', en: 'Not found.' }, status: 404 };
  const answer = (status: number, body: unknown, type = 'application/problem+json'): { status: number; headers: { 'content-type': string }; body: string } => ({
    status,
    headers: { 'content-type': type },
    body: JSON.stringify(body),
  });

  test.each([
    ['a 500', sent, answer(500, { ...problem, code: 'INTERNAL', status: 500 }), 'answered 500'],
    ['a stack', sent, answer(404, { ...problem, stack: 'at run (file:///app/x.js:1:2)' }), 'shows its insides'],
    ['an error in no form', sent, answer(404, 'Not Found', 'text/html'), 'a 404 of type text/html'],
    ['an unknown code', sent, answer(404, { ...problem, code: 'OOPS' }), 'the code OOPS'],
    ['a code with another status', sent, answer(409, { ...problem, status: 409 }), 'NOT_FOUND came as 409'],
    ['no sentence', sent, answer(404, { ...problem, message: { zh: '', en: '' } }), 'without its sentences'],
    [
      'no field',
      sent,
      answer(400, { code: 'BAD_INPUT', message: { zh: '填写的内容不对，请看标出的一项。', en: 'Something was filled in wrongly. See the field named.' }, status: 400 }),
      'names no field',
    ],
    ['a right nobody has', sent, answer(200, {}), 'carried out for BL'],
    ['a request without its CSRF token', { ...sent, lacks: 'csrf' as const, asks: undefined }, answer(200, {}), 'carried out without the right csrf'],
  ])('%s', (_what, given, got, words) => {
    expect(wrongWith(given, 'BL', got).join()).toContain(words);
  });

  test('and nothing is seen in a good one', () => {
    expect(wrongWith(sent, 'SA', answer(200, {}))).toEqual([]);
    expect(wrongWith(sent, 'BL', answer(404, problem))).toEqual([]);
  });
});
