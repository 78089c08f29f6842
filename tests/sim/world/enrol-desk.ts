import { ControllerId } from '../../../gateway/core/ids.ts';
import type { Trading } from '../../../gateway/doors/newcomers.ts';
import { makeCode, retireController, tradeCode } from '../../../gateway/register/enrol-controller.ts';
import { createRevoke } from '../../../gateway/register/revocations.ts';
import type { Register as StoreRegister } from '../../../gateway/store/register.ts';
import type { ToDeskSide } from '../../../gateway/threads.ts';
import { type Ask, offerText } from '../../../gateway/wire/mqtt/enrol.ts';
import type { Random } from '../engine/random.ts';
import type { Host, Scheduler } from '../engine/scheduler.ts';
import type { Gateway } from './gateway.ts';
import type { Kinds, Register } from './register.ts';

/** What checkers see of codes and their trades. Times are epoch ms by the gateway's clock. */
export interface EnrolWatch {
  /** Committed. `hash`: SHA-256 of the code, hex. */
  codeMade(made: { readonly hash: string; readonly controllerId: number; readonly wall: number }): void;
  /** Committed, with what the trade changes of its controller. `key`: SHA-256 of the key it was traded by, hex. */
  codeUsed(hash: string, key: string): void;
  /** The register's word on an ask, before anybody hears it. */
  traded(ask: Ask, result: Trading, wall: number): void;
  /** A controller's secret or retirement is another now. */
  changed(controller: Kinds['controller'], wall: number): void;
}

/** The desk side as far as it enrols: the product's own verbs, on a thread that can die between any two steps. */
export interface EnrolDesk {
  /** A question of the door side. False when the thread is down. */
  post(message: ToDeskSide): boolean;
  /** A new code, as the text of its QR code. Settles never when the thread dies meanwhile; undefined when it is down. */
  offer(controllerId: ControllerId): Promise<string> | undefined;
  retire(controllerId: ControllerId): void;
  /** The thread is gone, in whatever it was doing. */
  ended(): void;
}

/** What it is made of. `up`: the thread can run now. */
export interface EnrolDeskParts {
  readonly scheduler: Scheduler;
  readonly register: Register;
  readonly random: Random;
  readonly gateway: Pick<Gateway, 'run' | 'hint'>;
  readonly watch: EnrolWatch;
  readonly wall: () => number;
  readonly up: () => boolean;
  readonly hints: () => boolean;
}

