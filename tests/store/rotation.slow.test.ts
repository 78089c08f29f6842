import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createKeyRotations } from '../../gateway/http/key-rotation.ts';
import { openIndexSource } from '../../gateway/store/index-source.ts';
import { loadKeys } from '../../gateway/store/keys.ts';
import { peopleOf } from '../../gateway/store/people.ts';
import { openRegister, type Register } from '../../gateway/store/register.ts';
import { type Rotation, rotationOf } from '../../gateway/store/rotation.ts';
import { SEALED_TABLES } from '../../gateway/store/sealed-columns.ts';
import { openReadOnly } from '../../gateway/store/sqlite.ts';
import { createVault } from '../../gateway/store/vault.ts';
import { addBuilding, addCard, addTenant, NOON, type TestRegister, temporaryRegister } from '../helpers/register.ts';

let made: TestRegister;
let keysDir: string;
const scratch: string[] = [];
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const onward = async (): Promise<void> => undefined;

beforeEach(async () => {
  made = await temporaryRegister();
  keysDir = path.join(made.dir, 'keys');
  const building = await addBuilding(made);
  const names = ['李小明', '王伟', '单雄信', 'Anna Müller'];
  for (const [at, name] of names.entries()) {
    const { personId } = await addTenant(made, { unitId: building.units[`0${2 + at}01`] ?? 0, name });
    await addCard(made, { personId, hex: `1A2B3C4${at}` });
  }
  const { vault } = made.register;
  await made.register.write((db) => db.account.create({ data: { login: 'a', passwordHash: '', role: 'OF', nameSealed: vault.seal('account.name', '陈警官'), createdAt: NOON } }));
  const outbox = (at: number) => ({ at: NOON, kind: 'invitation', bodySealed: vault.seal('outbox.body', `letter ${at}`) });
  // More than one window of rows, with a gap.
  await made.register.write((db) => db.outboxMessage.createMany({ data: Array.from({ length: 1203 }, (_, at) => outbox(at)) }));
  await made.register.write((db) => db.outboxMessage.deleteMany({ where: { id: { gt: 300, lt: 900 } } }));
  while ((await peopleOf(made.register).catchUp()) > 0);
});
afterEach(async () => {
  await made.close();
  for (const dir of scratch.splice(0)) rmSync(dir, { recursive: true, force: true });
});

/** Every sealed value, opened, by table, row and column; and how often each key number occurs. */
function allValues(file: string, register: Register): { values: Record<string, string>; under: Record<string, number> } {
  const db = openReadOnly(file);
  const [values, under]: [Record<string, string>, Record<string, number>] = [{}, {}];
  for (const { table, columns } of SEALED_TABLES)
    for (const [column, field] of Object.entries(columns))
      for (const [id, sealed] of db.prepare<[], [number, Buffer]>(`SELECT rowid, "${column}" FROM "${table}" WHERE "${column}" IS NOT NULL`).raw().iterate()) {
        values[`${table} ${id} ${column}`] = hex(register.vault.openBytes(field, sealed));
        const n = String(sealed.readUInt16BE(1));
        under[n] = (under[n] ?? 0) + 1;
      }
  db.close();
  return { values, under };
}

/** Everybody is found by name, pinyin and numbers. */
async function expectFound(register: Register): Promise<void> {
  const people = peopleOf(register);
  const ids = async (query: string) => (await people.find(query, { limit: 9 })).map(({ id }) => id);
  expect([await ids('李小明'), await ids('lxm'), await ids('shanxiongxin'), await ids('müller'), await ids('890101199003070118'), await ids('12000000001')]).toEqual([
    [1],
    [1],
    [3],
    [4],
    [1, 2, 3, 4],
    [1, 2, 3, 4],
  ]);
}

async function toTheEnd(rotation: Rotation): Promise<void> {
  while ((await rotation.pass(onward, () => true)) > 0);
  await rotation.finish();
}

/** The data directory as a kill at this moment would leave it. */
function snapshot(): string {
  const dir = mkdtempSync(path.join(tmpdir(), 'doorbook-rotation-'));
  scratch.push(dir);
  cpSync(made.dir, dir, { recursive: true });
  return dir;
}

