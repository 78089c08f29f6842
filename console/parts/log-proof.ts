/**
 * Checks of the log's checkpoints in the browser itself, by Web Crypto alone: C2SP signed notes, Ed25519, and
 * consistency proofs of RFC 9162 2.1.4. Where the gateway checks the same (`core/merkle-proof.ts`), tests hold the two together.
 */

/** A checkpoint read from its note. */
export interface Note {
  readonly origin: string;
  readonly size: number;
  /** Base64, as `root` of what it cites. */
  readonly root: string;
  readonly cites: { readonly origin: string; readonly size: number; readonly root: string } | undefined;
  /** What is signed. */
  readonly text: string;
  readonly signatures: readonly string[];
}

const FORM =
  /^(doorbook\/log\/[0-9a-f]{32})\n(\d{1,16})\n([A-Za-z0-9+/]{43}=)\n(?:cites (doorbook\/log\/[0-9a-f]{32}) (\d{1,16}) ([A-Za-z0-9+/]{43}=)\n)?\n((?:— \S+ [A-Za-z0-9+/]+=*\n)+)$/;

/** Reads a signed note; undefined when it is none of ours. */
export function parseNote(note: string): Note | undefined {
  const [, origin, size, root, citedOrigin, citedSize, citedRoot, lines] = FORM.exec(note) ?? [];
  if (origin === undefined || size === undefined || root === undefined || lines === undefined || !Number.isSafeInteger(Number(size))) return undefined;
  const cites = citedOrigin === undefined || citedRoot === undefined ? undefined : { origin: citedOrigin, size: Number(citedSize), root: citedRoot };
  const own = lines.split('\n').filter((line) => line.startsWith(`— ${origin} `));
  return { origin, size: Number(size), root, cites, text: note.slice(0, note.indexOf('\n\n') + 1), signatures: own.map((line) => line.slice(origin.length + 3)) };
}

/** Can this browser compute at all? Web Crypto is there on https and on this very computer only. */
export const canVerify = (): boolean => globalThis.crypto?.subtle !== undefined;

type Bytes = Uint8Array<ArrayBuffer>;
const bytesOf = (base64: string): Bytes => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
const same = (a: Bytes, b: Bytes): boolean => a.length === b.length && a.every((byte, at) => byte === b[at]);

function joined(...parts: readonly Bytes[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const sha256 = async (bytes: Bytes): Promise<Bytes> => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
const node = (left: Bytes, right: Bytes): Promise<Bytes> => sha256(joined(Uint8Array.of(1), left, right));
const half = (value: number): number => Math.floor(value / 2);

/** Two trees of one log by size and root (base64), and what is said to lead from one to the other. */
export interface Step {
  readonly from: number;
  readonly to: number;
  readonly fromRoot: string;
  readonly toRoot: string;
  readonly proof: readonly string[];
}

/** Is the older tree really the beginning of the newer one? (RFC 9162 2.1.4.2) */
export async function isConsistent(step: Step): Promise<boolean> {
  const { from, to } = step;
  const [fromRoot, toRoot, proof] = [bytesOf(step.fromRoot), bytesOf(step.toRoot), step.proof.map(bytesOf)];
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 1 || from > to || proof.some(({ length }) => length !== 32)) return false;
  if (from === to) return proof.length === 0 && same(fromRoot, toRoot);
  let [place, last] = [from - 1, to - 1];
  while (place % 2 === 1) [place, last] = [half(place), half(last)];
  // A power of two is a subtree of its own: its root is where the proof begins.
  const [first, ...rest] = place === 0 ? [fromRoot, ...proof] : proof;
  if (first === undefined || proof.length === 0) return false;
  let [older, newer] = [first, first];
  for (const hash of rest) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      [older, newer] = await Promise.all([node(hash, older), node(hash, newer)]);
      while (place % 2 === 0 && place !== 0) [place, last] = [half(place), half(last)];
    } else newer = await node(newer, hash);
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && same(older, fromRoot) && same(newer, toRoot);
}

/** The 32 bytes of the public key in a C2SP verifier key, in base64 with the byte that names the algorithm; '' when it is none. */
export const keyIn = (verifierKey: string): string => /^[^+]+\+[0-9a-f]{8}\+([A-Za-z0-9+/]+=*)$/.exec(verifierKey)?.[1] ?? '';

/** Has the log's own key signed the note? `unchecked`: this browser does not know Ed25519. */
export async function signatureOf({ origin, text, signatures }: Note, verifierKey: string): Promise<'good' | 'bad' | 'unchecked'> {
  const named = bytesOf(keyIn(verifierKey));
  if (named.length !== 33 || named[0] !== 1) return 'bad';
  const encoder = new TextEncoder();
  const keyId = (await sha256(joined(encoder.encode(`${origin}\n`), named))).slice(0, 4);
  const own = signatures.map(bytesOf).filter((blob) => blob.length === 68 && same(blob.slice(0, 4), keyId));
  try {
    const key = await crypto.subtle.importKey('raw', named.slice(1), { name: 'Ed25519' }, false, ['verify']);
    for (const blob of own) if (await crypto.subtle.verify({ name: 'Ed25519' }, key, blob.slice(4), encoder.encode(text))) return 'good';
    return 'bad';
  } catch (error) {
    // Safari before 17 and Chrome before 137 have no Ed25519 here. Without a signature of that key it is wrong all the same.
    return error instanceof DOMException && error.name === 'NotSupportedError' && own.length > 0 ? 'unchecked' : 'bad';
  }
}
