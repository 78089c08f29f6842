import type { RetentionRun } from './generated/client.ts';
import type { Register } from './register.ts';
import { ms, msOrNull, wordOf } from './values.ts';

/** How long a kind is kept here, where somebody set it. */
export interface SetRule {
  readonly days: number;
  readonly version: number;
  /** Epoch ms. */
  readonly setAt: number;
}

const STATES = ['waiting', 'running', 'done', 'failed', 'refused'] as const;
export type RunState = (typeof STATES)[number];

/** One run over one kind of data. Times are epoch ms. */
export interface RunRow {
  readonly id: number;
  readonly kind: string;
  readonly startedAt: number;
  readonly finishedAt: number | null;
  /** What is older than this is due. */
  readonly cutoff: number;
  readonly due: number;
  readonly done: number;
  readonly held: number;
  readonly state: RunState;
  readonly approvedBy: number | null;
  /** Journal index of the deletion receipt. */
  readonly entryIndex: number | null;
}

/** Retention rules that were set, and runs. */
export interface RetentionStore {
  rule(kind: string): Promise<SetRule | undefined>;
  rules(): Promise<ReadonlyMap<string, SetRule>>;
  /** False: it is at another version by now. Version 0: nobody has set it. */
  setRule(kind: string, wish: { readonly days: number; readonly version: number; readonly by: number }, now: number): Promise<boolean>;
  newRun(run: Pick<RunRow, 'kind' | 'cutoff' | 'due' | 'held'> & { readonly state: 'waiting' | 'running' }, now: number): Promise<RunRow>;
  run(id: number): Promise<RunRow | undefined>;
  /** Newest first, before a row if one is named. */
  runs(limit: number, before?: number): Promise<readonly RunRow[]>;
  /** In this state, oldest first. */
  runsIn(state: RunState, kind?: string): Promise<readonly RunRow[]>;
  /** From one state to another; false when it is in the first no longer. */
  move(id: number, from: RunState, to: RunState, about?: { readonly approvedBy?: number; readonly finishedAt?: number; readonly entryIndex?: number }): Promise<boolean>;
  /** Adds what a batch did. */
  count(id: number, done: number): Promise<void>;
  setCounts(id: number, counts: { readonly due: number; readonly held: number }): Promise<void>;
}

const runRow = (row: RetentionRun): RunRow => ({
  ...row,
  state: wordOf('RetentionRun.state', STATES, row.state),
  startedAt: ms(row.startedAt),
  finishedAt: msOrNull(row.finishedAt),
  cutoff: ms(row.cutoff),
});

type RuleFields = { readonly days: number; readonly version: number; readonly setAt: bigint };
const setRow = ({ days, version, setAt }: RuleFields): SetRule => ({ days, version, setAt: ms(setAt) });

/** Retention of the register. */
export function retentionOf({ read, write }: Register): RetentionStore {
  return {
    async rule(kind) {
      const row = await read.retentionRule.findUnique({ where: { kind } });
      return row === null ? undefined : setRow(row);
    },
    rules: async () => new Map((await read.retentionRule.findMany()).map((row) => [row.kind, setRow(row)])),
    setRule: (kind, { days, version, by }, now) =>
      write(async (db) => {
        const set = { days, setAt: BigInt(now), setBy: by };
        if (version > 0) return (await db.retentionRule.updateMany({ where: { kind, version }, data: { ...set, version: version + 1 } })).count === 1;
        if ((await db.retentionRule.count({ where: { kind } })) > 0) return false;
        await db.retentionRule.create({ data: { kind, ...set } });
        return true;
      }),
    newRun: async ({ cutoff, ...run }, now) => runRow(await write((db) => db.retentionRun.create({ data: { ...run, cutoff: BigInt(cutoff), startedAt: BigInt(now) } }))),
    async run(id) {
      const row = await read.retentionRun.findUnique({ where: { id } });
      return row === null ? undefined : runRow(row);
    },
    async runs(limit, before) {
      const rows = await read.retentionRun.findMany({ where: before === undefined ? {} : { id: { lt: before } }, orderBy: { id: 'desc' }, take: limit });
      return rows.map(runRow);
    },
    async runsIn(state, kind) {
      return (await read.retentionRun.findMany({ where: { state, ...(kind === undefined ? {} : { kind }) }, orderBy: { id: 'asc' } })).map(runRow);
    },
    move: (id, from, to, { finishedAt, ...about } = {}) =>
      write(async (db) => {
        const data = { state: to, ...about, ...(finishedAt === undefined ? {} : { finishedAt: BigInt(finishedAt) }) };
        return (await db.retentionRun.updateMany({ where: { id, state: from }, data })).count === 1;
      }),
    async count(id, done) {
      await write((db) => db.retentionRun.update({ where: { id }, data: { done: { increment: done } } }));
    },
    async setCounts(id, counts) {
      await write((db) => db.retentionRun.update({ where: { id }, data: counts }));
    },
  };
}
