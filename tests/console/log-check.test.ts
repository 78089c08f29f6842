import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AskProof, check, type Kept, type Verdict } from '../../console/parts/log-check.ts';
import { isConsistent, keyIn, parseNote, signatureOf } from '../../console/parts/log-proof.ts';
import { consistencyProof, rangeRoot } from '../../gateway/core/merkle-proof.ts';
import type { CheckpointView, LogNow } from '../../gateway/http/schemas/log-proof.ts';
import { sha256 } from '../../gateway/journal/sha256.ts';
import { signerOf, verifierKey } from '../../gateway/journal/signing.ts';
import { ownCheckpointKey } from '../../gateway/store/checkpoint-key.ts';
import { type LogWorld, logWorld } from '../http/log-fixture.ts';

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const leaves = Array.from({ length: 70 }, (_, n) => sha256(Buffer.from(`leaf ${n}`)));
/** Roots of full subtrees, by hashing them. */
const nodeOf = (level: number, n: number): Uint8Array =>
  level === 0 ? (leaves[n] ?? Buffer.alloc(32)) : sha256(Buffer.concat([Buffer.of(1), nodeOf(level - 1, 2 * n), nodeOf(level - 1, 2 * n + 1)]));
const rootOf = (size: number): string => base64(rangeRoot(nodeOf, [0, size], sha256));
const stepOf = (from: number, to: number) => ({ from, to, fromRoot: rootOf(from), toRoot: rootOf(to), proof: consistencyProof(nodeOf, from, to, sha256).map(base64) });
/** The same bytes with one bit changed. */
function flipped(text: string, bit: number): string {
  const bytes = Buffer.from(text, 'base64');
  bytes[Math.floor(bit / 8) % bytes.length] = (bytes[Math.floor(bit / 8) % bytes.length] ?? 0) ^ (1 << (bit % 8));
  return base64(bytes);
}

