import { createHash } from 'node:crypto';
import { ControllerId, DoorId } from '../../gateway/core/ids.ts';
import type { DoorSide, DoorState, Happening, Outcome, Tap, Verdict } from '../../gateway/doors/link.ts';
import { type MqttLink, type MqttLinkOptions, openMqttLink } from '../../gateway/doors/mqtt.ts';
import type { DeviceRecord } from '../../gateway/doors/registry.ts';
import { listSigner, listVerifier, openHeader } from '../../gateway/wire/mqtt/list-header.ts';
import { decode, encode, type Message, type MessageTail } from '../../gateway/wire/mqtt/messages.ts';
import { deviceKeys, open, seal } from '../../gateway/wire/mqtt/seal.ts';
import { deviceFilters, deviceTopic, type DownTail, type UpTail } from '../../gateway/wire/mqtt/topics.ts';
import { connectPacket, type ConnectSays, openRaw, published, publishPacket, type Raw, subscribePacket } from './raw-mqtt.ts';

export const SITE = 'yc42';
/** Signs the lists of every rig. */
export const LIST_SIGNER = listSigner(Buffer.alloc(32, 5));
const LIST_VERIFIER = listVerifier(LIST_SIGNER.publicKey);
export const INSTANCE = '00112233445566aa';
/** The card of Zhang: granted by the fake door side. */
export const CARD = { w: 32, x: '1a2b3c4d' };

/** A door side that writes down what it is told. Change `decide` or `keep` to make it slow or failing. */
export interface FakeSide extends DoorSide {
  readonly taps: Tap[];
  readonly outcomes: Outcome[];
  readonly happenings: Happening[];
  readonly links: { controllerId: number; what: string; why: string }[];
  readonly states: DoorState[];
  decide: (tap: Tap) => Promise<Verdict>;
  keep: () => Promise<void>;
}

export const GRANTED: Verdict = { granted: true, reason: 'OK', note: undefined, openMs: 5000, entry: 17, answer: true };

/** A door side that takes everything. */
export function fakeSide(): FakeSide {
  const side: FakeSide = {
    taps: [],
    outcomes: [],
    happenings: [],
    links: [],
    states: [],
    decide: async () => GRANTED,
    keep: async () => undefined,
    tap(tap) {
      side.taps.push(tap);
      return side.decide(tap);
    },
    async outcome(outcome) {
      side.outcomes.push(outcome);
      await side.keep();
    },
    async happened(happening) {
      side.happenings.push(happening);
      await side.keep();
    },
    async link({ controllerId, what, why }) {
      side.links.push({ controllerId, what, why });
    },
    state: (state) => void side.states.push(state),
  };
  return side;
}

/** A record of device `yc42-dNN`, with one door. */
export function record(number: number, over: Partial<DeviceRecord> = {}): DeviceRecord {
  const deviceId = `yc42-d${String(number).padStart(2, '0')}`;
  const secret = createHash('sha256').update(deviceId).digest();
  return { deviceId, controllerId: ControllerId(number), site: SITE, secret, doors: new Map([[1, { doorId: DoorId(100 + number), openMs: 5000 }]]), retired: false, ...over };
}

/** A link over fake parts. `lines` holds what was logged; times stand still until they are set. */
export interface Rig {
  readonly link: MqttLink;
  readonly side: FakeSide;
  readonly records: Map<string, DeviceRecord>;
  readonly lines: string[];
  /** Added to the monotonic clock, ms. */
  skip: number;
  wall: number;
}

export async function openRig(count = 2, over: Partial<MqttLinkOptions> = {}): Promise<Rig> {
  const side = fakeSide();
  const records = new Map(Array.from({ length: count }, (_, at) => record(at + 1)).map((one) => [one.deviceId, one]));
  const lines: string[] = [];
  const write = (fields: object, message: string): void => void lines.push(`${message} ${JSON.stringify(fields)}`);
  const rig = { side, records, lines, skip: 0, wall: 1_795_000_000_000 };
  const link = await openMqttLink({
    port: 0,
    host: '127.0.0.1',
    side,
    registry: { device: (id) => records.get(id), all: () => records.values() },
    now: () => rig.wall,
    uptime: () => performance.now() + rig.skip,
    log: { info: write, warn: write, error: write },
    signer: LIST_SIGNER,
    calendar: { holidays: new Set(['2026-10-01']), makeUpDays: new Set(['2026-10-10']) },
    ...over,
  });
  return Object.assign(rig, { link });
}

