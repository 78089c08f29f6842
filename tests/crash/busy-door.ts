import { performance } from 'node:perf_hooks';
import { decode, type Message } from '../../gateway/wire/mqtt/messages.ts';
import { deviceKeys, open } from '../../gateway/wire/mqtt/seal.ts';
import { type DeviceSelf, greet, INSTANCE, type Player, runningTime } from '../doors/harness.ts';
import { openRaw, packet, published } from '../doors/raw-mqtt.ts';

type Request = Message<'req'>;
type Answer = Message<'res'>;
type Outcome = Extract<Message<'evt'>, { k: 'outcome' }>;

/** A verdict a door was given, with the moment it asked (ms of the test's own clock). */
export interface Verdict {
  readonly card: string;
  readonly asked: number;
  readonly answer: Answer;
}

/**
 * A controller that outlives its gateway: taps, tells what the door did, and keeps both until they are answered, as the
 * protocol asks it to. Everything it was told is kept for comparison.
 */
export interface BusyDoor {
  readonly deviceId: string;
  readonly verdicts: ReadonlyMap<number, Verdict>;
  /** Sequence numbers of events that were acknowledged. */
  readonly acknowledged: ReadonlySet<number>;
  /** What was told and must not have been: two answers to one question. */
  readonly wrong: readonly string[];
  unavailable(): number;
  /** Sequence numbers that wait for an answer. */
  open(): number[];
  /** Connects, tries again while nobody listens, and sends again what was not answered. Rejects when `isOver`. */
  connect(port: number, isOver: () => boolean): Promise<void>;
  tap(card: string): void;
  leave(): void;
}

interface Hooks {
  readonly onVerdict: (door: BusyDoor, verdict: Verdict) => void;
  /** After each verdict and each acknowledged event: the moment to tap again. */
  readonly onTold: (door: BusyDoor) => void;
}

const TRY_MS = 8;

async function whenOpen(port: number, isOver: () => boolean): Promise<void> {
  for (;;) {
    if (isOver()) throw new Error('over before it was open');
    const raw = await openRaw(port).catch(() => undefined);
    raw?.socket.destroy();
    if (raw !== undefined) return;
    await new Promise((resolve) => setTimeout(resolve, TRY_MS));
  }
}

function outcomeOf(n: number, request: Request, { g, r }: Answer): Outcome {
  const { v, i, b, t, d, c, k: m, l } = request;
  return { v, i, b, n, u: runningTime(), t, k: 'outcome', d, rb: b, rn: request.n, c, m, rt: t, f: 'executed', g, r, o: g ? 'opened' : 'unknown', l };
}

/** A door that is not connected yet. */
export function busyDoor(device: DeviceSelf, { onTold, onVerdict }: Hooks): BusyDoor {
  const { down } = deviceKeys(device.secret);
  const requests = new Map<number, { readonly request: Request; readonly card: string; readonly asked: number }>();
  const outcomes = new Map<number, Outcome>();
  const verdicts = new Map<number, Verdict>();
  const acknowledged = new Set<number>();
  const wrong: string[] = [];
  let [next, unavailable] = [1, 0];
  let player: Player | undefined;

  function told(from: Player, answer: Answer): void {
    if (answer.r === 'UNAVAILABLE') {
      unavailable += 1;
      return;
    }
    const before = verdicts.get(answer.n);
    if (before !== undefined && JSON.stringify(before.answer) !== JSON.stringify(answer))
      wrong.push(`${device.deviceId} ${answer.n}: told ${JSON.stringify([before.answer, answer])}`);
    const waiting = requests.get(answer.n);
    if (waiting === undefined) return;
    const verdict = { card: waiting.card, asked: waiting.asked, answer };
    verdicts.set(answer.n, verdict);
    onVerdict(door, verdict);
    requests.delete(answer.n);
    const outcome = outcomeOf(next++, waiting.request, answer);
    outcomes.set(outcome.n, outcome);
    from.say('evt', outcome);
  }

  function hear(from: Player, topic: string, payload: Buffer): void {
    const tail = (['res', 'evt/ack'] as const).find((each) => from.topic(each) === topic);
    if (tail === undefined) return;
    const body = open(down, topic, payload);
    if (body === undefined) throw new Error(`${topic} was not sealed for this device`);
    if (tail === 'res') told(from, decode(tail, body));
    else {
      const { n } = decode(tail, body);
      if (outcomes.delete(n)) acknowledged.add(n);
    }
    if (player === from) onTold(door);
  }

  async function listen(from: Player): Promise<void> {
    void (async () => {
      while (await from.raw.next(4, 600_000).catch(() => undefined));
    })();
    for (;;) {
      const bytes = await from.raw.next(3, 600_000).catch(() => undefined);
      if (bytes === undefined) return;
      const message = published(bytes);
      from.raw.send(packet(0x40, Buffer.of(message.id >> 8, message.id & 255)));
      hear(from, message.topic, message.payload);
    }
  }

  const door: BusyDoor = {
    deviceId: device.deviceId,
    verdicts,
    acknowledged,
    wrong,
    unavailable: () => unavailable,
    open: () => [...requests.keys(), ...outcomes.keys()],
    async connect(port, isOver) {
      await whenOpen(port, isOver);
      const joined = await greet({ link: { port } }, device);
      player = joined;
      void listen(joined);
      for (const { request } of requests.values()) joined.say('req', request);
      for (const outcome of outcomes.values()) joined.say('evt', outcome);
    },
    tap(card) {
      if (player === undefined) return;
      const request = player.request(next++, { i: INSTANCE, c: { w: 32, x: card }, ms: 10_000, t: Date.now() });
      requests.set(request.n, { request, card, asked: performance.now() });
      player.say('req', request);
    },
    leave() {
      player?.raw.socket.destroy();
      player = undefined;
    },
  };
  return door;
}