interface Code {
  readonly id: number;
  readonly codeHash: Uint8Array;
  readonly controllerId: number;
  readonly createdAt: bigint;
  readonly expiresAt: bigint;
  usedAt: bigint | null;
  cancelledAt: bigint | null;
  keyHash: Uint8Array | null;
}
type Put = Parameters<Parameters<Register['write']>[0]>[0];
/** A statement that is carried out with its transaction, as Prisma's are. */
type Statement = (put: Put) => void;
interface Changed {
  readonly secretSealed?: Uint8Array;
  readonly retiredAt?: bigint | null;
  readonly enrolCodeId?: number;
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The tables the verbs of register/enrol-controller.ts ask and write, over the register of the world. */
function createTables(
  register: Register,
  commit: (statements: readonly Statement[]) => Promise<void>,
  watch: Pick<EnrolWatch, 'codeMade' | 'codeUsed'> & { changed(row: Kinds['controller']): void },
) {
  const codes: Code[] = [];
  const tradedAs = new Map<number, number>();
  const retiredAt = new Map<number, bigint>();
  const controllerOf = (id: number) => register.now().one('controller', id);

  function update(id: number, { secretSealed, retiredAt: retired, enrolCodeId }: Changed): Statement {
    return (put) => {
      const row = controllerOf(id);
      if (row === undefined) throw new Error('simulation: no such controller');
      if (enrolCodeId !== undefined) tradedAs.set(id, enrolCodeId);
      if (retired === null) retiredAt.delete(id);
      else if (retired !== undefined) retiredAt.set(id, retired);
      const next = { ...row, secretSealed: secretSealed ?? row.secretSealed, retired: retiredAt.has(id) };
      put('controller', next);
      watch.changed(next);
    };
  }

  return {
    door: {
      async findUnique({ where: { id } }: { where: { id: number } }) {
        const controller = controllerOf(register.now().one('door', id)?.controllerId ?? 0);
        return {
          controller:
            controller === undefined ? null : { id: controller.id, deviceId: controller.deviceId, boardCards: '', retiredAt: retiredAt.get(controller.id) ?? null, line: null },
        };
      },
    },
    enrolCode: {
      async findUnique({ where: { codeHash } }: { where: { codeHash: Uint8Array } }) {
        const found = codes.find((code) => Buffer.compare(code.codeHash, codeHash) === 0);
        const row = found && controllerOf(found.controllerId);
        if (found === undefined || row === undefined) return null;
        const { deviceId, secretSealed, site } = row;
        const doors = register
          .now()
          .all('door')
          .filter(({ controllerId }) => controllerId === row.id);
        return {
          ...found,
          controller: { deviceId, secretSealed, site: { code: site }, doors, retiredAt: retiredAt.get(row.id) ?? null, enrolCodeId: tradedAs.get(row.id) ?? null },
        };
      },
      create:
        ({ data }: { data: Pick<Code, 'codeHash' | 'controllerId' | 'createdAt' | 'expiresAt'> }): Statement =>
        () => {
          codes.push({ ...data, id: codes.length + 1, usedAt: null, cancelledAt: null, keyHash: null });
          watch.codeMade({ hash: hexOf(data.codeHash), controllerId: data.controllerId, wall: Number(data.createdAt) });
        },
      update:
        ({ where: { id }, data }: { where: { id: number }; data: Partial<Code> }): Statement =>
        () => {
          const code = codes.find((known) => known.id === id);
          if (code === undefined) throw new Error('simulation: no such code');
          Object.assign(code, data);
          watch.codeUsed(hexOf(code.codeHash), hexOf(data.keyHash ?? new Uint8Array()));
        },
      updateMany:
        ({ where: { controllerId }, data }: { where: { controllerId: number }; data: Partial<Code> }): Statement =>
        () => {
          for (const code of codes) if (code.controllerId === controllerId && code.usedAt === null && code.cancelledAt === null) Object.assign(code, data);
        },
    },
    doorController: { update: ({ where: { id }, data }: { where: { id: number }; data: Changed }): Statement => update(id, data) },
    $transaction: commit,
    $queryRawUnsafe: async () => [{ seq: register.n }],
  };
}

/** A commit takes up to this long, ms, and its answer as long again. */
const COMMIT_MS = 5;

/** A desk that no code was made at yet. */
export function createEnrolDesk({ scheduler, register, random, gateway, watch, wall, up, hints }: EnrolDeskParts): EnrolDesk {
  let host: Host | undefined;
  let tail: Promise<unknown> = Promise.resolve();

  /** The thread of this moment; it begins again where the one before ended, without what that one had in hand. */
  function thread(): Host | undefined {
    if (!up() || gateway.run === undefined) return undefined;
    if (host === undefined) {
      host = { name: 'desk', alive: true, busyUntil: 0, wall };
      tail = Promise.resolve();
    }
    return host;
  }
  const mine = (): Host => host ?? { name: 'desk that ended', alive: false, busyUntil: 0, wall };
  const pause = (ms: number, on: Host): Promise<void> => new Promise((resolve) => scheduler.after(ms, on, resolve));

  async function commit(statements: readonly Statement[]): Promise<void> {
    const on = mine();
    await pause(random.whole(1, COMMIT_MS), on);
    register.write((put) => {
      for (const statement of statements) statement(put);
    });
    await pause(random.whole(0, COMMIT_MS), on);
  }
  const tables = createTables(register, commit, { ...watch, changed: (row) => watch.changed(row, wall()) });

  /** As register.write: one piece of work after the other. */
  function write<T>(work: (db: typeof tables) => Promise<T>): Promise<T> {
    const result = tail.then(() => work(tables));
    tail = result.catch(() => undefined);
    return result;
  }
  const vault = { sealBytes: (_field: string, bytes: Uint8Array) => new Uint8Array(bytes), openBytes: (_field: string, bytes: Uint8Array) => bytes };
  const store = { write, vault } as unknown as StoreRegister;

  /** The log, over the door side and back. */
  const append: Parameters<typeof createRevoke>[0]['append'] = (entry) => {
    const { run } = gateway;
    const on = mine();
    if (run === undefined) return Promise.reject(new Error('simulation: no door side'));
    return new Promise((resolve, reject) => {
      scheduler.after(0, run.host, () => {
        run.unlock.journal.append(entry).then(
          (answer) => void scheduler.after(0, on, () => resolve(answer)),
          (error: unknown) => void scheduler.after(0, on, () => reject(new Error(String(error)))),
        );
      });
    });
  };
  const revoke = createRevoke({ append }, wall);

  async function trade(ask: Ask): Promise<Trading> {
    const { c: code, k, model, fw: firmware, doors } = ask;
    const now = wall();
    const traded = await tradeCode(store, { code, publicKey: Buffer.from(k, 'hex'), model, firmware, doors }, { now, revoke });
    const result = { ...traded, controllerId: traded.controllerId === 0 ? (0 as const) : ControllerId(traded.controllerId) };
    watch.traded(ask, result, now);
    if (result.ok && !result.again && hints()) gateway.hint();
    return result;
  }

  function doorOf(controllerId: ControllerId): number {
    return (
      register
        .now()
        .all('door')
        .find((door) => door.controllerId === controllerId)?.id ?? 0
    );
  }

  return {
    post(message) {
      const [on, { run }] = [thread(), gateway];
      if (on === undefined || run === undefined || message.t !== 'trade') return false;
      const { id, ask } = message;
      const back = (result: Trading | { readonly error: string }): void => void scheduler.after(0, run.host, () => run.trades.settle({ t: 'traded', id, result }));
      scheduler.after(0, on, () => void trade(ask).then(back, (error: unknown) => back({ error: String(error) })));
      return true;
    },
    offer(controllerId) {
      const on = thread();
      if (on === undefined) return undefined;
      return new Promise((resolve) => {
        scheduler.after(0, on, () => {
          const now = wall();
          void makeCode(store, doorOf(controllerId), { accountId: 1, now }).then(({ code }) => {
            resolve(offerText({ host: 'gateway', port: 8883, pin: '', code }));
          });
        });
      });
    },
    retire(controllerId) {
      const on = thread();
      if (on === undefined) return;
      scheduler.after(0, on, () => {
        retireController(store, doorOf(controllerId), { accountId: 1, now: wall(), revoke }).then(
          () => hints() && gateway.hint(),
          () => undefined,
        );
      });
    },
    ended() {
      if (host !== undefined) host.alive = false;
      host = undefined;
    },
  };
}
