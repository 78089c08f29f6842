import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fitController, fittedController, isFitted } from '../../firmware-sim/fitted.ts';
import { ControllerId } from '../../gateway/core/ids.ts';
import type { Trading } from '../../gateway/doors/newcomers.ts';
import type { Ask } from '../../gateway/wire/mqtt/enrol.ts';
import { openRig, type Rig } from '../doors/harness.ts';

let rig: Rig;
let dir = '';
let asked: Ask[];
let answer: (ask: Ask) => Promise<Trading>;

const as = (device: string, secret: number): Trading => ({
  ok: true,
  controllerId: ControllerId(1),
  identity: { site: 'yc42', device, secret: Buffer.alloc(32, secret).toString('hex') },
  again: false,
});
const offer = (): string => `doorbook:enrol?h=127.0.0.1&p=${rig.link.port}&c=ABCD-EFGH-JKMN`;
const fitted = () => fitController(offer(), dir, 2);
const secretIn = (): string | undefined => fittedController(dir).devices[0]?.secretHex.slice(0, 2);

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'doorbook-fitted-'));
  asked = [];
  answer = async () => as('yc42-d01', 1);
  rig = await openRig(1, {
    enrolment: {
      trade(ask) {
        asked.push(ask);
        return answer(ask);
      },
      refused: () => undefined,
      enrolled: () => undefined,
    },
  });
});
afterEach(async () => {
  await rig.link.close();
  rmSync(dir, { recursive: true, force: true });
});

describe('what a controller keeps of who it is', () => {
  test('is written when it is enrolled, and then its key is forgotten', async () => {
    expect(isFitted(dir)).toBe(false);
    const made = await fitted();
    expect([isFitted(dir), fittedController(dir), existsSync(join(dir, 'key'))]).toEqual([true, made, false]);
    expect(made.devices[0]).toMatchObject({ device: 'yc42-d01', site: 'yc42', doors: [{ number: 1 }, { number: 2 }] });
  });

  test('while nobody enrols it is its key, the same in each try', async () => {
    answer = () => Promise.reject(new Error('the register is locked'));
    await expect(fitted()).rejects.toMatchObject({ name: 'EnrolRefused', why: 'LATER' });
    await expect(fitted()).rejects.toMatchObject({ why: 'LATER' });
    expect([new Set(asked.map(({ k }) => k)).size, isFitted(dir)]).toEqual([1, false]);
    answer = async () => as('yc42-d01', 1);
    await fitted();
    expect(new Set(asked.map(({ k }) => k)).size).toBe(1);
  });

  test('stays as it is when another code is not taken', async () => {
    const before = await fitted();
    answer = async () => ({ ok: false, controllerId: ControllerId(1), why: 'EXPIRED' });
    await expect(fitted()).rejects.toMatchObject({ why: 'EXPIRED' });
    expect(fittedController(dir)).toEqual(before);
  });

  test('another secret for the same controller keeps its events, and asks under another key', async () => {
    const before = await fitted();
    writeFileSync(join(before.storeDir, 'yc42-d01.events'), 'what it has not told yet');
    answer = async () => as('yc42-d01', 2);
    const after = await fitted();
    expect([after.storeDir, secretIn(), new Set(asked.map(({ k }) => k)).size]).toEqual([before.storeDir, '02', 2]);
    expect(readFileSync(join(after.storeDir, 'yc42-d01.events'), 'utf8')).toBe('what it has not told yet');
  });

  test('a device that becomes another controller begins with no events', async () => {
    const before = await fitted();
    answer = async () => as('yc42-d02', 3);
    const after = await fitted();
    expect(after.storeDir).not.toBe(before.storeDir);
  });
});
