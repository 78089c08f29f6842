import type { CommissionAct } from '../../../../gateway/doors/serial/status.ts';
import { createAudit } from '../../../../gateway/http/audit.ts';
import { createKeyGivings, type KeyGivings } from '../../../../gateway/http/key-giving.ts';
import type { Note } from '../../../../gateway/register/lock-down.ts';
import type { Register as StoreRegister } from '../../../../gateway/store/register.ts';
import type { ToDeskSide } from '../../../../gateway/threads.ts';
import type { Random } from '../../engine/random.ts';
import type { Host, Scheduler } from '../../engine/scheduler.ts';
import type { Gateway } from '../gateway.ts';
import type { LineDevice, LineOfRegister, Register } from '../register.ts';

/** The desk side as far as it gives keys to devices on lines: the product's own code, on a thread that can die between any two steps. */
export interface KeyDesk {
  /** News of the door side. False when the thread is down. */
  post(message: Extract<ToDeskSide, { t: 'commissioned' }>): boolean;
  /** An operator's request, in a turn of the desk; nothing comes of it while the desk is down. */
  ask(what: (keys: KeyGivings, note: Note) => unknown): void;
  ended(): void;
}

/** What it is made of. `up`: the thread can run now. */
export interface KeyDeskParts {
  readonly scheduler: Scheduler;
  readonly register: Register;
  readonly random: Random;
  readonly gateway: Pick<Gateway, 'run' | 'hint' | 'commission'>;
  readonly wall: () => number;
  readonly up: () => boolean;
  readonly hints: () => boolean;
}

/** One life of the thread. */
interface Running {
  readonly host: Host;
  readonly keys: KeyGivings;
  readonly note: Note;
}

/** A commit takes up to this long, ms, and its answer as long again. */
const COMMIT_MS = 5;

interface Found {
  readonly line: LineOfRegister;
  readonly device: LineDevice;
}

/** The tables the verbs of register/give-key.ts ask and write. */
function createTables(register: Register, commit: (act: () => void) => Promise<void>) {
  function find(id: number): Found | undefined {
    for (const line of register.now().all('line')) for (const device of line.devices) if (device.id === id) return { line, device };
    return undefined;
  }
  function change({ where: { id }, data }: { where: { id: number }; data: Partial<LineDevice> }): Promise<void> {
    return commit(() => {
      const found = find(id);
      if (found === undefined) return;
      const { keySealed, nextKeySealed, identity, nextIdentity, keyExposed } = { ...found.device, ...data };
      const device = { ...found.device, keySealed, nextKeySealed, identity, nextIdentity, keyExposed };
      const devices = found.line.devices.map((each) => (each.id === id ? device : each));
      register.write((put) => put('line', { ...found.line, devices }));
    });
  }
  return {
    lineDevice: {
      async findUnique({ where: { id } }: { where: { id: number } }) {
        const found = find(id);
        if (found === undefined) return null;
        const { line, device } = found;
        return { ...device, lineId: line.id, line: { nextBaud: null, controller: { deviceId: `line-${line.id}` }, _count: { devices: line.devices.length } } };
      },
      update: change,
      updateMany: change,
    },
    serialLine: {
      findUnique: async ({ where: { id } }: { where: { id: number } }) => ({ controllerId: register.now().one('line', id)?.controllerId, controller: { retiredAt: null } }),
    },
  };
}

export function createKeyDesk({ scheduler, register, random, gateway, wall, up, hints }: KeyDeskParts): KeyDesk {
  let run: Running | undefined;
  const pause = (ms: number, on: Host): Promise<void> => new Promise((resolve) => scheduler.after(ms, on, resolve));

  /** In a turn of the door side and back, as messages between threads are. */
  function append(on: Host): Parameters<typeof createAudit>[0]['doorSide']['append'] {
    return (entry) => {
      const door = gateway.run;
      if (door === undefined) return Promise.reject(new Error('simulation: no door side'));
      return new Promise((resolve, reject) => {
        scheduler.after(0, door.host, () => {
          door.unlock.journal.append(entry).then(
            (answer) => void scheduler.after(0, on, () => resolve(answer)),
            (error: unknown) => void scheduler.after(0, on, () => reject(error)),
          );
        });
      });
    };
  }

  function begin(host: Host): Running {
    let tail: Promise<unknown> = Promise.resolve();
    const tables = createTables(register, async (act) => {
      await pause(random.whole(1, COMMIT_MS), host);
      act();
      await pause(random.whole(0, COMMIT_MS), host);
    });
    /** As register.write: one piece of work after the other. */
    const write = <T>(work: (db: typeof tables) => Promise<T>): Promise<T> => {
      const result = tail.then(() => work(tables));
      tail = result.catch(() => undefined);
      return result;
    };
    const vault = { sealBytes: (_field: string, bytes: Uint8Array) => new Uint8Array(bytes) };
    const audit = createAudit({ doorSide: { append: append(host) }, clock: wall, onError: () => undefined } as unknown as Parameters<typeof createAudit>[0]);
    const keys = createKeyGivings({
      register: { read: tables, write, vault } as unknown as StoreRegister,
      doorSide: { commission: (row: number, act: CommissionAct) => gateway.commission(row, act) },
      audit,
      clock: wall,
      onError: () => undefined,
      // Nobody gives a device another address here.
      checkIdle: () => undefined,
      async changed(what) {
        if (what === 'register' && hints()) gateway.hint();
      },
    });
    return { host, keys, note: async (words) => void (await audit.acted({ accountId: 1 }, 'line-key', { words })) };
  }

  /** The thread of this moment; it begins again with nothing of what the one before had in memory. */
  function thread(): Running | undefined {
    if (!up() || gateway.run === undefined) return undefined;
    run ??= begin({ name: 'desk with keys', alive: true, busyUntil: 0, wall });
    return run;
  }

  function ask(what: (keys: KeyGivings, note: Note) => unknown): void {
    const now = thread();
    if (now !== undefined) scheduler.after(0, now.host, () => void what(now.keys, now.note));
  }

  return {
    post({ deviceRow, news }) {
      if (thread() === undefined) return false;
      // As desk.ts: what cannot be written is an error in its own log, and the door side may say it again.
      if (news.what !== 'address' && news.what !== 'speed') ask((keys) => keys.heard(deviceRow, news).catch(() => undefined));
      return true;
    },
    ask,
    ended() {
      if (run !== undefined) run.host.alive = false;
      run = undefined;
    },
  };
}
