import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { Value } from 'typebox/value';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { doctor } from '../../gateway/cli/doctor.ts';
import { CommandFailed, type LocalGateway } from '../../gateway/cli/local-gateway.ts';
import type { CommandPlace } from '../../gateway/cli/command.ts';
import type { AlarmList } from '../../gateway/http/schemas/health.ts';
import { openLog } from '../../gateway/journal/log.ts';
import { stage } from '../../gateway/journal/packet.ts';
import { openReserve } from '../../gateway/journal/reserve.ts';
import { recordBackup } from '../../gateway/backup/record.ts';
import { selfSigned } from '../helpers/self-signed.ts';
import { addBuilding, NOON, type TestRegister, temporaryRegister } from '../helpers/register.ts';
import { tapEntry } from '../journal/samples.ts';

const DAY = 86_400_000;
let site: TestRegister;
let env: Record<string, string>;

/** A site that has run for a while and was stopped: people, a log under checkpoints, a backup. */
beforeEach(async () => {
  site = await temporaryRegister();
  await addBuilding(site);
  await site.register.write((db) => db.person.create({ data: { nameSealed: site.register.vault.seal('person.name', '李雷'), createdAt: BigInt(NOON) } }));
  const log = openLog({ file: path.join(site.dir, 'journal.sqlite'), keysDir: path.join(site.dir, 'keys'), root: site.keys.journalRoot });
  log.append(Array.from({ length: 100 }, (_, n) => stage(tapEntry(n + 1))));
  log.close();
  openReserve(path.join(site.dir, 'journal.reserve'));
  recordBackup(site.dir, { at: Date.now() - DAY, dir: '/b', keysDir: '/k', bytes: 7, ok: true });
  const { cert, key } = selfSigned(site.dir, { host: 'doors.example.cn', from: Date.now() - DAY, until: Date.now() + 90 * DAY });
  env = { DOORBOOK_DATA: site.dir, PORT: '0', MQTT_PORT: '0', MQTTS_PORT: '0', TLS_CERT: cert, TLS_KEY: key, PUBLIC_URL: 'https://doors.example.cn' };
});
afterEach(() => site.close());

interface Visit {
  readonly good: boolean;
  readonly said: string[];
}

const notRunning = (): never => {
  throw new CommandFailed('The gateway is not running.');
};

async function visit({
  gateway = notRunning,
  data = site.dir,
  language = 'en' as const,
}: {
  gateway?: CommandPlace['gateway'];
  data?: string;
  language?: 'zh' | 'en';
} = {}): Promise<Visit> {
  const said: string[] = [];
  const good = await doctor({ data, env, gateway }, { language, say: (text) => void said.push(text), confirm: undefined });
  return { good, said };
}

const marked = ({ said }: Visit, mark: string): string[] => said.filter((line) => line.startsWith(mark));

/** As somebody would who can write the file: the guards of the tables taken off first. */
function tamper(sql: string): void {
  const db = new Database(path.join(site.dir, 'journal.sqlite'));
  for (const name of db.prepare<[], string>("SELECT name FROM sqlite_master WHERE type = 'trigger'").pluck().all()) db.exec(`DROP TRIGGER ${name}`);
  db.exec(sql);
  db.close();
}

