import { isDeepStrictEqual } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ListRow } from '../../gateway/wire/mqtt/list.ts';
import type { Message } from '../../gateway/wire/mqtt/messages.ts';
import type { Reading } from '../../gateway/wire/mqtt/reading.ts';
import type { UpTail } from '../../gateway/wire/mqtt/topics.ts';
import type { Bench } from './bench.ts';
import type { ThrowAway } from './certificate.ts';
import { type Hands, Skipped } from './hands.ts';
import { type JudgeList, listOf, rowOf, type Rules, rulesFor, versionOf } from './lists.ts';
import type { SeenAs } from './transcript.ts';

/** A device that is not as the page says; the message is what was seen. */
export class Unlike extends Error {}

/** Fails a clause unless `fits`. */
export function must(fits: boolean, saw: string): asserts fits {
  if (!fits) throw new Unlike(saw);
}

type Outcome = Extract<Message<'evt'>, { k: 'outcome' }>;
/** A released lock is shown within this, ms: states are 200 ms apart. */
export const SHOWN_MS = 450;
/** An answer from the device, ms. */
export const ANSWER_MS = 2500;
/** It comes back within this after a lost connection, ms. */
export const BACK_MS = 125_000;
const LIST_MS = 8000;
const FOREVER = 7 * 86_400_000;

/** One clause under way: what happened since it began, and what can be done. */
export class Trial {
  readonly bench: Bench;
  readonly hands: Hands;
  /** Another key, and the device's right one; undefined on plain MQTT. */
  readonly certificates: { readonly own: ThrowAway; readonly other: ThrowAway } | undefined;
  card: Reading | undefined;
  /** When the judge last left a request without an answer; the device decides by itself for 30 s after it. */
  missedAt = -FOREVER;
  #from = 0;
  /** Newest list made: one that must not be taken keeps its number, and the next has another. */
  #n = 0;

  constructor(bench: Bench, hands: Hands, certificates: Trial['certificates']) {
    this.bench = bench;
    this.hands = hands;
    this.certificates = certificates;
  }

  /** A new clause: answers as usual, and only what comes from here on counts. */
  begin(): void {
    this.bench.answers = this.bench.usual();
    this.mark();
  }

  mark(): void {
    this.#from = this.bench.transcript.seen.length;
  }

