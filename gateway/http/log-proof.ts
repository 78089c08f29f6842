import { dateAt, startOfDay } from '../core/local-date.ts';
import { rightTo } from '../core/matrix.ts';
import type { Role } from '../core/roles.ts';
import type { Checkpoint } from '../journal/checkpoints.ts';
import type { Proofs } from '../journal/proofs.ts';
import { refusal } from './problem.ts';
import type { CheckpointView, LogNow } from './schemas/log-proof.ts';

/** Proofs about the log, on the desk side's own read-only connection. */
export type LogProofs = Omit<Proofs, 'close' | 'judge'>;

/** What the log proves of itself, as far as each role is told. */
export interface LogProof {
  now(role: Role): LogNow;
  /** One checkpoint: the smallest over `size` entries or more, the newest without a size. Refuses NOT_FOUND. */
  signed(role: Role, wish: { readonly origin?: string; readonly size?: number }): CheckpointView;
  /** Refuses BAD_INPUT for sizes the log, or the part of it this role is told of, does not have. */
  consistency(role: Role, wish: { readonly origin: string; readonly from: number; readonly to: number; readonly root?: string }): string[];
  view(checkpoint: Checkpoint): CheckpointView;
  /** Calls back with the newest checkpoint when it is another one than last time. */
  look(onNew: (checkpoint: Checkpoint) => void): void;
}

/** A role that is not shown every entry must not learn from the number of them when somebody came or went (as `line-numbers.ts`). */
const isDaily = (role: Role): boolean => rightTo('logProof', role, 'R')?.form === 'dates';

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** The newest checkpoint that was signed before a moment (epoch ms), found by halving: the sizes of a log's checkpoints grow with time. */
function lastBefore(proofs: LogProofs, moment: number): Checkpoint | undefined {
  for (const { origin } of [...proofs.logs()].reverse()) {
    const newest = proofs.newestOf(origin);
    if (newest === undefined) continue;
    if (newest.at < moment) return newest;
    let found: Checkpoint | undefined;
    for (let [low, high] = [0, newest.size]; low < high; ) {
      const middle = Math.floor((low + high) / 2);
      const [next] = proofs.after(origin, middle, 1);
      if (next === undefined || next.at >= moment) high = middle;
      else [found, low] = [next, next.size];
    }
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The checkpoint of the last midnight; looked for once a day. */
function createDaily(proofs: LogProofs, clock: () => number): () => Checkpoint | undefined {
  let known: { readonly midnight: number; readonly checkpoint: Checkpoint | undefined } | undefined;
  return () => {
    const midnight = startOfDay(dateAt(clock()));
    if (known?.midnight !== midnight) known = { midnight, checkpoint: lastBefore(proofs, midnight) };
    return known.checkpoint;
  };
}

/** `clock`: epoch ms. */
export function createLogProof({ proofs, clock }: { readonly proofs: LogProofs; readonly clock: () => number }): LogProof {
  const daily = createDaily(proofs, clock);
  const newestFor = (role: Role): Checkpoint | undefined => (isDaily(role) ? daily() : proofs.newest());
  let told: Checkpoint | undefined;

  function view({ origin, size, root, at, note, first }: Checkpoint): CheckpointView {
    const key = proofs.logs().find((log) => log.origin === origin)?.key ?? '';
    return { origin, size, root: base64(root), at, index: first + size - 1, note, key };
  }

  /** Entries of a log that this role is told of; 0: none. */
  function most(role: Role, origin: string): number {
    const [logs, newest] = [proofs.logs(), newestFor(role)];
    const at = logs.findIndex((log) => log.origin === origin);
    const until = logs.findIndex((log) => log.origin === newest?.origin);
    if (at < 0 || at > until) return 0;
    return at === until && isDaily(role) ? (newest?.size ?? 0) : (logs[at]?.size ?? 0);
  }

  /** Who can name the root that was signed for so many entries has that checkpoint already. */
  function has(origin: string, size: number, root: string | undefined): boolean {
    if (root === undefined || !proofs.logs().some((log) => log.origin === origin)) return false;
    const [signed] = proofs.after(origin, size - 1, 1);
    return signed?.size === size && base64(signed.root) === root;
  }

  return {
    view,
    now(role) {
      const newest = newestFor(role);
      const logs = proofs.logs();
      const before = logs
        .slice(
          0,
          Math.max(
            0,
            logs.findIndex(({ origin }) => origin === newest?.origin),
          ),
        )
        .reverse();
      const earlier = before.flatMap(({ origin }) => proofs.newestOf(origin) ?? []);
      return { checkpoint: newest === undefined ? null : view(newest), earlier: earlier.map(view), daily: isDaily(role) };
    },
    signed(role, { origin, size }) {
      const newest = newestFor(role);
      const name = origin ?? newest?.origin ?? '';
      const limit = most(role, name);
      if (limit === 0) throw refusal('NOT_FOUND');
      const unsized = name === newest?.origin ? newest : proofs.newestOf(name);
      const found = size === undefined ? unsized : proofs.after(name, size - 1, 1)[0];
      if (found === undefined || found.size > limit) throw refusal('NOT_FOUND');
      return view(found);
    },
    consistency(role, { origin, from, to, root }) {
      if (from > to) throw refusal('BAD_INPUT', { field: 'from', expected: '≤ to' });
      if (to > most(role, origin) && !has(origin, to, root)) throw refusal('BAD_INPUT', { field: 'to', expected: 'size' });
      return proofs.consistency(origin, from, to).map(base64);
    },
    look(onNew) {
      const newest = proofs.newest();
      if (newest === undefined || (newest.origin === told?.origin && newest.size === told.size)) return;
      told = newest;
      onNew(newest);
    },
  };
}