describe('the list of sealed columns', () => {
  test('has every column of the register that is called sealed', () => {
    const db = openReadOnly(made.file);
    const tables = db.prepare<[], string>(`SELECT name FROM sqlite_master WHERE type = 'table'`).pluck().all();
    const found = tables.flatMap((table) =>
      db
        .prepare<[], string>(`SELECT name FROM pragma_table_info('${table}') WHERE name LIKE '%Sealed'`)
        .pluck()
        .all()
        .map((column) => `${table}.${column}`),
    );
    db.close();
    expect(SEALED_TABLES.flatMap(({ table, columns }) => Object.keys(columns).map((column) => `${table}.${column}`)).sort()).toEqual(found.sort());
  });
});

describe('changing the keys', () => {
  test('everything is sealed and hashed anew, reads the same, and the old keys are gone', async () => {
    const before = allValues(made.file, made.register);
    const hashes = openReadOnly(made.file)
      .prepare<[], Buffer>('SELECT "hash" FROM "PersonTerm" UNION SELECT "documentHash" FROM "Person" UNION SELECT "phoneHash" FROM "Person"')
      .pluck();
    const old = hashes.all().map(hex);
    const rotation = rotationOf(made.register, keysDir);
    expect(rotation.pending()).toBe(false);
    await rotation.begin();
    expect(rotation.pending()).toBe(true);
    await toTheEnd(rotation);
    const after = allValues(made.file, made.register);
    expect(after.values).toEqual(before.values);
    expect([Object.keys(before.under), Object.keys(after.under), rotation.pending()]).toEqual([['1'], ['2'], false]);
    expect(hashes.all().filter((hash) => old.includes(hex(hash)))).toEqual([]);
    await expectFound(made.register);
    for (const name of ['keys.json', 'keys-mirror.json']) expect(readFileSync(path.join(keysDir, name), 'utf8')).not.toContain(hex(made.keys.vault[0].key));
    // The same again: numbers go on.
    await rotation.begin();
    await toTheEnd(rotation);
    expect(Object.keys(allValues(made.file, made.register).under)).toEqual(['3']);
  });

  test('meanwhile people are found, values open in other threads, and what is new is under the new key', async () => {
    const elsewhere = createVault(made.keys);
    const rotation = rotationOf(made.register, keysDir);
    await rotation.begin();
    await expectFound(made.register);
    expect(elsewhere.open('person.name', made.register.vault.seal('person.name', '新'))).toBe('新');
    let steps = 0;
    await rotation.pass(
      async () => {
        steps += 1;
        if (steps % 4 === 0) await expectFound(made.register);
      },
      () => true,
    );
    expect(steps).toBeGreaterThan(7);
  });

  test('doors and lists hear nothing of it but of their controllers: a card sealed anew is the same card', async () => {
    const source = openIndexSource(made.file);
    const before = source.lastN();
    const rotation = rotationOf(made.register, keysDir);
    await rotation.begin();
    await toTheEnd(rotation);
    const { changes } = source.changesSince(before, 1000);
    source.close();
    expect([...new Set(changes.map(({ entity }) => entity))]).toEqual(['controller']);
  });

  test('what was on its way under the old key when the pass went by is found by the next', async () => {
    const { vault, write } = made.register;
    const late = vault.seal('outbox.body', 'late');
    const rotation = rotationOf(made.register, keysDir);
    await rotation.begin();
    await rotation.pass(onward, () => true);
    await write((db) => db.outboxMessage.create({ data: { at: NOON, kind: 'x', bodySealed: late } }));
    await toTheEnd(rotation);
    expect(Object.keys(allValues(made.file, made.register).under)).toEqual(['2']);
  });

  test('a value that does not open stops it: the old keys stay', async () => {
    await made.register.write((db) => db.person.update({ where: { id: 2 }, data: { nameSealed: Uint8Array.from([...made.register.vault.seal('person.phone', 'wrong field')]) } }));
    const rotation = rotationOf(made.register, keysDir);
    await rotation.begin();
    await expect(rotation.pass(onward, () => true)).rejects.toThrow('Person 2, nameSealed: the value does not open, so the keys cannot be changed');
    expect([rotation.pending(), loadKeys(keysDir).vault.length]).toEqual([true, 2]);
  });
});

