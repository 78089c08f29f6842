import { readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FieldError } from '../wire/fields.ts';
import { parseCheckpoint } from '../wire/checkpoint.ts';
import type { Checkpoint } from '../journal/checkpoints.ts';
import type { Proofs } from '../journal/proofs.ts';
import type { Witness } from './witness.ts';

/** Something outside does not agree with the log: for the alarm and the log file. */
export type Disagreement = (what: 'log-forked' | 'log-lost', detail: string) => void;

export interface CopiesParts {
  readonly proofs: Pick<Proofs, 'newest' | 'judge'>;
  /** Files that hold the newest checkpoint, each replaced as a whole. */
  readonly files: readonly string[];
  readonly witness: Witness | undefined;
  readonly disagrees: Disagreement;
  /** A copy could not be made; the next time tries again. */
  readonly report: (error: unknown, where: string) => void;
}

const ROOT_HEX = (root: string): string => Buffer.from(root, 'base64').toString('hex');
const LOG_ID_DIGITS = 32;

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** What is in a file from before: proof about the log that the log itself must still agree with. Something else in it is left to be overwritten. */
function judgeFile({ proofs, disagrees }: CopiesParts, file: string): 'fine' | 'kept aside' {
  const note = readIfThere(file);
  if (note === undefined) return 'fine';
  try {
    const { origin, size, root } = parseCheckpoint(note);
    const judged = proofs.judge({ logId: origin.slice(-LOG_ID_DIGITS), size, root: ROOT_HEX(root) });
    if (judged === 'agrees') return 'fine';
    disagrees(judged === 'lost' ? 'log-lost' : 'log-forked', `${file} holds a checkpoint over ${size} entries of ${origin}: ${judged}`);
    return 'kept aside';
  } catch (error) {
    if (error instanceof FieldError) return 'fine';
    throw error;
  }
}

async function replace(file: string, text: string): Promise<void> {
  const temporary = `${file}.tmp`;
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(temporary, text, { mode: 0o644 });
  await rename(temporary, file);
}

/**
 * Copies of the newest checkpoint to where the gateway's own disk is not believed: files, best on another medium, and a
 * witness at an operator's address. To be called every ten seconds; what fails is reported and tried again.
 */
export function createCheckpointCopies(parts: CopiesParts): { tick(): Promise<void> } {
  const { proofs, files, witness, disagrees, report } = parts;
  /** Files whose earlier content was looked at. */
  const judged = new Set<string>();
  let signed: { readonly note: string; readonly signatures: string } = { note: '', signatures: '' };
  let refused = '';

  async function toFile(file: string, text: string): Promise<void> {
    if (!judged.has(file) && judgeFile(parts, file) === 'kept aside') await rename(file, `${file}.disagrees`);
    judged.add(file);
    if (readIfThere(file) !== text) await replace(file, text);
  }

  async function toWitness(newest: Checkpoint, at: Witness): Promise<void> {
    if (signed.note === newest.note || refused === newest.origin) return;
    const shown = await at.show(newest);
    if (shown.kept) signed = { note: newest.note, signatures: shown.signatures };
    else {
      // Asking again would not change it; a new log is a new question.
      refused = newest.origin;
      disagrees('log-forked', `the witness refuses ${newest.origin}: ${shown.why}`);
    }
  }

  return {
    async tick() {
      const newest = proofs.newest();
      if (newest === undefined) return;
      if (witness !== undefined) await toWitness(newest, witness).catch((error: unknown) => report(error, 'checkpoint witness'));
      const text = signed.note === newest.note ? `${newest.note}${signed.signatures}` : newest.note;
      for (const file of files) await toFile(file, text).catch((error: unknown) => report(error, `checkpoint copy ${file}`));
    },
  };
}
