import type { Judged } from '../journal/checkpoints.ts';
import { isSignedBy } from '../journal/signing.ts';
import { parseCheckpoint, type SignedCheckpoint } from '../wire/checkpoint.ts';
import { FieldError } from '../wire/fields.ts';
import type { Audit } from './audit.ts';
import type { DoorSidePort } from './deps.ts';
import type { LogProofs } from './log-proof.ts';
import { refusal } from './problem.ts';
import type { ForkSeen, ForkTaken } from './schemas/log-proof.ts';
import type { Viewer } from './viewer.ts';

/** What a console found: a checkpoint it holds does not go with the one it was given. */
export interface LogFork {
  /** Notes it in the log and raises the alarm when a note with our own signature does not agree with our log; anything else is nobody's proof. */
  seen(viewer: Viewer, found: ForkSeen): Promise<ForkTaken>;
}

/** The public key in a C2SP verifier key, without the byte that names the algorithm. */
const publicKeyIn = (key: string): Buffer => Buffer.from(key.replace(/^[^+]+\+[0-9a-f]{8}\+/, ''), 'base64').subarray(1);

function parsed(field: keyof ForkSeen, note: string): SignedCheckpoint {
  try {
    return parseCheckpoint(note);
  } catch (error) {
    if (error instanceof FieldError) throw refusal('BAD_INPUT', { field, expected: error.expected });
    throw error;
  }
}

/** What is kept of a finding that is no secret and short enough for the words of an entry. */
const wordsOf = ({ origin, size, root }: SignedCheckpoint, judged: Judged): string => `${judged}|${origin.slice(-32)}|${size}|${root}`.slice(0, 120);

export function createLogFork({ proofs, doorSide, audit }: { readonly proofs: LogProofs; readonly doorSide: Pick<DoorSidePort, 'judge'>; readonly audit: Audit }): LogFork {
  const noted = new Set<string>();

  /** Signed by a key that signs, or signed, a log of this journal: nobody else can make one up. */
  const isOurs = (note: SignedCheckpoint): boolean => proofs.logs().some(({ key }) => key !== undefined && isSignedBy(note, publicKeyIn(key)));

  return {
    async seen(viewer, found) {
      const notes = [parsed('seen', found.seen), parsed('got', found.got)].filter(isOurs);
      let taken: ForkTaken = { counted: false, entry: null };
      for (const note of notes) {
        const { origin, size, root } = note;
        const judged = await doorSide.judge({ logId: origin.slice(-32), size, root: Buffer.from(root, 'base64').toString('hex') });
        if (judged === 'agrees') continue;
        const words = wordsOf(note, judged);
        taken = { ...taken, counted: true };
        if (noted.has(words)) continue;
        const entry = await audit.acted(viewer, 'log-fork-seen', { words });
        noted.add(words);
        taken = { ...taken, entry };
      }
      return taken;
    },
  };
}
