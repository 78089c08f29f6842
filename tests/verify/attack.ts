import { checkpointsIn, beginExport, endExport, readLine } from '../../docs/verify.mjs';
import { frontierRoot } from '../../gateway/core/merkle.ts';
import { sha256 } from '../../gateway/journal/sha256.ts';
import { noteSigner, signerOf } from '../../gateway/journal/signing.ts';

export type State = ReturnType<typeof beginExport>;
type Outside = Parameters<typeof beginExport>[0];

/** An export to attack: its lines, what a controller holds of it, and the key, for attackers who have it. */
export interface Target {
  readonly lines: readonly string[];
  readonly note: string;
  readonly seed: Uint8Array;
}

/** A copy of how far an export was read, so that many attacks share the reading of what they left as it was. */
const copyOf = (state: State): State => ({
  ...state,
  faults: { list: [...state.faults.list], more: state.faults.more },
  logs: state.logs.map((log) => ({ ...log, roots: [...log.roots], pins: [...log.pins], states: { ...log.states } })),
  digest: state.digest.copy(),
});

/** Lines between two states that are kept. */
const KEPT_EVERY = 4;

/** How far the attacker's key reaches: he has none; the file's last line is his; checkpoints are his too. */
export type Power = 'none' | 'end' | 'all';

const textOf = (origin: string, state: State): string => `doorbook/log-export/1\n${state.lines}\n${state.digest.copy().update(state.unhashed).digest('base64')}\n${origin}\n`;
const isEnd = (line: string): boolean => line.startsWith('{"end"');
const isCheckpoint = (line: string): boolean => line.startsWith('{"checkpoint"');

/** Signers by log: making one takes longer than signing. */
const signers = new Map<string, ReturnType<typeof signerOf>>();
function signerFor(seed: Uint8Array, origin: string): ReturnType<typeof signerOf> {
  const signer = signers.get(origin) ?? signerOf(seed, origin);
  signers.set(origin, signer);
  return signer;
}

const rootOf = ({ count, roots }: State['logs'][number]): string => Buffer.from(frontierRoot({ size: count, roots }, sha256)).toString('base64');

/** What an attacker writes in the place of a line, given what the verifier has read so far. */
function forged(line: string, state: State, { seed }: Target, power: Power): string {
  const log = state.logs.at(-1);
  if (power === 'none' || log === undefined) return line;
  if (isEnd(line)) return JSON.stringify({ end: noteSigner(seed, log.line.origin)(textOf(log.line.origin, state)) });
  if (power === 'end') return line;
  if (line.startsWith('{"log"')) {
    const cites = `${log.line.origin} ${log.count} ${rootOf(log)}`;
    return JSON.stringify({ log: { ...JSON.parse(line).log, first: log.line.first + log.count, cites } });
  }
  if (!isCheckpoint(line)) return line;
  const note = signerFor(seed, log.line.origin).sign({ origin: log.line.origin, size: log.count, root: rootOf(log), cites: log.line.cites ?? undefined });
  return JSON.stringify({ checkpoint: { at: 0, note } });
}

/** Tries attacks on one export. Each says from which line on the file is another. */
export interface Arena {
  /** What the verifier finds first; undefined: the attack went through. */
  finding(lines: readonly string[], from: number, power: Power): State['faults']['list'][number] | undefined;
  readonly outside: Outside;
}

/** Reads the export once and keeps how it stood every few lines. */
export function arena(target: Target): Arena {
  const outside = { checkpoints: checkpointsIn(target.note).map((checkpoint) => ({ from: 'controller', checkpoint })) };
  const kept: State[] = [];
  const reading = beginExport(outside);
  for (const [at, line] of target.lines.entries()) {
    if (at % KEPT_EVERY === 0) kept.push(copyOf(reading));
    readLine(reading, line);
  }
  if (!endExport(reading)) throw new Error(`the export does not verify by itself: ${reading.faults.list[0]?.code}`);
  return {
    outside,
    finding(lines, from, power) {
      const at = Math.min(Math.floor(from / KEPT_EVERY), kept.length - 1);
      const state = copyOf(kept[at] ?? beginExport(outside));
      // A fault is never taken back, so the first is as good as all.
      for (let next = at * KEPT_EVERY; next < lines.length && state.faults.list.length === 0; next += 1) readLine(state, forged(lines[next] ?? '', state, target, power));
      if (state.faults.list.length === 0) endExport(state);
      return state.faults.list[0];
    },
  };
}