describe('a visit to a site that is stopped', () => {
  test('finds nothing that must be done where all is well, in either language', async () => {
    for (const language of ['zh', 'en'] as const) {
      const found = await visit({ language });
      expect([found.good, marked(found, '✗')]).toEqual([true, []]);
      expect(marked(found, '✓').length).toBeGreaterThan(9);
    }
  });

  test('reads only: not a byte of the databases or keys is another afterwards', async () => {
    const before = await site.register.read.person.count();
    await visit();
    expect(await site.register.read.person.count()).toBe(before);
    const { changes } = new Database(path.join(site.dir, 'register.sqlite'), { readonly: true }).prepare<[], { changes: number }>('SELECT total_changes() AS changes').get() ?? {};
    expect(changes).toBe(0);
  });

  test.each<readonly [string, () => void, RegExp]>([
    ['a key file others can read', () => chmodSync(path.join(site.dir, 'keys', 'keys.json'), 0o644), /Other users can open keys: keys\/keys\.json/],
    [
      'a key file that is damaged in both copies',
      () => ['root.json', 'root-mirror.json'].forEach((name) => void writeFileSync(path.join(site.dir, 'keys', name), '{')),
      /keys cannot be used/,
    ],
    ['an entry that was changed', () => tamper('UPDATE entry SET leafHash = randomblob(32) WHERE idx = 3'), /does not agree with its checkpoint over 101 entries/],
    ['an entry that was removed at the end', () => tamper('DELETE FROM entry WHERE idx > 90'), /log cannot be checked|does not agree/],
    ['a checkpoint signed by another', () => tamper('UPDATE signer SET key = randomblob(32)'), /signature of the checkpoint is wrong/],
    ['a log of a newer version', () => tamper('PRAGMA user_version = 99'), /newer Doorbook/],
    [
      'a backup that failed',
      () => recordBackup(site.dir, { at: Date.now(), dir: '/b', keysDir: '/k', bytes: 0, ok: false, error: 'no room' }),
      /The last backup, 0 days ago, failed: no room/,
    ],
    ['a setting that cannot be', () => Object.assign(env, { PORT: 'eighty' }), /PORT: expected a port number/],
    ['a certificate of another host', () => Object.assign(env, { PUBLIC_URL: 'https://other.example.cn' }), /does not name other\.example\.cn/],
  ])('says that it must be done: %s', async (_, plant, expected) => {
    plant();
    const found = await visit();
    expect(found.good).toBe(false);
    expect(marked(found, '✗').join('\n')).toMatch(expected);
  });

  test('keys of another site are found out by what they cannot open', async () => {
    const other = await temporaryRegister();
    for (const name of ['keys.json', 'keys-mirror.json', 'root.json', 'root-mirror.json']) copyFileSync(path.join(other.dir, 'keys', name), path.join(site.dir, 'keys', name));
    await other.close();
    const found = await visit();
    expect(marked(found, '✗').join('\n')).toMatch(/do not open the register/);
    expect(marked(found, '✗').join('\n')).toMatch(/do not open the log/);
  });

  test('a page of the register that was overwritten is found', async () => {
    await site.register.write((db) => db.$queryRawUnsafe('PRAGMA wal_checkpoint(TRUNCATE)'));
    const file = path.join(site.dir, 'register.sqlite');
    const bytes = readFileSync(file);
    bytes.fill(0xa5, 4096 * 3, 4096 * 5);
    writeFileSync(file, bytes);
    const found = await visit();
    expect(marked(found, '✗').join('\n')).toMatch(/The register (is damaged|cannot be used)/);
  });

  test('a port that another program has is named', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    env['PORT'] = String(typeof address === 'object' ? address?.port : 0);
    const found = await visit();
    other.close();
    expect(marked(found, '✗')).toEqual([expect.stringContaining(`PORT ${env['PORT']} is taken by another program`)]);
  });

  test('no data directory at all is said at once', async () => {
    const empty = mkdtempSync(path.join(tmpdir(), 'doorbook-none-'));
    rmSync(empty, { recursive: true });
    const found = await visit({ data: empty });
    expect([found.good, marked(found, '✗')]).toEqual([false, [expect.stringContaining(`There is no data directory ${empty}`)]]);
  });
});

describe('a visit to a site that runs', () => {
  test('asks the gateway for its alarms and what waits', async () => {
    const queues = { entries: 0, writes: 0, lists: 0, changes: 0, deviceEvents: 0 };
    const asked: unknown[] = [];
    const answering = (alarms: AlarmList['alarms']) => (): LocalGateway => ({
      ports: { port: 0, mqttPort: 0, mqttsPort: undefined },
      async ask(schema, question) {
        asked.push(question);
        return Value.Parse(schema, { alarms, queues, restarts: 0 });
      },
    });
    const quiet = await visit({ gateway: answering([]) });
    expect([quiet.good, asked]).toEqual([true, [{ method: 'GET', path: '/alarms' }]]);
    const forked = await visit({
      gateway: answering([{ what: 'log-forked', message: { zh: '对不上', en: 'It does not agree' }, since: 1 }]),
    });
    expect([forked.good, marked(forked, '✗')]).toEqual([false, [expect.stringContaining('It does not agree')]]);
  });

  test('looks at the ports that the gateway has, not at those of its own settings', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const queues = { entries: 0, writes: 0, lists: 0, changes: 0, deviceEvents: 0 };
    const gateway = (): LocalGateway => ({ ports: { port, mqttPort: port, mqttsPort: port }, ask: async (schema) => Value.Parse(schema, { alarms: [], queues, restarts: 0 }) });
    const found = await visit({ gateway });
    server.close();
    expect([found.good, marked(found, '✓').filter((line) => line.includes(String(port)))]).toEqual([
      true,
      [
        expect.stringContaining(`PORT ${port} is in use, by the gateway`),
        expect.stringContaining(`MQTT_PORT ${port} is in use, by the gateway`),
        expect.stringContaining(`MQTTS_PORT ${port} is in use, by the gateway`),
      ],
    ]);
  });

  test('a process that is there and does not answer is not taken for a stopped one', async () => {
    writeFileSync(path.join(site.dir, 'gateway.pid'), String(process.pid));
    expect(marked(await visit(), '✗')).toEqual([expect.stringContaining('is there and does not answer')]);
  });
});
