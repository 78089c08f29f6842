import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { type Got, wrongWith } from './http-oracle.ts';
import { answersIn, BENDS, bytesOf, exchange } from './http-raw.ts';
import { makeRequest } from './http-request.ts';
import { type Asker, type FuzzedWorld, openFuzzedWorld } from './http-world.ts';
import { createRandom, type Random } from './random.ts';
import { rawFrames, upgrade } from './ws-raw.ts';

const SEED = 20_261_123;
const REQUESTS = 2500;
const AT_ONCE = 8;
const CONVERSATIONS = 300;

let fuzzed: FuzzedWorld;
let port = 0;
const unhandled: unknown[] = [];
const note = (error: unknown): void => void unhandled.push(error);
beforeAll(async () => {
  fuzzed = await openFuzzedWorld();
  await fuzzed.here.app.listen({ host: '127.0.0.1', port: 0 });
  const address = fuzzed.here.app.server.address();
  port = Object(address satisfies AddressInfo | string | null).port;
  process.on('uncaughtException', note);
});
afterAll(async () => {
  process.off('uncaughtException', note);
  await fuzzed.close();
});

/** So many pieces of work, a few at once. */
async function lanes(count: number, work: (at: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let at = next++; at < count; at = next++) await work(at);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

/** Askers by turns; requests that end a session end only their own. */
async function askerAt(random: Random): Promise<Asker> {
  const asker = random.any(fuzzed.askers) ?? fuzzed.askers[0];
  if (random.oneIn(10)) await fuzzed.renew(asker, true);
  return asker;
}

describe('HTTP on a real socket', () => {
  test('requests whose framing is bent: no 5xx, no insides, a problem or a closed connection', async () => {
    const findings: string[] = [];
    const statuses: Record<number, number> = {};
    await lanes(REQUESTS, async (at) => {
      const random = createRandom(SEED, at);
      const { operations } = fuzzed;
      const operation = operations[at % operations.length];
      if (operation === undefined) return;
      const asker = await askerAt(random);
      const sent = makeRequest(operation, asker.credentials, random);
      const plain = bytesOf({ ...sent, headers: { ...sent.headers, host: `127.0.0.1:${port}` } });
      const bent = random.oneIn(3) ? plain : random.pick(BENDS)(plain, random);
      const answers = answersIn(await exchange(port, bent, random.below(bent.length + 1)));
      for (const got of answers) statuses[got.status] = (statuses[got.status] ?? 0) + 1;
      const wrong = answers.flatMap((got: Got) => wrongWith({ ...sent, asks: bent === plain ? sent.asks : undefined, lacks: undefined }, asker.role, got));
      const leaks = await Promise.all(answers.map(({ body }) => fuzzed.leaked(asker, body)));
      findings.push(...[...wrong, ...leaks.flat()].map((each) => `seed ${SEED}, request ${at}, ${asker.name}: ${each}\n${bent.toString('latin1').slice(0, 600)}`));
    });
    console.info(JSON.stringify(statuses));
    expect(findings).toEqual([]);
    expect(unhandled).toEqual([]);
    expect(Object.values(statuses).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(REQUESTS / 2);
  }, 300_000);
});

describe('the live feed on a real socket', () => {
  test('messages, broken frames and foreign origins: an honest console goes on hearing, and nobody hears what is not his', async () => {
    const { here, askers } = fuzzed;
    const operator = askers.find(({ name }) => name === 'sa');
    if (operator === undefined) throw new Error('no operator');
    await fuzzed.renew(operator, true);
    const honest = new WebSocket(`ws://127.0.0.1:${port}/api/v1/live`, { headers: { ...operator.credentials, origin: `http://127.0.0.1:${port}` } });
    const heard: string[] = [];
    honest.on('message', (data) => heard.push(String(data)));
    await expect.poll(() => heard.length, { timeout: 5000 }).toBeGreaterThan(0);
    const findings: string[] = [];
    await lanes(CONVERSATIONS, async (at) => {
      const random = createRandom(SEED + 1, at);
      const asker = await askerAt(random);
      const { head, mayOpen } = upgrade(random, asker.credentials, port);
      const got = await exchange(port, Buffer.concat([head, ...rawFrames(random)]), head.length);
      const text = got.toString('latin1');
      if (!mayOpen && text.startsWith('HTTP/1.1 101')) findings.push(`conversation ${at}: ${asker.name} was let in: ${head.toString()}`);
      for (const leak of await fuzzed.leaked(asker, got.toString('utf8'))) findings.push(`conversation ${at}: ${asker.name} is told ${leak}`);
      const answers = text.startsWith('HTTP/1.1 101') ? [] : answersIn(got);
      const [operation] = fuzzed.operations.filter(({ path }) => path.endsWith('/live'));
      if (operation !== undefined)
        for (const each of answers) findings.push(...wrongWith({ method: 'GET', url: '', headers: {}, payload: undefined, lacks: undefined, asks: undefined }, asker.role, each));
    });
    const before = heard.length;
    here.journal.add({ kind: 'system', what: 'after the noise' });
    here.site.live.onDurable();
    await expect.poll(() => heard.length, { timeout: 5000 }).toBeGreaterThan(before);
    honest.terminate();
    expect(findings).toEqual([]);
    expect(unhandled).toEqual([]);
  }, 300_000);
});
