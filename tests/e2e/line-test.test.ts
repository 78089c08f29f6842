import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createSimulator } from '../../gateway/http/demo-socket.ts';
import type { LedgerPage } from '../../gateway/http/schemas/ledger.ts';
import type { LineList, LineTestView, LineView } from '../../gateway/http/schemas/serial-lines.ts';
import { type GatewayProcess, startGateway } from '../helpers/gateway-process.ts';

/** The demo's line in a test, with nothing replaced. */
const data = mkdtempSync(path.join(tmpdir(), 'doorbook-line-test-'));
const WAIT = { timeout: 30_000, interval: 100 };
const LONG_MS = 110_000;
let gateway: GatewayProcess;

async function line(): Promise<LineView> {
  const [only] = (await gateway.api<LineList>('/lines')).lines;
  if (only === undefined) throw new Error('no line');
  return only;
}
const testNow = async (): Promise<LineTestView | null> => (await line()).test;
/** The same of a desk side that was started again, which has an address and a token of its own; undefined until it is there. */
async function testAfter(): Promise<LineTestView | null | undefined> {
  try {
    const { url, token } = JSON.parse(readFileSync(path.join(data, 'run.json'), 'utf8'));
    const answer = await fetch(`${url}/api/v1/lines`, { headers: { authorization: `Bearer ${token}` } });
    return answer.ok ? (await answer.json()).lines[0]?.test : undefined;
  } catch {
    return undefined;
  }
}
async function begin(seconds: number): Promise<void> {
  const { id, doors } = await line();
  const body = JSON.stringify({ seconds, reason: '试一下线路', doors: doors.map((door) => door.id) });
  await gateway.api(`/lines/${id}/test`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
}
const opens = async (): Promise<boolean> => (await gateway.tap('D05', '1A2B3C4D')).granted;
async function codes(): Promise<string[]> {
  const { lines } = await gateway.api<LedgerPage>('/entries?limit=40');
  return lines.filter(({ door }) => door.en === 'Bike shed').map(({ code }) => code);
}

beforeAll(async () => {
  gateway = await startGateway({ data, demo: true });
  await vi.waitFor(async () => expect((await line()).devices.map(({ state }) => state)).toEqual(['up', 'up']), WAIT);
});
afterAll(async () => {
  await gateway?.kill('SIGTERM');
  rmSync(data, { recursive: true, force: true });
});

test('noise on the demo’s line is found and told with its rate; a card meanwhile is refused in the log; after it the door opens', { timeout: LONG_MS + WAIT.timeout }, async () => {
  const simulator = createSimulator(data);
  const fault = (name: string, value?: number): Promise<unknown> =>
    simulator.ask(JSON.parse(JSON.stringify({ act: 'fault', doorCode: '890101001001B00042D05', fault: name, value })));
  await fault('noise', 10);
  // A machine that is busy for ten seconds answers late, and is told so: then the line is tested again.
  await expect
    .poll(
      async () => {
        await begin(10);
        await expect.poll(opens, WAIT).toBe(false);
        await expect.poll(codes, WAIT).toEqual(expect.arrayContaining(['line-test', 'LINE_TEST']));
        await expect.poll(async () => (await testNow())?.why, WAIT).toBe('time');
        return (await testNow())?.devices.map(({ verdict }) => verdict.word);
      },
      { timeout: LONG_MS, interval: 100 },
    )
    .toEqual(['noise', 'noise']);
  await expect.poll(async () => (await testNow())?.devices.every(({ sent, verdict: { oneIn } }) => sent > 40 && oneIn >= 4 && oneIn <= 30), WAIT).toBe(true);
  await fault('none');
  await expect.poll(opens, WAIT).toBe(true);
});

test('the desk side is killed in the middle of a test: the line is in service again, and the desk says so when it is back', { timeout: LONG_MS }, async () => {
  // Not before the door that was just opened is locked again.
  await expect.poll(() => begin(600).then(() => 'begun', String), WAIT).toBe('begun');
  await expect.poll(async () => (await testNow())?.endedAt, WAIT).toBe(null);
  // As long as the desk side lives the test does, also past the time after which its silence ends it.
  await new Promise((resolve) => setTimeout(resolve, 12_000));
  expect(await testNow()).toMatchObject({ endedAt: null, why: null });
  expect(await opens()).toBe(false);
  process.kill(gateway.pid, 'SIGUSR2');
  await expect.poll(opens, WAIT).toBe(true);
  await expect.poll(async () => (await testAfter())?.why, WAIT).toBe('desk');
});
