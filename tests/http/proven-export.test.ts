import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { untilCovered } from '../../gateway/http/disclosure/proven-export.ts';
import { addTenant, DAY, NOON } from '../helpers/register.ts';
import type { Browser } from './fixture.ts';
import { type LogWorld, logWorld } from './log-fixture.ts';
import { enter, openForPeople } from './review-fixture.ts';

const VERIFY = path.join(import.meta.dirname, '../../docs/verify.mjs');
const dir = mkdtempSync(path.join(tmpdir(), 'doorbook-proven-'));
let logs: LogWorld;
let officer: Browser;
let purpose: number;

beforeAll(async () => {
  logs = await logWorld((log, { lodgers }) => {
    for (const lodger of Object.values(lodgers)) log.tap(lodger);
    log.tap(undefined);
    log.sign();
    // A restore in between: entries of the first log are proven by what the second cites.
    log.renew();
    const granted = log.tap(lodgers['0302']);
    log.tap(lodgers['0302'], { kind: 'outcome', final: 'executed', what: 'opened', ref: granted });
    log.sign();
  });
  logs.here.time.now = NOON;
  officer = await enter(logs.here, { login: 'of-1', role: 'OF', office: '迎春派出所' });
  purpose = await openForPeople(logs.here, officer);
});
afterAll(async () => {
  await logs.close();
  rmSync(dir, { recursive: true, force: true });
});

/** The verifier's exit code and its words. */
function verify(text: string): { code: number | null; words: string } {
  const file = path.join(dir, 'evidence.json');
  writeFileSync(file, text);
  const { status, stdout, stderr } = spawnSync(process.execPath, [VERIFY, file, '--lang', 'en'], { encoding: 'utf8' });
  return { code: status, words: stdout + stderr };
}

interface File {
  readonly about: Record<string, unknown>;
  readonly logs: { readonly entries: { readonly index: number; readonly event?: string; readonly person?: string; readonly cPerson?: string; readonly proof: string[] }[] }[];
  readonly said: Record<string, unknown>[];
}
const parsed = (text: string): File => JSON.parse(text);
const wish = { note: '移送案卷材料', proofs: true };
const exported = (about: object = {}) => officer.ask('POST', `purposes/${purpose}/export`, { ...wish, ...about });

describe('evidence with proofs', () => {
  test('is a file that anybody can check, and no changed one passes', async () => {
    const { status, text, headers } = await exported();
    expect([status, headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
    expect(headers['content-disposition']).toMatch(/^attachment; filename="doorbook-2026-\d\d-\d\d-\d+\.evidence\.json"$/);
    const good = verify(text);
    expect([good.code, good.words]).toEqual([0, expect.any(String)]);
    const at = text.indexOf('"granted":true');
    const places = [text.indexOf('"event":"') + 60, text.indexOf('"proof":["') + 20, text.indexOf('"note":"doorbook') + 60, text.indexOf('"at":', at - 200) + 6];
    for (const place of places) {
      const other = /\d/.test(text[place] ?? '') ? String((Number(text[place]) + 1) % 10) : text[place] === 'A' ? 'B' : 'A';
      expect(verify(text.slice(0, place) + other + text.slice(place + 1)).code, text.slice(place - 20, place + 5)).toBe(1);
    }
    expect(verify(`${text.slice(0, at)}"granted":false${text.slice(at + 14)}`).code).toBe(1);
  });

  test('has the lines of the CSV, of both logs, and who made it and why', async () => {
    const { text: csv } = await officer.ask('POST', `purposes/${purpose}/export`, { note: wish.note });
    const { about, logs: proven, said } = parsed((await exported()).text);
    const rows = csv.split('\r\n').filter((row) => /^\d+,/.test(row));
    expect(said.map(({ index, home, name }) => [index, home ?? '', name ?? ''])).toEqual(
      rows.map((row) => row.split(',')).map(([index, , , , , , home, name]) => [Number(index), home, name]),
    );
    expect(proven.map(({ entries }) => entries.length)).toEqual([6, 2]);
    expect(about).toMatchObject({ by: 'of-1的名字 (of-1)', reason: '核对楼道纠纷；移送案卷材料', notYetProvable: [], filter: {} });
    expect(said.every(({ watermark }) => watermark === `of-1 · ${String(about['entry'])}`)).toBe(true);
  });

  test('opens the half about a person only where the file shows that person', async () => {
    const { logs: proven, said } = parsed((await exported()).text);
    const entries = proven.flatMap((log) => log.entries);
    for (const { index, name } of said) {
      const entry = entries.find((each) => each.index === index);
      expect([index, entry?.person === undefined, entry?.cPerson === undefined]).toEqual([index, name === null, name !== null]);
    }
    expect(said.filter(({ name }) => name === null)).toHaveLength(1);
    // The fingerprint of the card nobody registered holds is in no form in the file.
    expect(entries.some(({ person = '' }) => Buffer.from(person, 'base64').includes(Buffer.from('ab'.repeat(32), 'hex')))).toBe(false);
  });

  test('notes each person, and takes a recent second factor, the second act and the second person as the CSV does', async () => {
    const before = logs.here.site.deps.journal.audits({}, 200).filter(({ event }) => event.what === 'exported').length;
    logs.here.time.now = NOON + 6 * 60_000;
    const { status, text } = await exported({ person: logs.here.lodgers['0302']?.personId });
    expect([status, parsed(text).said.length]).toEqual([200, 3]);
    expect(logs.here.site.deps.journal.audits({}, 200).filter(({ event }) => event.what === 'exported').length - before).toBe(1);
    logs.here.time.now = NOON + 11 * 60_000;
    expect((await exported()).json).toMatchObject({ code: 'SECOND_FACTOR' });
    logs.here.time.now = NOON;
    const landlord = await enter(logs.here, { login: 'll-1', role: 'LL' });
    expect((await landlord.ask('POST', `purposes/${purpose}/export`, wish)).status).toBe(403);
  });

  test('of a time without entries proves nothing and says nothing', async () => {
    const { text } = await exported({ from: NOON - DAY, until: NOON - DAY + 1 });
    expect(parsed(text).said).toEqual([]);
    expect(verify(text).code).toBe(0);
  });
});

describe('many people', () => {
  test('wait for a second person with proofs, too', async () => {
    for (let n = 0; n < 101; n += 1) {
      const unitId = logs.here.building.units['0401'] ?? 0;
      const { personId } = await addTenant(logs.here.register, { unitId });
      logs.tap({ personId, unitId, masked: '' }, { gatewayTime: NOON - 1000 });
    }
    logs.sign();
    const { status, json } = await exported({ from: NOON - 1000 });
    expect([status, json]).toEqual([202, { pendingAct: expect.any(Number), persons: 101 }]);
  });
});

describe('what no checkpoint covers yet', () => {
  const checkpoint = (size: number) => ({ origin: 'doorbook/log/', size, root: new Uint8Array(32), at: 0, note: '', first: 10 });

  test('is waited for, eleven seconds at most', async () => {
    const slept: number[] = [];
    const sleep = async (ms: number) => void slept.push(ms);
    await untilCovered({ newest: () => checkpoint(3) }, 12, sleep);
    expect(slept).toEqual([]);
    await untilCovered({ newest: () => checkpoint(slept.length) }, 12, sleep);
    expect(slept).toHaveLength(3);
    await untilCovered({ newest: () => undefined }, 12, sleep);
    expect(slept.slice(3).reduce((sum, ms) => sum + ms, 0)).toBe(11_000);
  });
});
