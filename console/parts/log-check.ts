import type { CheckpointView, LogNow } from '../../gateway/http/schemas/log-proof.ts';
import { isConsistent, keyIn, type Note, parseNote, signatureOf } from './log-proof.ts';

/** A checkpoint this browser has verified and keeps. */
export interface Kept extends CheckpointView {
  /** When it was verified here, epoch ms. */
  readonly verifiedAt: number;
  readonly signature: 'good' | 'unchecked';
}

/**
 * What is wrong. `other-root`: two trees of one size. `changed`: the newer does not begin with what was seen.
 * `shorter`: entries are gone. `other-log`: does not go on from what was seen. `key`: signed by another key.
 * `unsigned`: not signed by its key, or no checkpoint at all.
 */
export type Wrong = 'other-root' | 'changed' | 'shorter' | 'other-log' | 'key' | 'unsigned';

/** A contradiction, with both notes: what this browser had verified, and what it was given. */
export interface Found {
  readonly what: Wrong;
  readonly seen: CheckpointView;
  readonly got: CheckpointView;
}

/** `newest`: what to keep. `found`: keep nothing, tell the person. */
export type Verdict = { readonly newest: Kept } | { readonly found: Found };

/** Asks the gateway for a consistency proof; undefined when it says there is none. Rejects when it does not answer. */
export type AskProof = (about: { readonly origin: string; readonly from: number; readonly to: number; readonly root?: string }) => Promise<readonly string[] | undefined>;

interface Tree {
  readonly size: number;
  readonly root: string;
}

/** Does `older` of this log lead to `newer`? */
async function leads(origin: string, older: Tree, newer: Tree, ask: AskProof): Promise<Wrong | undefined> {
  if (older.size === newer.size) return older.root === newer.root ? undefined : 'other-root';
  const proof = await ask({ origin, from: older.size, to: newer.size, root: newer.root });
  const proven = proof !== undefined && (await isConsistent({ from: older.size, to: newer.size, fromRoot: older.root, toRoot: newer.root, proof }));
  return proven ? undefined : 'changed';
}

/** The note says what stands beside it, and its own key has signed it. */
async function read(view: CheckpointView): Promise<{ readonly note: Note; readonly signature: 'good' | 'unchecked' } | undefined> {
  const note = parseNote(view.note);
  if (note === undefined || note.origin !== view.origin || note.size !== view.size || note.root !== view.root) return undefined;
  const signature = await signatureOf(note, view.key);
  return signature === 'bad' ? undefined : { note, signature };
}

/** From what was seen of a log to what the next log cites of it, and so on to the newest. `chain`: newest first, down to the log that was seen. */
async function alongCitations(seen: Tree, chain: readonly { readonly view: CheckpointView; readonly note: Note }[], ask: AskProof): Promise<Wrong | undefined> {
  let known = seen;
  for (let at = chain.length - 1; at > 0; at -= 1) {
    const [older, newer] = [chain[at], chain[at - 1]];
    const cited = newer?.note.cites;
    if (older === undefined || newer === undefined || cited?.origin !== older.view.origin) return 'other-log';
    if (cited.size < known.size) return 'shorter';
    const wrong = await leads(cited.origin, known, cited, ask);
    if (wrong !== undefined) return wrong;
    known = newer.view;
  }
  return undefined;
}

/** One log, seen before and given now: what is known of it afterwards, or what is wrong. */
async function within(seen: Kept, view: CheckpointView, isNewest: boolean, ask: AskProof): Promise<{ readonly known: Tree } | { readonly wrong: Wrong }> {
  if (view.size >= seen.size) {
    const wrong = await leads(view.origin, seen, view, ask);
    return wrong === undefined ? { known: view } : { wrong };
  }
  // Less than was seen: whoever has other rights on this browser is told of an earlier one. Then that must lead to what was seen, on this very log.
  if (!isNewest) return { known: seen };
  const wrong = await leads(view.origin, view, seen, ask);
  return wrong === undefined ? { known: seen } : { wrong: 'shorter' };
}

/** Holds what the gateway says now against what this browser has verified before (`kept`: newest first). Undefined: there is no checkpoint yet. `now`: epoch ms. */
export async function check(kept: readonly Kept[], said: LogNow, ask: AskProof, now: number): Promise<Verdict | undefined> {
  const { checkpoint: got, earlier, daily } = said;
  const [last] = kept;
  if (got === null) return last === undefined || daily ? undefined : { found: { what: 'shorter', seen: last, got: last } };
  const views = [got, ...earlier];
  const wrongWith = (what: Wrong, seen: CheckpointView = last ?? got): Verdict => ({ found: { what, seen, got } });
  const notes = await Promise.all(views.map(read));
  const chain = views.flatMap((view, at) => {
    const checked = notes[at];
    return checked === undefined ? [] : [{ view, ...checked }];
  });
  const [newest] = chain;
  if (newest === undefined || chain.length < views.length) return wrongWith('unsigned');
  const fresh: Verdict = { newest: { ...got, verifiedAt: now, signature: newest.signature } };
  if (last === undefined) return fresh;
  const at = views.findIndex(({ origin }) => kept.some((each) => each.origin === origin));
  const [view, seen] = [views[at], kept.find(({ origin }) => origin === views[at]?.origin)];
  if (view === undefined || seen === undefined) return daily ? undefined : wrongWith('other-log');
  if (views.slice(0, at + 1).some(({ key }) => keyIn(key) !== keyIn(seen.key))) return wrongWith('key', seen);
  const inLog = await within(seen, view, at === 0, ask);
  if ('wrong' in inLog) return wrongWith(inLog.wrong, seen);
  if (at === 0 && inLog.known !== view) return { newest: { ...seen, verifiedAt: now } };
  const wrong = await alongCitations(inLog.known, chain.slice(0, at + 1), ask);
  return wrong === undefined ? fresh : wrongWith(wrong, seen);
}
