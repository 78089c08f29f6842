import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isConsistent } from '../../gateway/core/merkle-proof.ts';
import { ROLES, type Role } from '../../gateway/core/roles.ts';
import { sha256 } from '../../gateway/journal/sha256.ts';
import { signerOf, verifierKey } from '../../gateway/journal/signing.ts';
import { ownCheckpointKey } from '../../gateway/store/checkpoint-key.ts';
import { originOf } from '../../gateway/wire/checkpoint.ts';
import { DAY, NOON } from '../helpers/register.ts';
import { signedIn, stateOf } from './fixture.ts';
import { type LogWorld, logWorld } from './log-fixture.ts';

let logs: LogWorld;
beforeAll(async () => {
  logs = await logWorld();
});
afterAll(() => logs.close());

const bytes = (base64: string): Buffer => Buffer.from(base64, 'base64');
const fill = (entries: number): void => {
  for (let n = 0; n < entries; n += 1) logs.tap(undefined);
};
/** Somebody of a role in this world. */
const as = (role: Role) => signedIn(logs.here, role);

describe('the newest checkpoint of the log', () => {
  test('is null before there is one, and has no version', async () => {
    const { status, json, headers } = await (await as('SA')).ask('GET', 'log/checkpoint');
    expect([status, json, headers['etag']]).toEqual([200, { checkpoint: null, earlier: [], daily: false }, undefined]);
  });

  test('is told with its note, its key and the number of the newest entry it covers; asked again it is not sent twice', async () => {
    fill(3);
    const { origin, size, note } = logs.sign();
    const operator = await as('SA');
    const { json, headers } = await operator.ask('GET', 'log/checkpoint');
    expect(json['checkpoint']).toMatchObject({ origin, size, note, index: size - 1, key: logs.proofs.logs()[0]?.key });
    const tag = String(headers['etag']);
    expect((await operator.ask('GET', 'log/checkpoint', undefined, { 'if-none-match': tag })).status).toBe(304);
    fill(1);
    logs.sign();
    expect((await operator.ask('GET', 'log/checkpoint', undefined, { 'if-none-match': tag })).status).toBe(200);
  });

  test('can be saved as a note, the newest and any other', async () => {
    const auditor = await as('AU');
    const newest = logs.proofs.newest();
    const { text, headers } = await auditor.ask('GET', 'log/checkpoint/note');
    expect([text, headers['content-type']]).toEqual([newest?.note, 'text/plain; charset=utf-8']);
    expect(headers['content-disposition']).toBe(`attachment; filename="doorbook-checkpoint-${newest?.size}.txt"`);
    const [first] = logs.proofs.after(newest?.origin ?? '', 0, 1);
    expect((await auditor.ask('GET', `log/checkpoint/note?origin=${newest?.origin}&size=1`)).text).toBe(first?.note);
    expect((await auditor.ask('GET', `log/checkpoint/note?origin=${newest?.origin}&size=9999`)).status).toBe(404);
    expect((await auditor.ask('GET', `log/checkpoint/note?origin=${originOf('ab'.repeat(16))}`)).status).toBe(404);
  });

  test('goes on from every one before it, as anybody can check', async () => {
    fill(9);
    logs.sign();
    const officer = await as('OF');
    const { origin = '', size = 0, root: toRoot = Buffer.of() } = logs.proofs.newest() ?? {};
    for (const { size: from, root: fromRoot } of logs.proofs.after(origin, 0, 50)) {
      const { json } = await officer.ask('GET', `log/consistency?origin=${origin}&from=${from}&to=${size}`);
      const proof = Object(json['proof']).map(bytes);
      expect(isConsistent({ from, to: size, fromRoot, toRoot, proof }, sha256), `${from} to ${size}`).toBe(true);
    }
    expect((await officer.ask('GET', `log/consistency?origin=${origin}&from=3&to=2`)).json).toMatchObject({ code: 'BAD_INPUT', field: 'from' });
    expect((await officer.ask('GET', `log/consistency?origin=${origin}&from=1&to=${size + 1000}`)).json).toMatchObject({ code: 'BAD_INPUT', field: 'to' });
    expect((await officer.ask('GET', `log/consistency?origin=${originOf('ab'.repeat(16))}&from=1&to=2`)).json).toMatchObject({ code: 'BAD_INPUT', field: 'to' });
  });
});

describe('who is not shown every entry', () => {
  test('is told of no checkpoint of today: the number of entries would tell when somebody came', async () => {
    for (const role of ROLES.filter((each) => !['SA', 'OF', 'AU', 'PO', 'TEN'].includes(each))) {
      const { json } = await (await as(role)).ask('GET', 'log/checkpoint');
      expect([role, json]).toEqual([role, { checkpoint: null, earlier: [], daily: true }]);
    }
  });

  test('is told of the last one before midnight, of no proof beyond, and of none that guessing would find', async () => {
    const today = logs.proofs.newest();
    logs.here.time.now = NOON + DAY;
    logs.clock.now = NOON + DAY;
    fill(70);
    logs.sign();
    const landlord = await as('LL');
    const { json } = await landlord.ask('GET', 'log/checkpoint');
    expect(json).toMatchObject({ checkpoint: { size: today?.size, note: today?.note }, daily: true });
    const { origin = '', size = 0, root = Buffer.of() } = logs.proofs.newest() ?? {};
    const ask = async (from: number, to: number, more = '') => (await landlord.ask('GET', `log/consistency?origin=${origin}&from=${from}&to=${to}${more}`)).status;
    expect([await ask(1, today?.size ?? 0), await ask(1, (today?.size ?? 0) + 1), await ask(1, size)]).toEqual([200, 400, 400]);
    expect((await landlord.ask('GET', `log/checkpoint/note?origin=${origin}&size=${size}`)).status).toBe(404);
    // Whoever has that checkpoint already, from an office on the same computer say, is told nothing by its proof.
    const known = `&root=${encodeURIComponent(Buffer.from(root).toString('base64'))}`;
    expect([await ask(today?.size ?? 0, size, known), await ask(today?.size ?? 0, size - 1, known)]).toEqual([200, 400]);
    expect((await (await as('OF')).ask('GET', 'log/checkpoint')).json).toMatchObject({ checkpoint: { size }, daily: false });
  });
});

