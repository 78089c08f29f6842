import { dateAt, startOfDay } from '../core/local-date.ts';
import { RETENTION, type RetentionKind, retentionKind } from '../core/retention.ts';
import { type Counts, type EntryLog, previewRun, type RetentionParts, runRetention } from '../register/run-retention.ts';
import { type RetentionStore, retentionOf, type RunRow } from '../store/retention.ts';
import type { Revoke } from '../register/revocations.ts';
import type { Audit } from './audit.ts';
import type { Deps } from './deps.ts';
import { refusal } from './problem.ts';
import type { Viewer } from './viewer.ts';

/** From three in the morning, local time, or as soon after as the gateway is up: then nobody waits at a desk. */
const QUIET_MS = 3 * 3_600_000;
/** The gateway itself. */
const NOBODY = { accountId: 0 };

/** Retention runs of the desk side: begun by a person or by night, approved by a person, carried out one after another. */
export interface Retention {
  readonly store: RetentionStore;
  /** What a run over this kind would find now. */
  preview(kind: RetentionKind): Promise<Counts & { readonly cutoff: number }>;
  /** Begins a run: it waits for approval, or goes at once when it is a kind that needs none. */
  begin(kind: RetentionKind): Promise<RunRow>;
  /** Somebody agrees to a waiting run; it is carried out behind the answer. */
  approve(viewer: Viewer, id: number): Promise<RunRow>;
  refuse(viewer: Viewer, id: number): Promise<RunRow>;
  /** Called every few minutes: takes up what was interrupted, and once a day looks for what is due. */
  tick(now: number): Promise<void>;
  /** Resolves when nothing is being carried out. */
  idle(): Promise<void>;
}

interface Wanted {
  readonly deps: Pick<Deps, 'register' | 'clock' | 'onError'>;
  readonly log: EntryLog;
  readonly audit: Audit;
  readonly revoke: Revoke;
  readonly changed: () => Promise<void>;
}

const receiptWords = ({ id, kind, cutoff, due, done, held }: RunRow): string => `${kind} before ${dateAt(cutoff)}: ${due} due, ${done} done, ${held} held, run ${id}`;

/** Runs carried out one after another; one that fails does not stop the next, and stays to be taken up again. */
function carrier(parts: RetentionParts, onError: Deps['onError']) {
  const atWork = new Set<number>();
  let tail: Promise<void> = Promise.resolve();
  return {
    carryOut(run: RunRow): void {
      if (atWork.has(run.id)) return;
      atWork.add(run.id);
      tail = tail
        .then(async () => void (await runRetention(parts, run)))
        .catch((error: unknown) => onError(error, `retention run ${run.id}`))
        .finally(() => void atWork.delete(run.id));
    },
    async idle(): Promise<void> {
      // What is begun while waiting is waited for, too.
      for (let seen: Promise<void> | undefined; seen !== tail; ) {
        seen = tail;
        await seen;
      }
    },
  };
}

export function createRetention({ deps: { register, clock, onError }, log, audit, revoke, changed }: Wanted): Retention {
  const store = retentionOf(register);
  const receipt = (run: RunRow): Promise<number> => audit.acted({ accountId: run.approvedBy ?? NOBODY.accountId }, 'retention-run', { words: receiptWords(run) });
  const parts: RetentionParts = { register, store, log, revoke, receipt, clock, changed };
  const { carryOut, idle } = carrier(parts, onError);
  let lastNight = '';

  async function begin(kind: RetentionKind): Promise<RunRow> {
    const found = await previewRun(parts, kind, clock());
    const state = RETENTION.get(kind)?.automatic === true ? 'running' : 'waiting';
    const run = await store.newRun({ kind, state, ...found }, clock());
    if (state === 'running') carryOut(run);
    return run;
  }

  async function decided(viewer: Viewer, id: number, to: 'running' | 'refused', what: string): Promise<RunRow> {
    const run = await store.run(id);
    if (run === undefined) throw refusal('NOT_FOUND');
    if (run.state !== 'waiting') throw refusal('RUN_DECIDED');
    await audit.acted(viewer, what, { words: receiptWords(run) });
    if (!(await store.move(id, 'waiting', to, { approvedBy: viewer.accountId, ...(to === 'refused' ? { finishedAt: clock() } : {}) }))) throw refusal('RUN_DECIDED');
    return (await store.run(id)) ?? run;
  }

  /** Kinds with something to do and no run under way. */
  async function nightly(): Promise<void> {
    const open = new Set([...(await store.runsIn('waiting')), ...(await store.runsIn('running'))].map(({ kind }) => kind));
    for (const { kind, by } of RETENTION.values()) {
      if (by !== 'run' || open.has(kind)) continue;
      const { due, held } = await previewRun(parts, kind, clock());
      if (due > held) await begin(kind);
    }
  }

  return {
    store,
    preview: (kind) => previewRun(parts, kind, clock()),
    begin,
    async approve(viewer, id) {
      const run = await decided(viewer, id, 'running', 'retention-approved');
      carryOut(run);
      return run;
    },
    refuse: (viewer, id) => decided(viewer, id, 'refused', 'retention-refused'),
    async tick(now) {
      for (const run of await store.runsIn('running')) if (retentionKind(run.kind) !== undefined) carryOut(run);
      const today = dateAt(now);
      if (today === lastNight || now - startOfDay(today) < QUIET_MS) return;
      await nightly();
      lastNight = today;
    },
    idle,
  };
}
