import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createSimulator } from '../../gateway/http/demo-socket.ts';
import type { SimAnswer } from '../../gateway/http/deps.ts';
import { BUILDING_CODE } from '../helpers/register.ts';
import { signedIn, type World, world } from './fixture.ts';

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function made(demo: boolean, sim?: (act: object) => SimAnswer): Promise<World> {
  const here = await world({ config: { demo }, ...(sim === undefined ? {} : { sim }) });
  closing.push(here.close);
  return here;
}

describe('the card tray', () => {
  test('lists the cards to press and the simulated doors', async () => {
    const here = await made(true, () => ({
      ok: true,
      doors: [
        { doorCode: `${BUILDING_CODE}D01`, network: false, power: true },
        { doorCode: 'unheard-of', network: true, power: true },
      ],
    }));
    const { json } = await (await signedIn(here, 'OF')).ask('GET', 'demo/tray');
    expect(json).toMatchObject({ doors: [{ doorCode: `${BUILDING_CODE}D01`, doorId: here.building.doors['D01'], network: false, power: true }] });
    const expected: { card: string; expect: string }[] = Object(json['cards']);
    expect(Object.fromEntries(expected.map((row) => [row.card, row.expect]))).toMatchObject({
      '1A2B3C4D': 'OK',
      '0A0B0C0D': 'LEASE_ENDED',
      '5C5D5E5F': 'NOT_REGISTERED',
      DEADBEEF: 'UNKNOWN_CREDENTIAL',
    });
  });

  test('presses a card and says why, in both languages', async () => {
    const acts: object[] = [];
    const here = await made(true, (act) => {
      acts.push(act);
      return { ok: true, granted: false, reason: 'LEASE_ENDED', openMs: 0, ms: 7.4, entry: 1234, offline: false };
    });
    const act = { act: 'tap', doorCode: `${BUILDING_CODE}D01`, card: '0A0B0C0D' };
    const { json } = await (await signedIn(here, 'SA', [])).ask('POST', 'demo/act', act);
    expect(json).toEqual({
      ok: true,
      granted: false,
      reason: 'LEASE_ENDED',
      openMs: 0,
      ms: 7.4,
      entry: 1234,
      offline: false,
      why: { zh: expect.stringContaining('结束'), en: expect.stringContaining('ended') },
    });
    expect(acts).toEqual([{ ...act, looks: true }]);
  });

  test('presses keys, and says that a keypad asks', async () => {
    const acts: object[] = [];
    const here = await made(true, (act) => {
      acts.push(act);
      return { ok: true, asks: true, ms: 3 };
    });
    const operator = await signedIn(here, 'SA', []);
    const doorCode = `${BUILDING_CODE}D01`;
    expect((await operator.ask('POST', 'demo/act', { act: 'tap', doorCode, card: '93B5D7F9' })).json).toEqual({ ok: true, asks: true, ms: 3 });
    await operator.ask('POST', 'demo/act', { act: 'type', doorCode, pin: '739105' });
    expect(acts[1]).toEqual({ act: 'type', doorCode, pin: '739105' });
    expect((await operator.ask('POST', 'demo/act', { act: 'type', doorCode, pin: '73a' })).status).toBe(400);
  });

  test('is not there on a real site', async () => {
    const here = await made(false);
    const operator = await signedIn(here, 'SA', []);
    expect((await operator.ask('GET', 'demo/tray')).json).toMatchObject({ code: 'DEMO_ONLY' });
    expect((await operator.ask('POST', 'demo/act', { act: 'push', doorCode: 'x' })).json).toMatchObject({ code: 'DEMO_ONLY' });
  });
});

describe('the line to the simulated doors', () => {
  function listening(answer: (line: string) => string): string {
    const dir = mkdtempSync(path.join(tmpdir(), 'doorbook-sim-'));
    const server = createServer((socket) => void socket.on('data', (data) => socket.end(answer(String(data))))).listen(path.join(dir, 'sim.sock'));
    closing.push(
      () =>
        new Promise((resolve) => {
          server.close(() => resolve());
          rmSync(dir, { recursive: true, force: true });
        }),
    );
    return dir;
  }

  test('sends one JSON line and reads one', async () => {
    const lines: string[] = [];
    const dir = listening((line) => {
      lines.push(line);
      return '{"id":1,"ok":true,"granted":true,"reason":"OK"}\n';
    });
    expect(await createSimulator(dir).ask({ act: 'tap', doorCode: 'D01', card: '1A2B3C4D' })).toMatchObject({ ok: true, granted: true });
    expect(lines).toEqual(['{"id":1,"act":"tap","doorCode":"D01","card":"1A2B3C4D"}\n']);
  });

  test.each([
    ['nothing', () => ''],
    ['nonsense', () => 'hello\n'],
    ['something else', () => '[1]\n'],
  ])('fails in plain words when the answer is %s', async (_, answer) => {
    await expect(createSimulator(listening(answer)).ask({ act: 'list' })).rejects.toMatchObject({ status: 503, problem: { code: 'SIM_SILENT' } });
  });

  test('fails in plain words when nobody listens', async () => {
    await expect(createSimulator('/nonexistent').ask({ act: 'list' })).rejects.toMatchObject({ problem: { code: 'SIM_SILENT' } });
  });
});