type Body<T extends MessageTail> = Message<T>;

/** A controller played by hand. */
export interface Player {
  readonly raw: Raw;
  readonly id: string;
  topic(tail: UpTail | DownTail): string;
  seal<T extends UpTail>(tail: T, body: Body<T>): Buffer;
  say<T extends UpTail>(tail: T, body: Body<T>): void;
  /** Publishes any bytes under a tail. */
  put(tail: UpTail, payload: Uint8Array): void;
  /** The next message from the gateway under this tail. */
  hear<T extends DownTail>(tail: T, ms?: number): Promise<Body<T>>;
  state(over?: Partial<Body<'state'>>): Body<'state'>;
  request(n: number, over?: Partial<Body<'req'>>): Body<'req'>;
  acknowledged(): Promise<Buffer>;
}

const started = performance.now();
/** Running time of every player: they were switched on with the tests. */
export const runningTime = (): number => Math.floor(performance.now() - started) + 60_000;

/** What a controller must know of itself, and where it connects to. */
export type DeviceSelf = Pick<DeviceRecord, 'deviceId' | 'secret' | 'site'>;
interface Reachable {
  readonly link: { readonly port: number };
}

function play(raw: Raw, { deviceId: id, secret, site }: DeviceSelf): Player {
  const keys = deviceKeys(secret);
  const topic = (tail: UpTail | DownTail): string => deviceTopic(site, id, tail);
  const waiting: { topic: string; payload: Buffer }[] = [];
  let packetId = 100;
  const player: Player = {
    raw,
    id,
    topic,
    seal: (tail, body) => seal(keys.up, topic(tail), encode(tail, body)),
    say: (tail, body) => player.put(tail, player.seal(tail, body)),
    put: (tail, payload) => {
      packetId += 1;
      raw.send(publishPacket(topic(tail), payload, { id: packetId }));
    },
    async hear(tail, ms = 2000) {
      for (;;) {
        const at = waiting.findIndex((one) => one.topic === topic(tail));
        const [found] = at < 0 ? [] : waiting.splice(at, 1);
        if (found !== undefined) {
          const body = open(keys.down, found.topic, found.payload);
          if (body === undefined) throw new Error(`${found.topic}: not sealed for this device`);
          return decode(tail, tail === 'acl/want' ? (openHeader(body, LIST_VERIFIER) ?? Buffer.alloc(0)) : body);
        }
        waiting.push(published(await raw.next(3, ms)));
      }
    },
    state: (over = {}) => ({ v: 1, i: INSTANCE, b: 1, u: runningTime(), s: 'on', d: [{ d: 1, c: 'closed', l: 'locked' }], p: true, q: 0, l: '', ...over }),
    request: (n, over = {}) => ({ v: 1, i: INSTANCE, b: 1, n, u: runningTime(), t: 1_795_000_000_000, d: 1, k: 'card', c: CARD, ms: 400, l: '', ...over }),
    acknowledged: () => raw.next(4),
  };
  return player;
}

/** Connects without greeting. */
export async function arrive(rig: Reachable, device: DeviceSelf, says: Partial<ConnectSays> = {}): Promise<Player> {
  const raw = await openRaw(rig.link.port);
  const player = play(raw, device);
  raw.send(connectPacket({ id: device.deviceId, password: deviceKeys(device.secret).password, ...says }));
  const connack = await raw.next(2);
  if (connack[3] !== 0) throw new Error(`CONNACK ${connack[3]}`);
  raw.send(subscribePacket(deviceFilters(device.site, device.deviceId)));
  await raw.next(9);
  return player;
}

/** Connects, subscribes and says its state: online. */
export async function greet(rig: Reachable, device: DeviceSelf, says: Partial<ConnectSays> = {}): Promise<Player> {
  const player = await arrive(rig, device, says);
  player.say('state', player.state());
  await player.acknowledged();
  return player;
}

export const deviceOf = (rig: Rig, number: number): DeviceRecord => {
  const found = rig.records.get(record(number).deviceId);
  if (found === undefined) throw new Error(`no device ${number}`);
  return found;
};

/** Waits until `test` holds. */
export async function eventually(test: () => boolean, what: string, ms = 3000): Promise<void> {
  const until = performance.now() + ms;
  while (!test()) {
    if (performance.now() > until) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
