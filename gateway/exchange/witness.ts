import type { Checkpoint } from '../journal/checkpoints.ts';
import type { Proofs } from '../journal/proofs.ts';

/** Somebody outside who keeps our checkpoints and signs for them only while each continues the last: C2SP tlog-witness. */
export interface Witness {
  /** Shows the newest checkpoint. Rejects when it cannot be reached or answers something else; asking again is harmless. */
  show(checkpoint: Checkpoint): Promise<Shown>;
}

/** `kept`: `signatures` are its note lines, each with its line feed. `refused`: what it holds does not agree with our log. */
export type Shown = { readonly kept: true; readonly signatures: string } | { readonly kept: false; readonly why: string };

/** What is needed of HTTP. */
export type Fetch = (
  url: string,
  init: { readonly method: 'POST'; readonly headers: Readonly<Record<string, string>>; readonly body: string; readonly signal: AbortSignal },
) => Promise<Pick<Response, 'status' | 'headers' | 'text'>>;

const PATIENCE_MS = 10_000;
const LONGEST_ANSWER = 8192;
/** The log's public key, for a witness that has not seen the log: it pins the first. */
const KEY_HEADER = 'doorbook-log-key';
const SIZE_TYPE = 'text/x.tlog.size';
const SIGNATURES = /^(?:— \S+ [A-Za-z0-9+/=]+\n)+$/;

/** A request of `add-checkpoint`: the size the witness has, the way from there, the note. */
function bodyOf({ origin, size, note }: Checkpoint, old: number, proofs: Pick<Proofs, 'consistency'>): string {
  const proof = old === 0 || old === size ? [] : proofs.consistency(origin, old, size);
  return `old ${old}\n${proof.map((hash) => `${Buffer.from(hash).toString('base64')}\n`).join('')}\n${note}`;
}

/** The size in a 409, or undefined when it is another kind of 409. */
function sizeIn(answer: Pick<Response, 'status' | 'headers'>, text: string): number | undefined {
  const is = answer.status === 409 && (answer.headers.get('content-type') ?? '').startsWith(SIZE_TYPE) && /^\d{1,15}\n?$/.test(text);
  return is ? Number(text) : undefined;
}

/** A witness at an address, below which `/add-checkpoint` is. */
export function witnessAt(url: string, proofs: Pick<Proofs, 'consistency' | 'logs'>, fetch: Fetch): Witness {
  /** Sizes it is known to have, by origin. */
  const known = new Map<string, number>();

  /** Base64 of the 32 bytes behind the type byte of a verifier key. */
  function rawKey(origin: string): string {
    const key = proofs.logs().find((log) => log.origin === origin)?.key ?? '';
    return Buffer.from(key.split('+').slice(2).join('+'), 'base64').subarray(1).toString('base64');
  }

  async function ask(checkpoint: Checkpoint, old: number): Promise<{ readonly status: number; readonly text: string; readonly size: number | undefined }> {
    const headers = { 'content-type': 'text/plain; charset=utf-8', [KEY_HEADER]: rawKey(checkpoint.origin) };
    const answer = await fetch(`${url}/add-checkpoint`, { method: 'POST', headers, body: bodyOf(checkpoint, old, proofs), signal: AbortSignal.timeout(PATIENCE_MS) });
    const text = (await answer.text()).slice(0, LONGEST_ANSWER);
    return { status: answer.status, text, size: sizeIn(answer, text) };
  }

  return {
    async show(checkpoint) {
      const { origin, size } = checkpoint;
      let old = known.get(origin) ?? 0;
      let said = await ask(checkpoint, old);
      if (said.size !== undefined && said.size <= size && said.size !== old) {
        old = said.size;
        said = await ask(checkpoint, old);
      }
      if (said.status === 200 && SIGNATURES.test(said.text)) {
        known.set(origin, size);
        return { kept: true, signatures: said.text };
      }
      if (said.size !== undefined && said.size > size) return { kept: false, why: `it holds a checkpoint over ${said.size} entries, and the log here has signed only ${size}` };
      if (said.status === 409 && said.size === old) return { kept: false, why: `it holds another root over ${size} entries` };
      if (said.status === 422) return { kept: false, why: `what it holds over ${old} entries does not begin the log here` };
      throw new Error(`the witness at ${url} answered ${said.status}: ${said.text.slice(0, 200)}`);
    },
  };
}
