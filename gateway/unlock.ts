import type { AccessIndex } from './core/access-index.ts';
import { decide, type Decision, refusal } from './core/decide.ts';
import type { Facts } from './core/facts.ts';
import type { Tap, Verdict } from './doors/link.ts';
import { accessEntry, conflictEntry, tellingEntry } from './journal/access-entries.ts';
import { type Journal, JournalUnavailable } from './journal/entry.ts';
import { type LetIn, letIn } from './let-in.ts';
import { type PinPath, whoAsks } from './pin-check.ts';

/** What the path is made of. */
export interface UnlockPath extends LetIn, PinPath {
  readonly index: AccessIndex;
  readonly journal: Journal;
  /** Epoch ms. */
  readonly now: () => number;
  readonly alarm: (what: string, detail: string) => void;
}

const verdictOf = ({ granted, reason, note, openMs }: Decision, entry: number): Verdict => ({ granted, reason, note, openMs, entry, answer: reason !== 'STALE' });

/** Too late or unreadable first; then the decision itself. An exception inside it denies. */
function judge(path: UnlockPath, tap: Tap, facts: Facts, now: number): Decision {
  if (tap.ageMs > tap.budgetMs) return refusal('STALE');
  if (tap.credential === undefined) return refusal('CREDENTIAL_FORMAT');
  if (tap.method !== 'card' && facts.pin !== 'code') return refusal(tap.method !== 'pin' ? 'TOKEN_INVALID' : facts.pin === 'shut' ? 'PIN_SHUT' : 'PIN_WRONG');
  try {
    return decide(facts, now);
  } catch (error) {
    path.alarm('decision-failed', String(error));
    return refusal('DEVICE_FAULT');
  }
}

/**
 * The unlock path (design.md 3): tap → facts → decision → durable entry → verdict. Every kind of link and credential enters
 * here. Resolves only when the entry is on disk; when nothing can be stored the verdict is UNAVAILABLE, and the door goes by its list.
 */
export async function unlock(path: UnlockPath, tap: Tap): Promise<Verdict> {
  const now = path.now();
  const asks = whoAsks(path, tap, now);
  const { pin, fingerprint, tells, undo } = asks instanceof Promise ? await asks : asks;
  const facts = { ...path.index.facts(tap.doorId, fingerprint), pin, inTest: tap.inTest };
  const decision = judge(path, tap, facts, now);
  try {
    const stored = await path.journal.append(accessEntry({ tap, facts, decision, fingerprint }, now));
    if (!stored.duplicate) {
      for (const what of tells) await path.journal.append(tellingEntry(tap, facts, what, now));
      letIn(path, facts, decision, now);
      return verdictOf(decision, stored.index);
    }
    undo();
    if (stored.same) return verdictOf({ ...refusal('DEVICE_FAULT'), ...stored.stored, reason: stored.stored.reason ?? 'DEVICE_FAULT' }, stored.index);
    path.alarm('key-reused', `entry ${stored.index} has the same key and another content`);
    const conflict = await path.journal.append(conflictEntry({ tap, fingerprint }, stored.index, now));
    return verdictOf(refusal('TOKEN_REPLAY'), conflict.index);
  } catch (error) {
    if (!(error instanceof JournalUnavailable)) throw error;
    return verdictOf(refusal('UNAVAILABLE'), 0);
  }
}
