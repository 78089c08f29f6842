import type { ConsistencyProof, ForkTaken, LogNow } from '../../gateway/http/schemas/log-proof.ts';
import { get, post, problemOf } from './api.ts';
import { type AskProof, check, type Found, type Kept } from './log-check.ts';
import { canVerify } from './log-proof.ts';

/** A contradiction this browser found, kept with both notes until and after somebody has said he knows. */
export interface Finding extends Found {
  /** When, epoch ms. */
  readonly at: number;
  /** The gateway has been told. */
  readonly reported: boolean;
  readonly known: boolean;
}

/** What this browser remembers of the logs it has seen at this address. No personal data. */
interface Memory {
  /** The newest verified checkpoint of each log, newest log first. */
  readonly kept: readonly Kept[];
  /** Newest first. */
  readonly findings: readonly Finding[];
}

const WHERE = 'doorbook.log';
const MOST_LOGS = 8;
const MOST_FINDINGS = 4;
/** The gateway is asked no more often than this by itself. */
const LEAST_MS = 2_000;
const AGAIN_MS = 60_000;
const NOTHING: Memory = { kept: [], findings: [] };

const isMemory = (value: unknown): value is Memory =>
  typeof value === 'object' && value !== null && 'kept' in value && Array.isArray(value.kept) && 'findings' in value && Array.isArray(value.findings);

function remembered(): Memory {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(WHERE) ?? 'null');
    return isMemory(value) ? value : NOTHING;
  } catch {
    return NOTHING;
  }
}

let memory = $state.raw<Memory>(remembered());
let said = $state.raw<LogNow | undefined>();
let unanswered = $state(false);

function remember(next: Memory): void {
  memory = next;
  try {
    localStorage.setItem(WHERE, JSON.stringify(next));
  } catch {
    // Not remembered; it still holds until the page is closed.
  }
}

/** The newest checkpoint this browser has verified; undefined: none yet. */
export const verified = (): Kept | undefined => memory.kept[0];

/** A contradiction nobody has said he knows of. */
export const openFinding = (): Finding | undefined => memory.findings.find(({ known }) => !known);

/** All of them, newest first. */
export const findings = (): readonly Finding[] => memory.findings;

/** What the gateway said last; undefined: nothing yet. */
export const logNow = (): LogNow | undefined => said;

/** The last question was not answered. */
export const isUnanswered = (): boolean => unanswered;

/** A refusal of the sizes is an answer; anything else is none. */
const askProof: AskProof = async (about) => {
  const query = new URLSearchParams(Object.entries(about).map(([name, value]) => [name, String(value)]));
  try {
    return (await get<ConsistencyProof>(`/log/consistency?${query}`)).proof;
  } catch (error) {
    if (problemOf(error).code === 'BAD_INPUT') return undefined;
    throw error;
  }
};

/** Tells the gateway, so that it is in its log and raises an alarm; tried again until it has taken it. */
async function report(): Promise<void> {
  const told = memory.findings.filter(({ reported }) => !reported);
  for (const finding of told) {
    await post<ForkTaken>('/log/fork-seen', { seen: finding.seen.note, got: finding.got.note });
    remember({ ...memory, findings: memory.findings.map((each) => (each.at === finding.at ? { ...each, reported: true } : each)) });
  }
}

async function look(): Promise<void> {
  const now = await get<LogNow>('/log/checkpoint');
  said = now;
  // Another window may have gone on meanwhile.
  memory = remembered();
  if (!canVerify() || openFinding() !== undefined) return report();
  const verdict = await check(memory.kept, now, askProof, Date.now());
  if (verdict === undefined) return undefined;
  const { kept, findings: before } = memory;
  if ('newest' in verdict) {
    const { newest } = verdict;
    return remember({ kept: [newest, ...kept.filter(({ origin }) => origin !== newest.origin)].slice(0, MOST_LOGS), findings: before });
  }
  remember({ kept, findings: [{ ...verdict.found, at: Date.now(), reported: false, known: false }, ...before].slice(0, MOST_FINDINGS) });
  return report();
}

let looking: Promise<void> | undefined;
let lookedAt = 0;

/** Asks for the newest checkpoint and verifies it; once at a time, and not again within a few seconds. Never rejects. */
export function lookAtLog(): Promise<void> {
  if (looking !== undefined || Date.now() - lookedAt < LEAST_MS) return looking ?? Promise.resolve();
  lookedAt = Date.now();
  looking = look()
    .then(
      () => false,
      () => true,
    )
    .then((failed) => {
      unanswered = failed;
      looking = undefined;
    });
  return looking;
}

/** The person has seen the contradiction: from now on this browser goes by what the gateway says now. */
export function acknowledge(): void {
  const found = openFinding();
  if (found === undefined) return;
  remember({ kept: [], findings: memory.findings.map((each) => ({ ...each, known: true })) });
  lookedAt = 0;
  void lookAtLog();
}

/** Looks now and once a minute while the page is seen, until the returned function is called. */
export function followLog(): () => void {
  void lookAtLog();
  const timer = setInterval(() => {
    if (document.visibilityState === 'visible') void lookAtLog();
  }, AGAIN_MS);
  return () => clearInterval(timer);
}
