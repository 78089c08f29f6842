import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';
import { PrismaClient } from '../../gateway/store/generated/client.ts';
import { openRegister } from '../../gateway/store/register.ts';
import { createWriteQueue } from '../../gateway/store/write-queue.ts';
import { addBuilding, addTenant, temporaryRegister, type TestRegister } from '../helpers/register.ts';
import { randomBytes } from 'node:crypto';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

let made: TestRegister;
beforeEach(async () => {
  made = await temporaryRegister();
});
afterEach(() => made.close());

describe('one queue for all writes', () => {
  test('without the queue, a write that was answered is lost with somebody else’s rollback: the trap is real', async () => {
    const client = new PrismaClient({ adapter: new PrismaBetterSqlite3({ url: `file:${made.file}` }) });
    const transaction = client.$transaction(async (inside) => {
      await inside.site.create({ data: { code: 'inside', name: '' } });
      await pause(50);
      throw new Error('changed my mind');
    });
    await pause(10);
    const answered = await client.site.create({ data: { code: 'outside', name: '' } });
    await expect(transaction).rejects.toThrow('changed my mind');
    expect(answered.id).toBeGreaterThan(0);
    expect(await client.site.count()).toBe(0);
    await client.$disconnect();
  });

  test('through the queue, the same write is kept', async () => {
    const { register } = made;
    const undone = register.write(async (db) => {
      await db.$executeRawUnsafe('BEGIN');
      await db.site.create({ data: { code: 'inside', name: '' } });
      await pause(50);
      await db.$executeRawUnsafe('ROLLBACK');
    });
    await pause(10);
    await register.write((db) => db.site.create({ data: { code: 'outside', name: '' } }));
    await undone;
    expect((await register.read.site.findMany()).map((site) => site.code)).toEqual(['outside']);
  });

  test('statements handed over as an array all happen or none, and writes beside them are kept', async () => {
    const { register } = made;
    const codes = [...Array.from({ length: 30 }, (_, at) => `inside-${at}`), 'inside-0'];
    const failing = register.write((db) => db.$transaction(codes.map((code) => db.site.create({ data: { code, name: '' } }))));
    const beside = Array.from({ length: 20 }, (_, at) => register.write((db) => db.site.create({ data: { code: `beside-${at}`, name: '' } })));
    await expect(failing).rejects.toThrow(/Unique constraint/);
    await Promise.all(beside);
    expect((await register.read.site.findMany()).every((site) => site.code.startsWith('beside'))).toBe(true);
    expect(await register.read.site.count()).toBe(20);
  });

  test('nothing runs between the statements of one piece of work, though it waits in the middle', async () => {
    const { register } = made;
    const order: string[] = [];
    const slow = register.write(async (db) => {
      order.push('slow begins');
      await pause(30);
      await db.site.create({ data: { code: 'a', name: '' } });
      order.push('slow ends');
    });
    const quick = register.write(async () => {
      order.push('quick');
    });
    await Promise.all([slow, quick]);
    expect(order).toEqual(['slow begins', 'slow ends', 'quick']);
  });

  test('a write started inside a write is refused instead of waiting for ever', async () => {
    await expect(made.register.write(() => made.register.write(async () => 1))).rejects.toThrow('inside another write');
    expect(await made.register.write(async () => 2)).toBe(2);
  });

  test('what a finished write left running may write later', async () => {
    const queue = createWriteQueue();
    let later: Promise<string> | undefined;
    await queue.run(async () => {
      later = pause(5).then(() => queue.run(async () => 'done'));
    });
    expect(await later).toBe('done');
  });
});

describe('connections', () => {
  test('both of Prisma’s connections stand at WAL, FULL, foreign keys, 5 s and 64 MiB', async () => {
    const names = ['journal_mode', 'synchronous', 'foreign_keys', 'busy_timeout', 'cache_size'];
    const readOn = async (db: Pick<PrismaClient, '$queryRawUnsafe'>) => {
      const values = [];
      for (const name of names) values.push(Object.values((await db.$queryRawUnsafe<object[]>(`PRAGMA ${name}`))[0] ?? {})[0]);
      return values.map((value) => (typeof value === 'bigint' ? Number(value) : value));
    };
    const wanted = ['wal', 2, 1, 5000, -65_536];
    expect(await made.register.write(readOn)).toEqual(wanted);
    expect(await readOn(made.register.read)).toEqual(wanted);
  });

  test('the reading connection cannot write', async () => {
    await expect(made.register.read.site.create({ data: { code: 'x', name: '' } })).rejects.toThrow(/readonly/);
  });

  test('what was written is seen at once by the next read', async () => {
    await made.register.write((db) => db.site.create({ data: { code: 'x', name: '' } }));
    expect(await made.register.read.site.count()).toBe(1);
  });

  test('keys from another site are found out at the start', async () => {
    const building = await addBuilding(made);
    await addTenant(made, { unitId: building.units['0201'] ?? 0 });
    const other = { ...made.keys, vault: [{ n: 1, key: randomBytes(32) }] as const };
    await expect(openRegister({ file: made.file, keys: other })).rejects.toThrow('are not those of this register');
  });

  test('a register that is not there is named', async () => {
    await expect(openRegister({ file: `${made.dir}/none.sqlite`, keys: made.keys })).rejects.toThrow(`${made.dir}/none.sqlite does not exist`);
  });

  test('closing waits for the writes handed in', async () => {
    const late = await temporaryRegister();
    const write = late.register.write(async (db) => {
      await pause(20);
      return db.site.create({ data: { code: 'late', name: '' } });
    });
    const closed = late.close();
    expect((await write).code).toBe('late');
    await closed;
  });
});