describe('a consistency proof in the browser', () => {
  test('passes for every pair of sizes', async () => {
    for (let to = 1; to <= 40; to += 1) for (let from = 1; from <= to; from += 1) expect(await isConsistent(stepOf(from, to)), `${from} of ${to}`).toBe(true);
  });

  test('fails with any bit, step or size changed', async () => {
    const pair = fc.integer({ min: 2, max: 70 }).chain((to) => fc.tuple(fc.integer({ min: 1, max: to - 1 }), fc.constant(to)));
    await fc.assert(
      fc.asyncProperty(pair, fc.nat(1000), fc.nat(255), fc.constantFrom('proof', 'fromRoot', 'toRoot', 'less', 'more', 'from', 'to'), async ([from, to], at, bit, what) => {
        const good = stepOf(from, to);
        const place = at % good.proof.length;
        const bad = {
          proof: { proof: good.proof.map((each, n) => (n === place ? flipped(each, bit) : each)) },
          fromRoot: { fromRoot: flipped(good.fromRoot, bit) },
          toRoot: { toRoot: flipped(good.toRoot, bit) },
          less: { proof: good.proof.filter((_, n) => n !== place) },
          more: { proof: [...good.proof.slice(0, place), rootOf(7), ...good.proof.slice(place)] },
          // Sizes whose trees have the same form are told apart by the note, not by the proof.
          from: { fromRoot: rootOf(from === 1 ? 2 : from - 1) },
          to: { toRoot: rootOf(to - 1) },
        }[what];
        expect(await isConsistent({ ...good, ...bad })).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test('fails for sizes that are none, and hashes that are none', async () => {
    const good = stepOf(3, 7);
    for (const bad of [{ from: 0 }, { from: 8 }, { from: 1.5 }, { to: Number.NaN }, { proof: [] }, { proof: good.proof.map(() => 'AAAA') }])
      expect(await isConsistent({ ...good, ...bad })).toBe(false);
  });
});

let logs: LogWorld;
let kept: Kept;
beforeAll(async () => {
  logs = await logWorld();
  logs.tap(undefined);
  logs.sign();
  kept = keep(await look([]));
});
afterAll(() => logs.close());

const said = (): LogNow => logs.here.site.logProof.now('SA');
const ask: AskProof = async ({ origin, from, to, root }) => {
  try {
    return logs.here.site.logProof.consistency('SA', { origin, from, to, ...(root === undefined ? {} : { root }) });
  } catch {
    return undefined;
  }
};
const NOW = 1_795_000_000_000;
const look = (known: readonly Kept[], now: LogNow = said(), answer: AskProof = ask): Promise<Verdict | undefined> => check(known, now, answer, NOW);
function keep(verdict: Verdict | undefined): Kept {
  if (verdict === undefined || !('newest' in verdict)) throw new Error(`not verified: ${JSON.stringify(verdict)}`);
  return verdict.newest;
}
const wrong = async (known: readonly Kept[], now: LogNow, answer?: AskProof): Promise<string | undefined> => {
  const verdict = await look(known, now, answer);
  return verdict !== undefined && 'found' in verdict ? verdict.found.what : undefined;
};
/** The gateway's own key signs something else. */
function forged(about: { size?: number; root?: string; seed?: Uint8Array; origin?: string; cites?: string } = {}): CheckpointView {
  const now = said().checkpoint;
  if (now === null) throw new Error('no checkpoint');
  const { size = now.size, root = base64(randomBytes(32)), seed = ownCheckpointKey(logs.place.keysDir), origin = now.origin } = about;
  const signer = signerOf(seed, origin);
  return { ...now, origin, size, root, key: verifierKey(origin, signer.publicKey), note: signer.sign({ origin, size, root, cites: about.cites }) };
}
const only = (checkpoint: CheckpointView | null, earlier: CheckpointView[] = []): LogNow => ({ checkpoint, earlier, daily: false });

describe('what a browser makes of a checkpoint', () => {
  test('the first one is kept, with its signature checked', () => {
    expect(kept).toMatchObject({ ...said().checkpoint, verifiedAt: NOW, signature: 'good' });
  });

  test('a later one goes on from it; the same one again is verified again', async () => {
    expect(keep(await look([kept]))).toEqual(kept);
    for (let n = 0; n < 70; n += 1) logs.tap(undefined);
    logs.sign();
    expect(keep(await look([kept])).size).toBe(said().checkpoint?.size);
  });

  test('one that was signed by our key over other entries is found, whatever its size', async () => {
    const now = keep(await look([]));
    expect(await wrong([now], only(forged()))).toBe('other-root');
    expect(await wrong([kept], only(forged()))).toBe('changed');
    expect(await wrong([now], only(forged({ size: now.size + 5 })))).toBe('changed');
    expect(await wrong([now], only(forged({ size: 2 })))).toBe('shorter');
  });

  test('a proof that does not lead there, or none, is found', async () => {
    expect(await wrong([kept], said(), async () => undefined)).toBe('changed');
    expect(await wrong([kept], said(), async (about) => (await ask(about))?.map((each, n) => (n === 0 ? flipped(each, 3) : each)))).toBe('changed');
    // No answer at all is neither: asked again later.
    await expect(look([kept], said(), () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  });

  test('another key, a wrong signature, or a note that says something else is found', async () => {
    const now = said().checkpoint;
    if (now === null) throw new Error('no checkpoint');
    expect(await wrong([kept], only(forged({ seed: Buffer.alloc(32, 7), root: now.root })))).toBe('key');
    const [head = '', tail = ''] = now.note.split(/(?<=— \S+ )/);
    const signature = flipped(tail.trim(), 100);
    expect(await wrong([kept], only({ ...now, note: `${head}${signature}\n` }))).toBe('unsigned');
    expect(await wrong([kept], only({ ...now, note: forged({ seed: Buffer.alloc(32, 7) }).note, key: now.key }))).toBe('unsigned');
    expect(await wrong([], only({ ...now, size: now.size + 1 }))).toBe('unsigned');
    expect(await wrong([], only({ ...now, root: flipped(now.root, 9) }))).toBe('unsigned');
    expect(await wrong([], only({ ...now, note: 'rubbish' }))).toBe('unsigned');
    expect(await wrong([], only({ ...now, key: 'rubbish' }))).toBe('unsigned');
  });

  test('one that is gone is found; for who is told of midnight alone there may be none yet', async () => {
    expect(await wrong([kept], only(null))).toBe('shorter');
    expect(await look([kept], { ...only(null), daily: true })).toBeUndefined();
    expect(await look([], only(null))).toBeUndefined();
  });

  test('an earlier one than was seen, as another role on the same computer is told, must lead to what was seen', async () => {
    const now = keep(await look([]));
    const [older] = logs.proofs.after(now.origin, 0, 1);
    if (older === undefined) throw new Error('no older one');
    const verdict = await look([now], { ...only(logs.here.site.logProof.view(older)), daily: true });
    expect(keep(verdict)).toEqual(now);
  });

  test('without Ed25519 in the browser the signature is left open, and everything else is checked', async () => {
    const { subtle } = crypto;
    const importKey = subtle.importKey.bind(subtle);
    Object.defineProperty(subtle, 'importKey', { configurable: true, value: () => Promise.reject(new DOMException('no', 'NotSupportedError')) });
    try {
      expect(keep(await look([kept])).signature).toBe('unchecked');
      expect(await wrong([kept], only(forged()))).toBe('changed');
    } finally {
      Object.defineProperty(subtle, 'importKey', { configurable: true, value: importKey });
    }
  });
});

describe('a log that goes on from another', () => {
  test('is verified by what it cites, over several restores', async () => {
    const before = keep(await look([kept]));
    for (let times = 0; times < 2; times += 1) {
      logs.tap(undefined);
      logs.renew();
      logs.tap(undefined);
      logs.sign();
    }
    const now = said();
    expect([now.earlier.length, keep(await look([before])).origin]).toEqual([2, now.checkpoint?.origin]);
    expect(await wrong([before], only(now.checkpoint))).toBe('other-log');
    expect(await wrong([before], only(now.checkpoint, [...now.earlier].reverse()))).not.toBeUndefined();
  });

  test('must cite all that was seen, with the same entries', async () => {
    const [cited] = said().earlier.slice(-1);
    if (cited === undefined) throw new Error('no earlier log');
    const seen: Kept = { ...cited, verifiedAt: NOW, signature: 'good' };
    const renewed = (size: number, root: string): CheckpointView => forged({ origin: `doorbook/log/${'cd'.repeat(16)}`, size: 1, cites: `${cited.origin} ${size} ${root}` });
    expect(await wrong([seen], only(renewed(cited.size, cited.root), [cited]))).toBeUndefined();
    expect(await wrong([seen], only(renewed(cited.size - 1, base64(logs.proofs.rootAt(cited.origin, cited.size - 1))), [cited]))).toBe('shorter');
    expect(await wrong([seen], only(renewed(cited.size, base64(randomBytes(32))), [cited]))).toBe('other-root');
    expect(await wrong([seen], only(renewed(cited.size + 1, base64(randomBytes(32))), [cited]))).toBe('changed');
  });
});

describe('a note', () => {
  test('is read as the gateway wrote it, and its key is told from its name', async () => {
    const now = said().checkpoint;
    const note = parseNote(now?.note ?? '');
    expect(note).toMatchObject({ origin: now?.origin, size: now?.size, root: now?.root, cites: { size: expect.any(Number) } });
    expect(Buffer.from(keyIn(now?.key ?? ''), 'base64')).toHaveLength(33);
    if (note === undefined) throw new Error('no note');
    expect(await signatureOf({ ...note, text: note.text.replace(/\n(\d+)\n/, (_, size) => `\n${Number(size) + 1}\n`) }, now?.key ?? '')).toBe('bad');
    // A witness may add its own line.
    expect(parseNote(`${now?.note}— witness.example/1 ${base64(randomBytes(68))}\n`)?.signatures).toHaveLength(1);
  });
});
