import type { StoredEntry } from '../../journal/entry.ts';
import type { EvidenceAbout, EvidenceEntry, EvidenceLog, EvidenceSaid } from '../../journal/evidence.ts';
import type { LogProofs } from '../log-proof.ts';
import type { Site } from '../site.ts';
import { namesIn, reviewLine } from './review.ts';

/** A checkpoint covers an entry after ten seconds at most; somebody waits a moment longer than that. */
const PATIENCE_MS = 11_000;
const LOOK_MS = 250;
/** Entries proven in one go, a few milliseconds: others have a turn between. */
const AT_ONCE = 20;

/** What goes into a file with proofs. */
export interface Provable {
  /** Indexes in the journal, ascending. */
  readonly indexes: readonly number[];
  /** Those of them whose person the file shows: of all others the half about a person stays sealed. */
  readonly shown: ReadonlySet<number>;
  readonly about: EvidenceAbout;
  /** Stands on every line. */
  readonly watermark: string;
  /** The same entries again, page by page. */
  readonly pages: () => AsyncGenerator<StoredEntry[]>;
}

/** Resolves when a checkpoint covers this entry, or when it has been waited for long enough. −1: there is none to wait for. */
export async function untilCovered(proofs: Pick<LogProofs, 'newest'>, index: number, sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))): Promise<void> {
  for (let waited = 0; index >= 0 && waited < PATIENCE_MS; waited += LOOK_MS) {
    const newest = proofs.newest();
    if (newest !== undefined && newest.first + newest.size > index) return;
    await sleep(LOOK_MS);
  }
}

const isIn =
  ({ first, size }: EvidenceLog) =>
  (index: number): boolean =>
    index >= first && index < first + size;

/** The entries of one log with their proofs, all against the checkpoint of `heads`. What does not open to what the log proves is told. */
async function* provenEntries({ deps }: Site, { indexes, shown }: Provable, { head, heads }: { readonly head: EvidenceLog; readonly heads: readonly EvidenceLog[] }) {
  const own = indexes.filter(isIn(head));
  for (let at = 0; at < own.length; at += AT_ONCE) {
    const { logs } = deps.evidence.of(own.slice(at, at + AT_ONCE), (index) => shown.has(index), heads);
    const entries: readonly EvidenceEntry[] = logs.find(({ origin }) => origin === head.origin)?.entries ?? [];
    yield entries;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A line as the officer is shown it; the verifier holds what it can against the log. */
async function saidIn(site: Site, page: readonly StoredEntry[], { shown, watermark }: Provable): Promise<EvidenceSaid[]> {
  const names = await namesIn(site, page);
  return page.map((entry): EvidenceSaid => {
    const { index, at, deviceTime, kind, code, granted, offline, note, final, ref, buildingId, doorId, door, why, method, unit, person } = reviewLine(entry, names, site.doorList);
    const whom = shown.has(index) ? { personId: person?.id ?? null, unitId: unit?.id ?? null } : {};
    const proven = { index, at, deviceTime, kind, code, granted, offline, note, final, ref, method, buildingId, doorId, ...whom };
    return { ...proven, door: door.zh, meaning: why.zh, home: unit?.room ?? null, name: person?.name ?? null, watermark };
  });
}

/** Joins what comes in goes as elements of a JSON array. */
async function* elements(goes: AsyncIterable<readonly object[]>): AsyncGenerator<string> {
  let comma = '';
  for await (const go of goes) {
    if (go.length === 0) continue;
    yield `${comma}${go.map((each) => JSON.stringify(each)).join(',\n')}`;
    comma = ',\n';
  }
}

/** The file as it is made (`evidence/1`), in goes: nothing is kept on disk. What no checkpoint covers yet is named and left out. */
export async function* provenFile(site: Site, what: Provable): AsyncGenerator<string> {
  const heads = site.deps.evidence.of([]).logs;
  const notYetProvable = what.indexes.filter((index) => !heads.some((head) => isIn(head)(index)));
  const left = new Set(notYetProvable);
  async function* said(): AsyncGenerator<EvidenceSaid[]> {
    for await (const page of what.pages()) {
      const provable = page.filter(({ index }) => !left.has(index));
      yield await saidIn(site, provable, what);
    }
  }
  yield `{"doorbook":"evidence/1",\n"about":${JSON.stringify({ ...what.about, notYetProvable })},\n"logs":[`;
  for (const [at, head] of heads.entries()) {
    const { entries: _, ...facts } = head;
    yield `${at === 0 ? '' : ',\n'}${JSON.stringify(facts).slice(0, -1)},"entries":[`;
    yield* elements(provenEntries(site, what, { head, heads }));
    yield ']}';
  }
  yield '],\n"said":[';
  yield* elements(said());
  yield ']}\n';
}