describe('copies of checkpoints', () => {
  test('are listed page by page for auditors and operators, newest first, with what controllers hold', async () => {
    const auditor = await as('AU');
    logs.here.states.push(stateOf(logs.here.building.doors['D01'] ?? 0, { heldLog: { size: 4, at: NOON, agrees: false } }));
    const all: number[] = [];
    let [next, logNames]: [unknown, unknown] = ['', undefined];
    for (let query = 'limit=2'; next !== null; query = `limit=2&after=${String(next)}`) {
      const { json } = await auditor.ask('GET', `log/checkpoints?${query}`);
      all.push(...Object(json['checkpoints']).map(({ size }: { size: number }) => size));
      expect(json['held']).toMatchObject([{ door: { zh: expect.any(String) }, size: 4, agrees: false }]);
      [next, logNames] = [json['next'], json['logs']];
    }
    const { origin = '', size } = logs.proofs.newest() ?? {};
    expect(all).toEqual(
      logs.proofs
        .after(origin, 0, 100)
        .map((each) => each.size)
        .reverse(),
    );
    expect([all[0], logNames]).toEqual([size, [expect.objectContaining({ origin, first: 0, cites: null })]]);
    expect((await (await as('SA')).ask('GET', 'log/checkpoints')).status).toBe(200);
    for (const role of ['OF', 'LL', 'DA'] as const) expect((await (await as(role)).ask('GET', 'log/checkpoints')).status).toBe(403);
  });
});

describe('a console that holds a checkpoint the log does not agree with', () => {
  const noted = () => logs.here.site.deps.journal.audits({}, 50).filter(({ event }) => event.what === 'log-fork-seen');

  test('is believed when our own key signed it, and noted once', async () => {
    const { keysDir } = logs.place;
    const { origin = '', size = 0, note = '' } = logs.proofs.newest() ?? {};
    const forged = signerOf(ownCheckpointKey(keysDir), origin).sign({ origin, size, root: sha256(Buffer.from('other')).toString('base64'), cites: undefined });
    const officer = await as('OF');
    const { json } = await officer.ask('POST', 'log/fork-seen', { seen: note, got: forged });
    expect(json).toEqual({ counted: true, entry: noted()[0]?.index });
    expect(noted()[0]?.person.words).toMatch(new RegExp(`^differs\\|[0-9a-f]{32}\\|${size}\\|`));
    expect((await officer.ask('POST', 'log/fork-seen', { seen: note, got: forged })).json).toEqual({ counted: true, entry: null });
    expect(noted()).toHaveLength(1);
  });

  test('is not when the log agrees, when another key signed it, or when it is no checkpoint', async () => {
    const tenant = await as('BL');
    const { origin = '', note = '' } = logs.proofs.newest() ?? {};
    const [older] = logs.proofs.after(origin, 0, 1);
    expect((await tenant.ask('POST', 'log/fork-seen', { seen: older?.note ?? '', got: note })).json).toEqual({ counted: false, entry: null });
    const stranger = signerOf(Buffer.alloc(32, 7), origin);
    expect(verifierKey(origin, stranger.publicKey)).not.toBe(logs.proofs.logs()[0]?.key);
    const forged = stranger.sign({ origin, size: 3, root: sha256(Buffer.from('x')).toString('base64'), cites: undefined });
    expect((await tenant.ask('POST', 'log/fork-seen', { seen: note, got: forged })).json).toEqual({ counted: false, entry: null });
    expect((await tenant.ask('POST', 'log/fork-seen', { seen: note, got: 'rubbish' })).json).toMatchObject({ code: 'BAD_INPUT', field: 'got' });
    expect(noted()).toHaveLength(1);
  });
});

describe('a log that goes on from another', () => {
  test('comes with the newest checkpoint of the one before, and proofs of both', async () => {
    fill(2);
    const last = logs.sign();
    logs.renew();
    const operator = await as('SA');
    fill(1);
    const renewed = logs.sign();
    const { json } = await operator.ask('GET', 'log/checkpoint');
    expect(json).toMatchObject({ checkpoint: { origin: renewed.origin, index: last.size + renewed.size - 1 }, earlier: [{ origin: last.origin, size: last.size }] });
    const cites = /^cites (\S+) (\d+) /m.exec(renewed.note);
    expect(cites?.[1]).toBe(last.origin);
    expect((await operator.ask('GET', `log/consistency?origin=${last.origin}&from=2&to=${cites?.[2]}`)).status).toBe(200);
    // The day's checkpoint is still of the old log.
    logs.here.time.now = NOON + DAY;
    expect((await (await as('LL')).ask('GET', 'log/checkpoint')).json).toMatchObject({ checkpoint: { origin: last.origin }, earlier: [] });
  });
});

describe('a new checkpoint', () => {
  test('is told once', () => {
    const told: number[] = [];
    const look = () => logs.here.site.logProof.look(({ size }) => void told.push(size));
    look();
    look();
    fill(1);
    const { size } = logs.sign();
    look();
    look();
    expect(told).toEqual([expect.any(Number), size]);
  });
});
