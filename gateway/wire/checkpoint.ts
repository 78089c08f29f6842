import { FieldError } from './fields.ts';

/**
 * Checkpoints of the log as text: C2SP tlog-checkpoint inside a C2SP signed note.
 *
 *   doorbook/log/<32 hex digits>          origin: which log
 *   1234                                  size: entries it had
 *   <root hash, base64>
 *   cites <origin> <size> <root>          only in a log that goes on where an earlier one ended
 *   <empty line>
 *   — <origin> <base64 of key id[4] ‖ Ed25519 signature[64]>
 *
 * The signature is over the lines before the empty one, each with its line feed. Nothing here computes a hash or
 * checks a signature.
 */

/** What a checkpoint states. `root`: 32 bytes in base64. */
export interface CheckpointBody {
  readonly origin: string;
  readonly size: number;
  readonly root: string;
  /** The log before this one, as `origin size root`; undefined for a first log. */
  readonly cites: string | undefined;
}

/** A checkpoint with the signatures under it. */
export interface SignedCheckpoint extends CheckpointBody {
  /** What is signed. */
  readonly text: string;
  /** `blob`: base64 of key id and signature. */
  readonly signatures: readonly { readonly name: string; readonly blob: string }[];
}

/** A note is shorter than this, whatever witnesses add to it. */
const LONGEST_NOTE = 16_384;
const ORIGIN = /^doorbook\/log\/[0-9a-f]{32}$/;
const SIZE = /^(?:0|[1-9]\d{0,15})$/;
const ROOT = /^[A-Za-z0-9+/]{43}=$/;
const SIGNATURE = /^— (\S+) ([A-Za-z0-9+/]+={0,2})$/;
const CITES = 'cites ';

/** Name of a log in checkpoints, from the 32 hex digits of its id. */
export const originOf = (logIdHex: string): string => `doorbook/log/${logIdHex}`;

/** The signed part, each line with its line feed. */
export const checkpointText = ({ origin, size, root, cites }: CheckpointBody): string =>
  `${[origin, String(size), root, ...(cites === undefined ? [] : [`${CITES}${cites}`])].join('\n')}\n`;

/** The text with one signature under it. */
export const signedNote = (text: string, name: string, blob: string): string => `${text}\n— ${name} ${blob}\n`;

function need(isSo: boolean, field: string, expected: string): void {
  if (!isSo) throw new FieldError(field, expected);
}

function citedIn(lines: readonly string[]): string | undefined {
  const [line, ...more] = lines;
  need(more.length === 0, 'checkpoint', 'no lines but origin, size, root and what it cites');
  if (line === undefined) return undefined;
  const [origin = '', size = '', root = '', ...rest] = line.slice(CITES.length).split(' ');
  const isCited = line.startsWith(CITES) && ORIGIN.test(origin) && SIZE.test(size) && ROOT.test(root) && rest.length === 0;
  need(isCited, 'cites', 'cites, origin, size and root of the earlier log');
  return line.slice(CITES.length);
}

/** Reads a signed note. Throws FieldError saying which line is not as it must be. */
export function parseCheckpoint(note: string): SignedCheckpoint {
  need(note.length <= LONGEST_NOTE, 'checkpoint', `at most ${LONGEST_NOTE} characters`);
  const end = note.indexOf('\n\n');
  need(end >= 0 && note.endsWith('\n'), 'checkpoint', 'three lines or more, an empty line, and signatures');
  const text = note.slice(0, end + 1);
  const [origin = '', size = '', root = '', ...more] = text.slice(0, -1).split('\n');
  need(ORIGIN.test(origin), 'origin', 'doorbook/log/ and 32 hex digits');
  need(SIZE.test(size) && Number.isSafeInteger(Number(size)), 'size', 'a whole number');
  need(ROOT.test(root), 'root', '32 bytes in base64');
  const cites = citedIn(more);
  const signatures = note
    .slice(end + 2, -1)
    .split('\n')
    .map((line) => {
      const [, name = '', blob = ''] = SIGNATURE.exec(line) ?? [];
      need(name !== '', 'signature', '— name and base64');
      return { name, blob };
    });
  return { origin, size: Number(size), root, cites, text, signatures };
}
