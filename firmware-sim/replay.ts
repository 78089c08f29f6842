import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { decode, type Message } from '../gateway/wire/mqtt/messages.ts';
import { listVerifier } from '../gateway/wire/mqtt/list-header.ts';
import { deviceKeys } from '../gateway/wire/mqtt/seal.ts';
import { UP_TAILS, type UpTail } from '../gateway/wire/mqtt/topics.ts';
import { byName, compare, type Difference, isCompared } from './compare-replay.ts';
import type { FleetFile } from './fleet-file.ts';
import { type MqttLink, startLink } from './mqtt-link.ts';
import type { MessageLine, Recording } from './recording.ts';

/** Longest pause of a recording that is kept, ms: nothing happens in longer ones. */
const PAUSE_MS = 1000;
/** How long an answer is waited for that came in the recording, ms. */
const ANSWER_MS = 3000;
const LOOK_MS = 10;
const CONNECT_MS = 10_000;

type Body = MessageLine['body'];

const isUp = (tail: string): tail is UpTail => UP_TAILS.some((known) => known === tail);
const hex8 = (): string => randomBytes(8).toString('hex');

/** A device played from a recording, under an identity of its own. */
class Player {
  readonly #recording: Recording;
  readonly #began = performance.now();
  /** Instances of the recording, and ours for each. */
  readonly #instances = new Map<string, string>();
  /** Requests are repeated as they were, running time included. */
  readonly #times = new Map<string, number>();
  /** What did not come in time is not waited for again. */
  readonly #missed = new Set<string>();
  readonly heard: { readonly tail: string; readonly body: Body }[] = [];

  constructor(recording: Recording) {
    this.#recording = recording;
  }

  now(): number {
    return Math.floor(performance.now() - this.#began);
  }

  #last(tail: string): Body | undefined {
    return this.heard.findLast((one) => one.tail === tail)?.body;
  }

  #instance(then: string): string {
    const mine = this.#instances.get(then) ?? hex8();
    this.#instances.set(then, mine);
    return mine;
  }

  #time({ at, body }: MessageLine): number {
    const key = `${String(body['i'])} ${String(body['b'])} ${String(body['n'])}`;
    const known = body['n'] === undefined ? undefined : this.#times.get(key);
    const u = known ?? Math.max(0, this.now() - (at - Number(body['u'])));
    this.#times.set(key, u);
    return u;
  }

  /** The message to send now in place of a recorded one, or undefined when it answered something nobody said this time. */
  upward(line: MessageLine): Message<UpTail> | undefined {
    const { tail, body } = line;
    const [want, log] = [this.#last('acl/want'), this.#last('log')];
    if (!isUp(tail) || tail === 'cmd/ack' || (tail.startsWith('acl/') && want === undefined) || (tail === 'log/have' && log === undefined)) return undefined;
    const held = body['l'] === '' || want === undefined ? '' : `${String(want['e'])}.${String(want['n'])}`;
    const own: Record<string, unknown> = {
      ...body,
      ...('i' in body ? { i: this.#instance(String(body['i'])) } : {}),
      ...('u' in body ? { u: this.#time(line) } : {}),
      ...('l' in body ? { l: held } : {}),
      ...(tail === 'acl/get' ? { e: want?.['e'], n: want?.['n'] } : {}),
      ...(tail === 'log/have' ? { o: log?.['o'], s: log?.['s'], h: log?.['h'] } : {}),
    };
    return decode(tail, Buffer.from(JSON.stringify(own)));
  }

  /** Waits until everything compared that had come by this line of the recording has come now, or long enough. */
  async caughtUp(line: number): Promise<void> {
    const before = this.#recording.lines.slice(0, line).filter((one): one is MessageLine => one.dir === 'down' && isCompared(one.tail));
    const names = [...byName(before).keys()];
    const until = performance.now() + ANSWER_MS;
    while (performance.now() < until) {
      const come = byName(this.heard);
      if (names.every((name) => come.has(name) || this.#missed.has(name))) return;
      await sleep(LOOK_MS);
    }
    for (const name of names) this.#missed.add(name);
  }

  differences(): Difference[] {
    return compare(
      this.#recording.lines.filter((one): one is MessageLine => one.dir === 'down'),
      this.heard,
    );
  }
}

/** Connects, and resolves when messages may go. Rejects after ten seconds without. */
async function connected(player: Player, { mqtt, devices }: FleetFile): Promise<MqttLink> {
  const [device] = devices;
  if (device === undefined) throw new Error('没有控制器。 No controller.');
  let up = false;
  const link = startLink({
    ...mqtt,
    site: device.site,
    device: device.device,
    keys: deviceKeys(Buffer.from(device.secretHex, 'hex')),
    listKey: listVerifier(device.listKeyHex),
    will: () => undefined,
    connected() {
      up = true;
    },
    disconnected: () => undefined,
    received: ({ tail, body }) => void player.heard.push({ tail, body: { ...body } }),
  });
  for (let waited = 0; !up; waited += LOOK_MS) {
    if (waited > CONNECT_MS) {
      link.stop();
      throw new Error(`${mqtt.host}:${mqtt.port} 没有应答。 Nobody answers.`);
    }
    await sleep(LOOK_MS);
  }
  return link;
}

/** Plays the device's side of a recording against a gateway, as this controller; what the gateway said otherwise than then. Rejects when it cannot be reached. */
export async function replay(recording: Recording, settings: FleetFile): Promise<Difference[]> {
  const player = new Player(recording);
  let link: MqttLink | undefined;
  let before = recording.lines[0]?.at ?? 0;
  try {
    for (const [place, line] of recording.lines.entries()) {
      if (line.dir === 'down') continue;
      await player.caughtUp(place);
      await sleep(Math.min(PAUSE_MS, Math.max(0, line.at - before)));
      before = line.at;
      if (line.dir === 'link') {
        link?.stop();
        link = line.up ? await connected(player, settings) : undefined;
        continue;
      }
      const body = player.upward(line);
      link ??= await connected(player, settings);
      if (body !== undefined && isUp(line.tail)) link.publish(line.tail, body);
    }
    await player.caughtUp(recording.lines.length);
  } finally {
    link?.stop();
  }
  return player.differences();
}
