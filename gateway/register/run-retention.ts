import { cutoffOf, RETENTION, type RetentionKind } from '../core/retention.ts';
import { type Held, heldNow } from '../store/holds.ts';
import type { Register } from '../store/register.ts';
import type { RetentionStore, RunRow } from '../store/retention.ts';
import type { Revoke } from './revocations.ts';
import { type RegisterKind, type Span, type Sweep, SWEEPS } from './retention-sweeps.ts';

/** Rows looked at in one write, so that a desk never waits long behind a run. */
const BATCH = 100;

/** What the log can say and do about its old entries. It counts whole local days: a day has one key. */
export interface EntryLog {
  /** Days before the cutoff of which something can still be read, and how many of them a hold keeps. */
  due(cutoff: number, held: Held): Promise<Counts>;
  /** Destroys the keys of the days before the cutoff that are not held; how many went. May be called again after a crash. */
  destroy(cutoff: number, held: Held): Promise<Counts & { readonly done: number }>;
}

/** `due`: what is older than the cutoff; `held`: what of it stays because of a hold. */
export interface Counts {
  readonly due: number;
  readonly held: number;
}

export interface RetentionParts {
  readonly register: Register;
  readonly store: RetentionStore;
  readonly log: EntryLog;
  readonly revoke: Revoke;
  /** Writes the deletion receipt into the journal; its index. */
  readonly receipt: (run: RunRow) => Promise<number>;
  /** Epoch ms. */
  readonly clock: () => number;
  /** Called after a batch that took people's data away: doors and scopes are to see it. */
  readonly changed: () => Promise<void>;
}

const isRegister = (kind: RetentionKind): kind is RegisterKind => RETENTION.get(kind)?.by === 'run' && kind !== 'entries';

/** Days a kind is kept here: as set, else as usual; never outside the rule's borders. */
export async function daysKept(store: Pick<RetentionStore, 'rule'>, kind: RetentionKind): Promise<number> {
  const rule = RETENTION.get(kind);
  if (rule === undefined) throw new Error(`retention: no rule for ${kind}`);
  const set = await store.rule(kind);
  return set === undefined ? rule.usual : Math.min(rule.most, Math.max(rule.least, set.days));
}

async function countRows({ read }: Register, sweep: Sweep, span: Span): Promise<Counts> {
  if (sweep.by === 'bulk') return { due: await sweep.count(read, span.cutoff), held: 0 };
  let [due, held] = [0, 0];
  for (let after: number | undefined = 0; after !== undefined; ) {
    const page = await sweep.page(read, span, after, BATCH);
    due += page.rows.length;
    held += page.rows.filter((row) => row.held).length;
    after = page.last;
  }
  return { due, held };
}

/** What a run over this kind would find at `now`; changes nothing. */
export async function previewRun(
  { register, store, log }: Pick<RetentionParts, 'register' | 'store' | 'log'>,
  kind: RetentionKind,
  now: number,
): Promise<Counts & { cutoff: number }> {
  const cutoff = cutoffOf(kind, await daysKept(store, kind), now);
  const held = await heldNow(register.read);
  if (kind === 'entries') return { cutoff, ...(await log.due(cutoff, held)) };
  return { cutoff, ...(isRegister(kind) ? await countRows(register, SWEEPS[kind], { cutoff, held }) : { due: 0, held: 0 }) };
}

/** One batch with its count in one transaction: after a crash the count is still right. Holds are read in the same write, so none can come between. */
function oneBatch(
  { register, clock, revoke }: RetentionParts,
  run: RunRow,
  sweep: Extract<Sweep, { by: 'row' }>,
  after: number,
): Promise<{ last: number | undefined; held: number; done: number }> {
  return register.write(async (db) => {
    const page = await sweep.page(db, { cutoff: run.cutoff, held: await heldNow(db) }, after, BATCH);
    const ids = page.rows.filter((row) => !row.held).map(({ id }) => id);
    if (ids.length > 0) {
      const counted = db.retentionRun.update({ where: { id: run.id }, data: { done: { increment: ids.length } } });
      const statements = await sweep.destroy(db, ids, { vault: register.vault, now: clock() });
      if (run.kind === 'departed')
        await revoke(
          db,
          ids.map((personId) => ({ what: 'person-forgotten', personId })),
          run.approvedBy ?? 0,
        );
      await db.$transaction([...statements, counted]);
    }
    return { last: page.last, done: ids.length, held: page.rows.length - ids.length };
  });
}

/** Lets go of everything due; how much a hold kept. */
async function sweepRows(parts: RetentionParts, run: RunRow, sweep: Extract<Sweep, { by: 'row' }>): Promise<number> {
  let held = 0;
  for (let after: number | undefined = 0; after !== undefined; ) {
    const batch = await oneBatch(parts, run, sweep, after);
    held += batch.held;
    if (batch.done > 0 && run.kind === 'departed') await parts.changed();
    after = batch.last;
  }
  return held;
}

function sweepBulk({ register }: RetentionParts, run: RunRow, sweep: Extract<Sweep, { by: 'bulk' }>): Promise<unknown> {
  return register.write(async (db) => {
    const due = await sweep.count(db, run.cutoff);
    await db.$transaction([sweep.destroy(db, run.cutoff), db.retentionRun.update({ where: { id: run.id }, data: { done: { increment: due } } })]);
  });
}

async function work(parts: RetentionParts, run: RunRow, kind: RetentionKind): Promise<number> {
  if (kind === 'entries') {
    const { done, held } = await parts.log.destroy(run.cutoff, await heldNow(parts.register.read));
    await parts.store.count(run.id, done);
    return held;
  }
  if (!isRegister(kind)) return 0;
  const sweep = SWEEPS[kind];
  if (sweep.by === 'row') return sweepRows(parts, run, sweep);
  await sweepBulk(parts, run, sweep);
  return 0;
}

/**
 * Carries out a run that is in state `running`, from its beginning or after an interruption: what went before is gone,
 * what is left is found again. Ends with the deletion receipt in the journal. Rejects when the receipt cannot be
 * written; the run then stays `running` and is taken up again.
 */
export async function runRetention(parts: RetentionParts, run: RunRow): Promise<RunRow> {
  const { store, clock } = parts;
  const kind = [...RETENTION.keys()].find((each) => each === run.kind);
  if (kind === undefined) throw new Error(`retention: this version knows no kind ${run.kind}`);
  const held = await work(parts, run, kind);
  const now = await store.run(run.id);
  await store.setCounts(run.id, { held, due: Math.max(run.due, (now?.done ?? 0) + held) });
  const finished = await store.run(run.id);
  if (finished === undefined) throw new Error(`retention: run ${run.id} is gone`);
  const entryIndex = await parts.receipt(finished);
  await store.move(run.id, 'running', 'done', { finishedAt: clock(), entryIndex });
  return (await store.run(run.id)) ?? finished;
}