  since<T extends UpTail>(tail: T): SeenAs<T>[] {
    return this.bench.transcript.of(tail, this.#from);
  }

  /** The first message under a tail since the mark that fits, or undefined after `ms`. */
  first<T extends UpTail>(tail: T, ms: number, fits: (body: Message<T>) => boolean = () => true): Promise<SeenAs<T> | undefined> {
    const from = this.#from;
    return this.bench.transcript.wait(ms, () => this.bench.transcript.of(tail, from).find(({ body }) => fits(body)));
  }

  /** A card is held to the reader; the request, answered as the clause's answers say. Fails without one. */
  async tap(): Promise<SeenAs<'req'>> {
    await this.askable();
    this.mark();
    const { patienceMs, auto } = this.hands;
    const seen = await this.hands.during('tap', () => this.first('req', patienceMs));
    if (seen === undefined && !auto) throw new Skipped('no request was seen: nobody held a card to the reader?');
    must(seen !== undefined, 'a card was held to the reader, and no req came');
    this.card = seen.body.c;
    return seen;
  }

  /** Waits until a device that missed a verdict asks again. */
  async askable(): Promise<void> {
    const left = this.missedAt + 31_000 - this.bench.at();
    if (left > 0) await this.pass(left);
  }

  /** Lets time go by, ms: a simulator whose clock can be moved is moved on, anybody else is waited for. */
  async pass(ms: number): Promise<void> {
    if (this.hands.pass === undefined) return void (await sleep(ms));
    // Running time is told in whole ms.
    const whole = Math.ceil(ms);
    this.bench.passed(whole);
    this.hands.pass(whole);
  }

  /** The outcome of a request. */
  async outcome({ body: { b, n } }: SeenAs<'req'>, ms = ANSWER_MS): Promise<Outcome> {
    const seen = await this.first('evt', ms, (body) => body.k === 'outcome' && body.rb === b && body.rn === n);
    must(seen?.body.k === 'outcome', `no outcome event for request ${b}.${n} within ${ms} ms`);
    return seen.body;
  }

  /** Is a lock shown as released within `ms`? */
  async unlocks(ms = SHOWN_MS): Promise<boolean> {
    return (await this.first('state', ms, ({ d }) => d.some(({ l }) => l === 'unlocked'))) !== undefined;
  }

  /** Are all locks shown as locked, at the latest after `ms`? Looks at the last state. */
  async locked(ms: number): Promise<boolean> {
    const shut = (): true | undefined =>
      this.bench.transcript
        .of('state')
        .at(-1)
        ?.body.d.every(({ l }) => l === 'locked')
        ? true
        : undefined;
    return (await this.bench.transcript.wait(ms, shut)) === true;
  }

  /** The device's running time now, by the message that took the shortest. */
  running(): number {
    const { boot } = this;
    const offsets = this.bench.transcript.seen.flatMap((seen) => ('u' in seen.body && seen.body.b === boot ? [seen.at - seen.body.u] : []));
    must(offsets.length > 0, 'nothing said its running time in this boot');
    return Math.round(this.bench.at() - Math.min(...offsets));
  }

  get boot(): number {
    return this.bench.transcript.of('state').at(-1)?.body.b ?? 0;
  }

  get doors(): number {
    return this.bench.transcript.of('info').at(-1)?.body.doors ?? this.bench.doors;
  }

  /** A list under the next version, with the device's own rules. */
  nextList(rows: readonly ListRow[], rules: Rules = rulesFor(this.bench.doors)): JudgeList {
    this.#n += 1;
    return listOf(rows, { device: this.bench.identity.device, version: [1, this.#n], rules, now: this.bench.now() });
  }

  /** Offers a list and makes it the one to hold. */
  give(list: JudgeList): void {
    this.bench.before = this.bench.list;
    this.bench.list = list;
    this.bench.offerList(list);
  }

  /** The device says that it holds this list. */
  async holds(list: JudgeList, ms = LIST_MS): Promise<boolean> {
    return (await this.first('acl/have', ms, ({ l }) => l === versionOf(list))) !== undefined;
  }

  /** Brings the device to hold a list of these rows. Fails when it does not. */
  async hold(rows: readonly ListRow[], rules?: Rules): Promise<JudgeList> {
    const list = this.nextList(rows, rules);
    this.give(list);
    must(await this.holds(list), `a list ${versionOf(list)} of ${rows.length} rows was offered and is not held`);
    this.mark();
    return list;
  }

  /** A row of the card that is used; asks for a tap when none is known yet. */
  async row(): Promise<ListRow> {
    if (this.card === undefined) await this.outcome(await this.tap());
    must(this.card !== undefined, 'no card is known');
    return rowOf(this.bench.keys.list, this.card);
  }

  /** Breaks the connection and waits for the device; a simulator is made to come back at once. */
  async reconnect(): Promise<void> {
    const { bench, hands } = this;
    const before = bench.session;
    if (hands.auto) await hands.during('network-off', async () => undefined);
    else bench.cut();
    if (hands.auto) await hands.during('network-on', async () => undefined);
    must(await this.backAfter(before), `the device did not come back within ${BACK_MS / 1000} s`);
  }

  /** Waits for the first state of a later connection. */
  async backAfter(session: number, ms = BACK_MS): Promise<boolean> {
    const { bench } = this;
    const here = (): true | undefined => (bench.transcript.seen.some((seen) => seen.session > session && seen.tail === 'state') ? true : undefined);
    return (await bench.transcript.wait(ms, here)) === true;
  }

  /** Sends a command and waits for its answer; the answer's word, or undefined. */
  async command(over: Partial<Message<'cmd'>>, ms = ANSWER_MS): Promise<string | undefined> {
    const running = this.running();
    const body: Message<'cmd'> = { v: 1, id: randomId(), d: 1, a: 'unlock', o: 1000, b: this.boot, x: running + 5000, ...over };
    const before = this.since('cmd/ack').filter(({ body: { id } }) => id === body.id).length;
    this.bench.say('cmd', body);
    return this.bench.transcript.wait(ms, () => this.since('cmd/ack').filter(({ body: { id } }) => id === body.id)[before]?.body.st);
  }
}

/** 16 hex digits nobody used. */
export const randomId = (): string => crypto.randomUUID().replaceAll('-', '').slice(0, 16);
/** Do two messages say the same? */
export const same = (a: { readonly json: unknown }, b: { readonly json: unknown }): boolean => isDeepStrictEqual(a.json, b.json);
