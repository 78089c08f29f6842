import { setTimeout as wait } from 'node:timers/promises';
import type { Rotation } from '../store/rotation.ts';
import type { Audit } from './audit.ts';
import type { KeyRotation } from './schemas/keys.ts';
import type { Viewer } from './viewer.ts';

/** Changing the keys of the register, as a job of the desk side. */
export interface KeyRotations {
  status(): KeyRotation;
  /** Begins a change, or goes on with one that stopped; resolves once the entry that says so is on disk and the new keys are. */
  start(viewer: Pick<Viewer, 'accountId'>): Promise<KeyRotation>;
  /** Goes on with what an earlier run of the gateway began; nothing else. */
  resume(): void;
  /** Stops between two writes; the next start goes on. */
  close(): Promise<void>;
}

export interface RotationParts {
  readonly rotation: Rotation;
  readonly keyNumber: () => number;
  readonly audit: Pick<Audit, 'acted'>;
  readonly onError: (error: unknown, where: string) => void;
  /** How long a value that was sealed or read before the change may still be on its way, ms. */
  readonly graceMs?: number;
}

/** A request is given up after a minute: what it sealed before the change is in the register by then. */
const GRACE_MS = 75_000;
/** The desk answers others between two writes. */
const PAUSE_MS = 2;

/** The job, idle. */
export function createKeyRotations({ rotation, keyNumber, audit, onError, graceMs = GRACE_MS }: RotationParts): KeyRotations {
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  let starting = false;
  let failed = false;
  let rows = 0;
  const goOn = (): boolean => !stopping.signal.aborted;
  const pause = async (ms: number): Promise<void> => void (await wait(ms, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined));
  const status = (): KeyRotation => ({ state: running !== undefined ? 'running' : failed ? 'failed' : 'idle', key: keyNumber(), rows });

  async function toTheEnd(accountId: number): Promise<void> {
    const slowly = async (more: number): Promise<void> => {
      rows += more;
      await pause(more > 0 ? PAUSE_MS : 0);
    };
    await rotation.pass(slowly, goOn);
    await pause(graceMs);
    while (goOn() && (await rotation.pass(slowly, goOn)) > 0);
    await pause(Math.min(graceMs, 5000));
    if (!goOn()) return;
    await rotation.finish();
    await audit.acted({ accountId }, 'keys-rotation-done', { words: `key ${keyNumber()}, ${rows} rows` });
  }

  function run(accountId: number): void {
    failed = false;
    rows = 0;
    running = toTheEnd(accountId)
      .catch((error: unknown) => {
        failed = rotation.pending();
        onError(error, 'changing the keys');
      })
      .finally(() => {
        running = undefined;
      });
  }

  return {
    status,
    async start(viewer) {
      if (running !== undefined || starting) return { ...status(), state: 'running' };
      starting = true;
      try {
        await audit.acted(viewer, 'keys-rotation-began');
        if (!rotation.pending()) await rotation.begin();
        run(viewer.accountId);
        return status();
      } finally {
        starting = false;
      }
    },
    resume() {
      if (running === undefined && rotation.pending()) run(0);
    },
    async close() {
      stopping.abort();
      await running;
    },
  };
}
