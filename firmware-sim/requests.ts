import type { Message } from '../gateway/wire/mqtt/messages.ts';
import { typedReading } from '../gateway/wire/mqtt/pin.ts';
import type { Reading } from '../gateway/wire/mqtt/reading.ts';
import { eventRecord, isFull, nextHead, queueEvents, recordDoorEvent } from './events.ts';
import { countEntry, decideLocally, listInForce, listVersion, type LocalVerdict, openMsOf } from './local.ts';
import { cameIn } from './modes.ts';
import { askDigits, countPin } from './pin-count.ts';
import { isInterlocked } from './rules.ts';
import { release } from './lock.ts';
import { type Answer, type Input, NEVER, type OpenRequest, type Step } from './model.ts';
import type { Claim, EventBody, RequestRecord } from './store-image.ts';

/** Asking the gateway, design.md 3, ms: when to repeat, when to stop listening, how long to decide locally first after that. */
const REPEAT_MS = 150;
const BUDGET_MS = 400;
const LOCAL_FIRST_MS = 30_000;
/** After this long nobody stands at the door any more: a device that was held up does not open for them. */
const TOO_LATE_MS = 5000;

const INTERLOCKED = { granted: false, reason: 'INTERLOCK', openMs: 0 } as const;

type Tap = Extract<Input, { t: 'tap' }>;
type Final = Extract<EventBody, { k: 'outcome' }>['f'];
type Opened = Extract<EventBody, { k: 'outcome' }>['o'];

const mustDecideLocally = (c: Step): boolean => !c.run.connected || (c.run.u < c.run.localUntil && listInForce(c.run));

/** Digits of a keypad are nobody's business but the gateway's: in flash they are zeros. */
const keptReading = ({ method, reading }: Pick<Tap, 'method' | 'reading'>): Reading => (method === 'pin' ? { w: reading.w, x: '0'.repeat(reading.x.length) } : reading);

/** Somebody asks: RECORDED, then ASKED; or decided at once when the gateway is known to be away. `typed`: digits, '' when none came, undefined when nobody asked for any. */
export function requested(c: Step, tap: Omit<Tap, 't'>, typed?: string): void {
  if (isFull(c)) {
    actUnrecorded(c, tap, typed);
    return;
  }
  const { run } = c;
  const head = nextHead(c);
  const record: RequestRecord = {
    kind: 'request',
    n: head.n,
    boot: head.b,
    door: tap.door,
    reading: keptReading(tap),
    method: tap.method,
    u: head.u,
    t: head.t,
    l: listVersion(run.list),
    claim: null,
  };
  const request: OpenRequest = { record, tag: tap.tag, typed, repeatAt: NEVER, budgetAt: NEVER, outcomeAt: NEVER, blind: false };
  run.requests.set(record.n, request);
  if (mustDecideLocally(c)) {
    claimLocally(c, request);
    return;
  }
  c.out.push({ t: 'store', change: { put: [record] } });
  request.repeatAt = run.u + REPEAT_MS;
  request.budgetAt = run.u + BUDGET_MS;
  ask(c, request);
}

/** The store is full: the door still does its duty by its list, and the lost line is counted. */
function actUnrecorded(c: Step, tap: Omit<Tap, 't'>, typed: string | undefined): void {
  const verdict = decideLocally(c, tap, typed);
  c.run.dropped += 1;
  const { granted, reason, openMs } = verdict.granted && isInterlocked(c, tap.door) ? INTERLOCKED : verdict;
  if (granted) release(c, tap.door, openMs, { by: 'request', n: 0 });
  if (tap.method === 'card' && typed) countPin(c, tap.door, tap.reading, { source: 'local', ...verdict });
  showAnswer(c, tap.door, { n: 0, tag: tap.tag, granted, reason, openMs, entry: 0, local: true });
}

/** The same bytes each time: same key, same content. */
function ask(c: Step, { record: { n, boot, door, reading, method, u, t, l }, typed = '' }: OpenRequest): void {
  const digits = method === 'card' && typed !== '' ? { p: typed } : {};
  const read = method === 'pin' ? typedReading(typed) : reading;
  c.out.push({ t: 'publish', tail: 'req', body: { v: 1, i: c.run.instance, b: boot, n, u, t, d: door, k: method, c: read, ...digits, ms: BUDGET_MS, l } });
}

function showAnswer(c: Step, door: number, answer: Answer): void {
  c.out.push({ t: 'lamp', door, show: answer.granted ? 'green' : 'red', answer });
}

/** The gateway answered. Only the first answer to a request that is still open counts. */
export function answered(c: Step, body: Message<'res'>): void {
  if (body.i !== c.run.instance || body.b !== c.run.boot) return;
  const request = c.run.requests.get(body.n);
  if (request === undefined || request.record.claim !== null) return;
  const { door } = request.record;
  if (!body.g && body.r === 'UNAVAILABLE') {
    claimLocally(c, request);
    return;
  }
  const openMs = body.g ? body.o || openMsOf(c, door) : 0;
  claim(c, request, { source: 'gateway', granted: body.g, reason: body.r, openMs }, body.e);
}

