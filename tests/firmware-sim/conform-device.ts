import { randomBytes } from 'node:crypto';
import mqtt, { type MqttClient } from 'mqtt';
import { AUTO_CARD, type Hands, KEYED } from '../../firmware-sim/conform/hands.ts';
import { enrol } from '../../firmware-sim/enrol.ts';
import type { Down, Input, Output } from '../../firmware-sim/model.ts';
import { type VirtualController, virtualController } from '../../firmware-sim/virtual.ts';
import { readOffer } from '../../gateway/wire/mqtt/enrol.ts';
import { listVerifier, openHeader } from '../../gateway/wire/mqtt/list-header.ts';
import { decode, encode, type Message } from '../../gateway/wire/mqtt/messages.ts';
import { deviceKeys, open, seal } from '../../gateway/wire/mqtt/seal.ts';
import { deviceFilters, deviceTopic, DOWN_TAILS, parseTopic, type UpTail } from '../../gateway/wire/mqtt/topics.ts';

/** Where a device goes wrong. What is left out is right. */
export interface Wrong {
  /** Nonce of a message, instead of a random one. */
  readonly nonce?: (tail: UpTail, n: number) => Buffer;
  /** Takes lists whoever signed them. */
  readonly unsigned?: true;
  /** The message it goes by instead of the one it got. */
  readonly hears?: (message: Down, device: VirtualController) => Down | readonly Down[];
  /** What it says instead; `times`: how often it said this request. */
  readonly says?: (body: Message<'req'>, times: number) => Message<'req'>;
  /** What its core hears of its surroundings instead; undefined: nothing. */
  readonly feels?: (input: Felt, device: VirtualController) => Felt | undefined;
  /** It comes back this long after a lost connection, ms. */
  readonly backMs?: number;
  /** What it takes a PUBACK of an event for. */
  readonly puback?: (body: Message<'evt'>) => Down;
}

/** A device with a planted fault, and the hands that work it. */
export interface WrongDevice {
  readonly hands: Hands;
  stop(): void;
}

type Felt = Exclude<Input, { t: 'boot' | 'power-lost' }>;
type Publish = Extract<Output, { t: 'publish' }>;
/** Doors of the device. */
const DOORS = 2;
const isDown = (tail: string): tail is Down['tail'] => DOWN_TAILS.some((known) => known === tail);
const isKeyed = (act: string): act is keyof typeof KEYED => Object.hasOwn(KEYED, act);
const nonceHex = (): string => randomBytes(8).toString('hex');

/** Enrols a device at the judge, on plain MQTT, and connects it. */
export async function startWrong(offerLine: string, wrong: Wrong): Promise<WrongDevice> {
  const offer = readOffer(offerLine);
  const { site, device, secret, list } = await enrol(offer, { privateKey: Buffer.concat([Buffer.of(1), randomBytes(31)]), model: 'wrong', fw: '1', doors: DOORS });
  const [keys, listKey] = [deviceKeys(Buffer.from(secret, 'hex')), listVerifier(list)];
  const said = new Map<string, number>();
  const core = virtualController({ config: { doors: DOORS, listKey: keys.list, model: 'wrong', fw: '1', heldMs: 60_000, openMs: 1000, queueMax: 1000 }, instance: nonceHex() });
  let client: MqttClient | undefined;
  let timer: NodeJS.Timeout | undefined;
  // Time that was let pass without waiting for it.
  let ahead = 0;
  const now = (): number => Date.now() + ahead;

  const publish = ({ tail, body }: Publish): void => {
    const key = `${tail}${JSON.stringify(Object(body).n ?? nonceHex())}`;
    const times = (said.get(key) ?? 0) + 1;
    said.set(key, times);
    const sent = tail === 'req' ? (wrong.says?.(body, times) ?? body) : body;
    const topic = deviceTopic(site, device, tail);
    const sealed = seal(keys.up, topic, encode(tail, sent), wrong.nonce?.(tail, Number(Object(body).n ?? 0)));
    client?.publish(topic, sealed, { qos: 1, retain: tail === 'info' || tail === 'state' }, (error) => {
      if (!error && tail === 'evt' && wrong.puback !== undefined) feed({ t: 'message', message: wrong.puback(body) });
    });
  };
  const out = (outputs: readonly Output[]): void => {
    for (const output of outputs) if (output.t === 'publish') publish(output);
    clearTimeout(timer);
    const wait = core.wakeAt() - now();
    if (Number.isFinite(wait)) timer = setTimeout(() => feed({ t: 'tick' }), Math.min(60_000, Math.max(1, wait)));
  };
  const feed = (given: Felt): void => {
    const input = wrong.feels === undefined ? given : wrong.feels(given, core);
    if (input !== undefined) out(core.input(input, now()));
  };

  const heard = (topic: string, payload: Uint8Array): void => {
    const tail = parseTopic(topic)?.tail ?? '';
    const opened = open(keys.down, topic, payload);
    if (opened === undefined || !isDown(tail)) return;
    const header = wrong.unsigned === true ? Buffer.from(opened.toString('latin1').split('\n')[0] ?? '', 'latin1') : openHeader(opened, listKey);
    const body = tail === 'acl/want' ? header : opened;
    if (body === undefined) return;
    let message: Down;
    try {
      message = { tail, body: decode(tail, body) } as Down;
    } catch {
      return;
    }
    for (const each of [wrong.hears?.(message, core) ?? message].flat()) feed({ t: 'message', message: each });
  };
  const connect = (): void => {
    const mine = mqtt.connect({
      protocolVersion: 4,
      host: offer.host,
      port: offer.port,
      protocol: 'mqtt',
      clientId: device,
      username: device,
      password: keys.password,
      clean: true,
      keepalive: 10,
      reconnectPeriod: wrong.backMs ?? 500,
    });
    client = mine;
    mine.on('message', heard);
    mine.on('close', () => feed({ t: 'disconnected' }));
    mine.on('connect', () => mine.subscribe(deviceFilters(site, device), { qos: 1 }, () => feed({ t: 'connected', nonce: nonceHex() })));
  };
  const cut = (): void => {
    client?.removeAllListeners('close').end(true);
    client = undefined;
    feed({ t: 'disconnected' });
  };
  out(core.powerOn(now()));
  connect();
  const hands: Hands = {
    auto: true,
    patienceMs: 2000,
    async during(act, wait) {
      if (act.startsWith('tap')) feed({ t: 'tap', door: 1, reading: { w: 32, x: AUTO_CARD }, method: 'card' });
      if (isKeyed(act)) for (const key of `${KEYED[act]}#`) feed({ t: 'key', door: 1, key });
      if (act === 'push') feed({ t: 'exit', door: 1 });
      else if (act === 'network-off') cut();
      else if (act === 'network-on') connect();
      else if (act === 'fire-on' || act === 'fire-off') feed({ t: 'fire', on: act === 'fire-on' });
      return wait();
    },
    pass(ms) {
      ahead += ms;
      feed({ t: 'tick' });
    },
    close: () => undefined,
  };
  return {
    hands,
    stop() {
      clearTimeout(timer);
      client?.removeAllListeners('close').end(true);
      client = undefined;
    },
  };
}
