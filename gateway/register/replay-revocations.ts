import { randomBytes } from 'node:crypto';
import type { JournalReader } from '../journal/reader.ts';
import type { Register, WriteDb } from '../store/register.ts';
import type { Vault } from '../store/vault.ts';
import { anonymise } from './anonymise.ts';
import { endWorkAgain, stopCardAgain } from './stop-again.ts';
import { moveOutAgain } from './move-out-again.ts';
import { nameOf, type Noted, notedIn, type Revocation, undoneIn } from './revocations.ts';

const PAGE = 256;
const SECRET_BYTES = 32;
/** Revocations carried out in one write. */
const BATCH = 50;

type Reads = Pick<JournalReader, 'before'>;

/** Was this taken back later? Each taking back is of one. */
function isUndone(revocation: Revocation | undefined, undone: Set<string>): boolean {
  const name = revocation === undefined ? undefined : nameOf(revocation);
  return name !== undefined && undone.delete(name);
}

/** Revocations and marks of the log, newest first, with their index. One that was taken back is there without its revocation: the register has it, and nothing is to be ended. */
function* notedBackwards(journal: Reads): Generator<Noted & { readonly index: number }> {
  const undone = new Set<string>();
  let index = Number.MAX_SAFE_INTEGER;
  for (;;) {
    const entries = journal.before({ kinds: ['register'], index }, PAGE);
    for (const entry of entries) {
      const [noted, taken] = [notedIn(entry), undoneIn(entry)];
      if (taken !== undefined) undone.add(taken);
      if (noted !== undefined) yield { ...noted, index: entry.index, ...(isUndone(noted.revocation, undone) ? { revocation: undefined } : {}) };
    }
    index = entries.at(-1)?.index ?? 0;
    if (entries.length < PAGE) return;
  }
}

/** Change number that the register must have for the newest revocation of the log to be in it; 0: the log has none. */
export function neededChange(journal: Reads): number {
  for (const { n } of notedBackwards(journal)) return n;
  return 0;
}

/**
 * Revocations the log tells of that a register may not have, oldest first. `after`: those behind this entry; else those
 * that need a later change than `n`.
 */
export function missedRevocations(journal: Reads, { n, after }: { readonly n: number; readonly after?: number | undefined }): readonly Revocation[] {
  const missed: Revocation[] = [];
  for (const noted of notedBackwards(journal)) {
    if (after === undefined ? noted.n <= n : noted.index <= after) break;
    if (noted.revocation !== undefined) missed.push(noted.revocation);
  }
  return missed.reverse();
}

/** Ends at the earlier of its own end and `until`. */
const endsAt = (until: number, column: string): object => ({ OR: [{ [column]: null }, { [column]: { gt: BigInt(until) } }] });

/** Carries one out where it is not; 1 when that changed something. Rows that are not there have nothing to lose. */
async function carryOut(db: WriteDb, vault: Vault, revocation: Revocation, now: number): Promise<number> {
  switch (revocation.what) {
    case 'credential-stopped':
      return stopCardAgain(db, revocation, now);
    case 'grant-ended':
      return endWorkAgain(db, revocation, now);
    case 'grant-duty-ended': {
      const { grantId: id, personId } = revocation;
      return (await db.accessGrant.updateMany({ where: { id, personId, duty: true }, data: { duty: false } })).count;
    }
    case 'tenancy-ended':
    case 'occupant-left':
      return moveOutAgain(db, revocation, now);
    case 'person-forgotten': {
      const there = await db.person.count({ where: { id: revocation.personId, anonymisedAt: null } });
      if (there > 0) await db.$transaction(await anonymise(db, vault, [revocation.personId], now));
      return there;
    }
    case 'account-closed': {
      const { accountId } = revocation;
      const [account] = await db.$transaction([
        db.account.updateMany({ where: { id: accountId, disabledAt: null }, data: { disabledAt: BigInt(now), version: { increment: 1 } } }),
        db.accessToken.updateMany({ where: { accountId, revokedAt: null }, data: { revokedAt: BigInt(now) } }),
      ]);
      return account.count;
    }
    case 'assignment-ended': {
      const { assignmentId: id, until } = revocation;
      return (await db.assignment.updateMany({ where: { id, ...endsAt(until, 'untilAt') }, data: { untilAt: BigInt(until) } })).count;
    }
    case 'controller-enrolled': {
      // The secret it got is lost with the register that knew it: until it is enrolled anew nobody has one.
      const secretSealed = vault.sealBytes('controller.secret', randomBytes(SECRET_BYTES));
      return (await db.doorController.updateMany({ where: { id: revocation.controllerId }, data: { secretSealed, enrolledAt: null, enrolCodeId: null } })).count;
    }
    case 'controller-retired':
      return (await db.doorController.updateMany({ where: { id: revocation.controllerId, retiredAt: null }, data: { retiredAt: BigInt(now) } })).count;
  }
}

/** Carries revocations out again on a register; how many of them it did not have. Doing it twice does no harm. `now`: epoch ms. */
export async function replayRevocations({ write, vault }: Register, revocations: readonly Revocation[], now: number): Promise<number> {
  let done = 0;
  for (let at = 0; at < revocations.length; at += BATCH) {
    done += await write(async (db) => {
      let changed = 0;
      for (const each of revocations.slice(at, at + BATCH)) changed += await carryOut(db, vault, each, now);
      return changed;
    });
  }
  return done;
}