const claimLocally = (c: Step, request: OpenRequest): void => claim(c, request, { source: 'local', ...decideLocally(c, request.record, request.typed) }, 0);

/** CLAIMED: written in one piece, then the lock moves. A refusal has its outcome in the same write. */
function claim(c: Step, request: OpenRequest, given: Claim & Pick<LocalVerdict, 'duty' | 'duress'>, entry: number): void {
  const { run } = c;
  const { n, door, reading, method } = request.record;
  const { duty, duress, ...decided } = given;
  // Whoever decided, only the door itself sees that the other door of an interlock is open.
  const verdict: Claim = decided.granted && isInterlocked(c, door) ? { source: 'local', ...INTERLOCKED } : decided;
  request.record = { ...request.record, claim: verdict };
  if (verdict.granted) {
    c.out.push({ t: 'store', change: { put: [request.record] } });
    release(c, door, verdict.openMs, { by: 'request', n });
    request.blind = c.world.contact[door - 1] !== 'closed';
    request.outcomeAt = run.u + verdict.openMs;
    countEntry(c, door, reading);
    cameIn(c, door, duty === true);
  }
  if (!verdict.granted) finish(c, request, 'unopened');
  if (method === 'card' && request.typed) countPin(c, door, reading, decided);
  const { source, ...shown } = verdict;
  showAnswer(c, door, { n, tag: request.tag, ...shown, entry, local: source === 'local' });
  // After the lamp, so that it takes no longer than without.
  if (duress === true) recordDoorEvent(c, door, 'duress');
  if (verdict.reason === 'PIN_NEEDED' && request.typed === undefined && run.doors[door - 1]?.keypad === undefined) askDigits(c, { door, reading, ...tagOf(request) });
}

const tagOf = ({ tag }: Pick<OpenRequest, 'tag'>): { tag?: number } => (tag === undefined ? {} : { tag });

/** Body of the outcome event of a request. */
function outcomeBody(c: Step, record: RequestRecord, final: Final, opened: Opened): EventBody {
  const { claim: verdict } = record;
  return {
    ...nextHead(c),
    k: 'outcome',
    d: record.door,
    rb: record.boot,
    rn: record.n,
    c: record.reading,
    m: record.method,
    rt: record.t,
    f: final,
    g: verdict?.granted ?? false,
    r: verdict?.reason ?? 'DEVICE_FAULT',
    o: opened,
    l: record.l,
  };
}

const finalOf = (record: RequestRecord): Final => (record.claim === null ? 'not-executed' : record.claim.source === 'local' ? 'local' : 'executed');

/** OUTCOME: the event takes the request's place in one write. */
function finish(c: Step, request: OpenRequest, opened: Opened): void {
  const { record } = request;
  const body = outcomeBody(c, record, finalOf(record), opened);
  c.run.requests.delete(record.n);
  c.out.push({ t: 'store', change: { put: [eventRecord(body)], erase: [record.n] } });
  queueEvents(c, [body]);
}

/** The contact opened: everybody whose grant still runs at this door went in. False when there is nobody. */
export function openedByRequest(c: Step, door: number): boolean {
  const granted = [...c.run.requests.values()].filter(({ record, outcomeAt }) => record.door === door && outcomeAt !== NEVER);
  for (const request of granted) finish(c, request, 'opened');
  return granted.length > 0;
}

function missed(c: Step, request: OpenRequest): void {
  const { record } = request;
  c.run.localUntil = c.run.u + LOCAL_FIRST_MS;
  if (c.run.u - record.u < TOO_LATE_MS) {
    claimLocally(c, request);
    return;
  }
  finish(c, request, 'unopened');
  showAnswer(c, record.door, { n: record.n, tag: request.tag, granted: false, reason: 'DEVICE_FAULT', openMs: 0, entry: 0, local: true });
}

/** Repeats, missed budgets, open times that ran out. */
export function superviseRequests(c: Step): void {
  const { u } = c.run;
  for (const request of [...c.run.requests.values()]) {
    if (request.record.claim !== null) {
      if (request.outcomeAt <= u) finish(c, request, request.blind ? 'unknown' : 'unopened');
    } else if (request.budgetAt <= u) missed(c, request);
    else if (request.repeatAt <= u) {
      request.repeatAt = NEVER;
      ask(c, request);
    }
  }
}

/** The gateway is away: whoever is still waiting gets the door's own decision now. */
export function decideWaiting(c: Step): void {
  for (const request of [...c.run.requests.values()]) {
    if (request.record.claim === null) claimLocally(c, request);
  }
}

/** What the power took away: a request nobody decided was not executed, a claimed one may have been. Never pulses. */
export function closeInterrupted(c: Step, records: readonly RequestRecord[]): void {
  if (records.length === 0) return;
  const bodies = records.map((record) => outcomeBody(c, record, record.claim === null ? 'not-executed' : 'unknown', record.claim === null ? 'unopened' : 'unknown'));
  c.out.push({ t: 'store', change: { put: bodies.map(eventRecord), erase: records.map(({ n }) => n) } });
  queueEvents(c, bodies);
}