describe('a kill at any moment', () => {
  async function expectResumes(dir: string, values: Record<string, string>, about: string): Promise<void> {
    const file = path.join(dir, 'register.sqlite');
    const register = await openRegister({ file, keys: loadKeys(path.join(dir, 'keys')) });
    const rotation = rotationOf(register, path.join(dir, 'keys'));
    await expectFound(register);
    if (rotation.pending()) await toTheEnd(rotation);
    const now = allValues(file, register);
    expect(now.values, about).toEqual(values);
    expect(Object.keys(now.under).length, about).toBe(1);
    await expectFound(register);
    await register.close();
  }

  test('is made good by going on, from every step', async () => {
    const { values } = allValues(made.file, made.register);
    const rotation = rotationOf(made.register, keysDir);
    const moments = [snapshot()];
    const mirror = path.join(keysDir, 'keys-mirror.json');
    const oldMirror = readFileSync(mirror);
    await rotation.begin();
    moments.push(snapshot());
    const between = snapshot();
    writeFileSync(path.join(between, 'keys', 'keys-mirror.json'), oldMirror);
    moments.push(between);
    await rotation.pass(
      async () => void moments.push(snapshot()),
      () => true,
    );
    const bothKeys = readFileSync(mirror);
    await rotation.finish();
    moments.push(snapshot());
    const halfDropped = snapshot();
    writeFileSync(path.join(halfDropped, 'keys', 'keys-mirror.json'), bothKeys);
    moments.push(halfDropped);
    expect(moments.length).toBeGreaterThan(12);
    for (const [at, dir] of moments.entries()) await expectResumes(dir, values, `moment ${at}`);
  }, 30_000);
});

describe('the job', () => {
  const job = (audit: string[], graceMs = 0) =>
    createKeyRotations({
      rotation: rotationOf(made.register, keysDir),
      keyNumber: () => made.register.vault.hashKey,
      audit: { acted: async ({ accountId }, what) => audit.push(`${what} by ${accountId}`) },
      onError: (error) => audit.push(String(error)),
      graceMs,
    });
  const idle = async (rotations: ReturnType<typeof job>): Promise<void> => {
    while (rotations.status().state === 'running') await new Promise((resolve) => setTimeout(resolve, 5));
  };

  test('says in the log when it began and when it was done, and counts', async () => {
    const said: string[] = [];
    const rotations = job(said);
    expect(rotations.status()).toEqual({ state: 'idle', key: 1, rows: 0 });
    const [first, second] = await Promise.all([rotations.start({ accountId: 7 }), rotations.start({ accountId: 8 })]);
    expect([first.state, second.state]).toEqual(['running', 'running']);
    await idle(rotations);
    expect(said).toEqual(['keys-rotation-began by 7', 'keys-rotation-done by 7']);
    expect(rotations.status()).toMatchObject({ state: 'idle', key: 2 });
    expect(rotations.status().rows).toBeGreaterThan(600);
  });

  test('stops between two writes, and the next start goes on with the same keys', async () => {
    const said: string[] = [];
    const stopped = job(said, 60_000);
    await stopped.start({ accountId: 7 });
    await stopped.close();
    expect(loadKeys(keysDir).vault.map(({ n }) => n)).toEqual([2, 1]);
    const rotations = job(said);
    rotations.resume();
    await idle(rotations);
    expect(loadKeys(keysDir).vault.map(({ n }) => n)).toEqual([2]);
    expect(said).toEqual(['keys-rotation-began by 7', 'keys-rotation-done by 0']);
    rotations.resume();
    expect(rotations.status().state).toBe('idle');
  });

  test('changes nothing when the log cannot say so', async () => {
    const rotations = createKeyRotations({
      rotation: rotationOf(made.register, keysDir),
      keyNumber: () => 1,
      audit: { acted: () => Promise.reject(new Error('disk full')) },
      onError: () => undefined,
    });
    await expect(rotations.start({ accountId: 7 })).rejects.toThrow('disk full');
    expect(loadKeys(keysDir).vault.length).toBe(1);
  });
});
