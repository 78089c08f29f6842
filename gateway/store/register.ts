import { existsSync } from 'node:fs';
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';
import { type Prisma, PrismaClient } from './generated/client.ts';
import type { Keys } from './keys.ts';
import { checkFolder, checkPragma, PRAGMA_NAMES, pragmaStatements, StoreError } from './sqlite.ts';
import { createVault, type Vault } from './vault.ts';
import { createWriteQueue } from './write-queue.ts';

type Lifecycle = '$connect' | '$disconnect' | '$on' | '$extends' | '$transaction';

/** For questions. Its connection is read-only: a write through it is refused by SQLite. */
export type ReadDb = Omit<PrismaClient, Lifecycle | '$executeRaw' | '$executeRawUnsafe'>;

/**
 * For changes, inside `Register.write` only. Several statements that belong together go through `$transaction` as an
 * array; the form that waits between statements is left out (storage.md 5, trap 1).
 */
export type WriteDb = Omit<PrismaClient, Lifecycle> & {
  $transaction<P extends Prisma.PrismaPromise<unknown>[]>(statements: [...P]): Promise<{ [K in keyof P]: Awaited<P[K]> }>;
};

/** The tenancy register: one connection that writes, one that reads, and the vault for its sealed columns. */
export interface Register {
  readonly read: ReadDb;
  readonly vault: Vault;
  /**
   * Runs `work` alone: no other write of this process comes between its statements, so it may look first and then
   * decide. Use the handle it is given, also for reading, and await everything.
   */
  write<T>(work: (db: WriteDb) => Promise<T>): Promise<T>;
  /** Writes handed in and not done. */
  writesWaiting(): number;
  /** Ends after the writes handed in so far. */
  close(): Promise<void>;
}

/** The adapter's one connection, with our pragmas on it: by itself the adapter leaves `synchronous` at NORMAL. */
async function connect(file: string, readonly: boolean): Promise<PrismaClient> {
  const client = new PrismaClient({ adapter: new PrismaBetterSqlite3({ url: `file:${file}`, readonly, fileMustExist: true }) });
  try {
    for (const statement of pragmaStatements(readonly)) await client.$queryRawUnsafe(statement);
    for (const name of PRAGMA_NAMES) {
      const [row] = await client.$queryRawUnsafe<Record<string, unknown>[]>(`PRAGMA ${name}`);
      checkPragma(file, name, Object.values(row ?? {})[0]);
    }
    return client;
  } catch (error) {
    await client.$disconnect();
    throw error;
  }
}

/** Keys from one backup and a register from another would show at the first name somebody looks at; better at once. */
async function checkKeys(read: ReadDb, vault: Vault): Promise<void> {
  const controller = await read.doorController.findFirst({ select: { secretSealed: true } });
  const person = await read.person.findFirst({ select: { nameSealed: true } });
  try {
    if (controller) vault.openBytes('controller.secret', controller.secretSealed);
    if (person) vault.open('person.name', person.nameSealed);
  } catch (error) {
    throw new StoreError('The keys in the keys folder are not those of this register. Restore both from the same backup.', { cause: error });
  }
}

/** Opens a register that `migrateRegister` has brought up to date. Throws StoreError. */
export async function openRegister({ file, keys }: { file: string; keys: Keys }): Promise<Register> {
  checkFolder(file);
  if (!existsSync(file)) throw new StoreError(`The database ${file} does not exist.`);
  const vault = createVault(keys);
  const writer = await connect(file, false);
  const read = await connect(file, true);
  const queue = createWriteQueue();
  async function close(): Promise<void> {
    await queue.idle();
    await read.$disconnect();
    await writer.$disconnect();
  }
  try {
    await checkKeys(read, vault);
  } catch (error) {
    await close();
    throw error;
  }
  return { read, vault, write: (work) => queue.run(() => work(writer)), writesWaiting: queue.waiting, close };
}
