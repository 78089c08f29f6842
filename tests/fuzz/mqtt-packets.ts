import type { DeviceRecord } from '../../gateway/doors/registry.ts';
import { type DeviceKeys, deviceKeys, seal } from '../../gateway/wire/mqtt/seal.ts';
import { deviceFilters, type DownTail, deviceTopic, UP_TAILS, type UpTail } from '../../gateway/wire/mqtt/topics.ts';
import { record } from '../doors/harness.ts';
import { connectPacket, packet, publishPacket, subscribePacket } from '../doors/raw-mqtt.ts';
import { makeMessage, MESSAGE_WORDS } from './messages.ts';
import { mutate } from './mutate.ts';
import type { Random } from './random.ts';

/** A device that packets are made for. */
export interface Self {
  readonly deviceId: string;
  readonly site: string;
  readonly keys: DeviceKeys;
}

/** What a device of the register knows of itself. */
export const selfOf = ({ deviceId, site, secret }: Pick<DeviceRecord, 'deviceId' | 'site' | 'secret'>): Self => ({ deviceId, site, keys: deviceKeys(secret) });
/** The device that is meant unless another is named. */
export const SELF: Self = selfOf(record(1));

const text = (value: string): Buffer => Buffer.concat([Buffer.of(value.length >> 8, value.length & 255), Buffer.from(value)]);
const u16 = (value: number): Buffer => Buffer.of((value >> 8) & 255, value & 255);
const topicOf = ({ site, deviceId }: Self, tail: UpTail | DownTail): string => deviceTopic(site, deviceId, tail);
const words = MESSAGE_WORDS.map((word) => Buffer.from(word));

/** A sealed payload of the device and its topic; what is under the seal may be damaged, so that readers behind the seal are reached. */
function sealedMessage(random: Random, self: Self): { readonly topic: string; readonly payload: Buffer } {
  const { tail, body } = makeMessage(random, UP_TAILS);
  const topic = topicOf(self, UP_TAILS.find((each) => each === tail) ?? 'req');
  const plaintext = random.oneIn(2) ? body : mutate(body, random, { words, other: () => makeMessage(random).body, longest: 4000 });
  return { topic, payload: seal(self.keys.up, topic, plaintext, random.bytes(12)) };
}

/** A PUBLISH the broker takes, whatever its readers say to it. */
export function makeMessagePacket(random: Random, self: Self): Buffer {
  const { topic, payload } = sealedMessage(random, self);
  return publishPacket(topic, payload, { id: 1 + random.below(65_535) });
}

function makePublish(random: Random, self: Self): Buffer {
  const { topic, payload } = sealedMessage(random, self);
  return publishPacket(topic, payload, { id: 1 + random.below(65_535), qos: random.pick([0, 1, 1, 1, 2]), retain: random.oneIn(6) });
}

/** A good CONNECT. */
export function goodLogin(random: Random, self: Self): Buffer {
  const topic = topicOf(self, 'state');
  const will = random.oneIn(3) ? { topic, payload: seal(self.keys.up, topic, makeMessage(random, ['state']).body, random.bytes(12)), retain: true } : undefined;
  return connectPacket({ id: self.deviceId, password: self.keys.password, ...(will === undefined ? {} : { will }) });
}

/** CONNECT of MQTT 5, with properties: the parser reads them before anybody can say that 5 is not spoken here. */
const login5 = (random: Random, self: Self): Buffer =>
  packet(
    0x10,
    text('MQTT'),
    Buffer.of(5, 0xc2, 0, 10, 17, 0x11),
    random.bytes(4),
    Buffer.of(0x26),
    text('ab'),
    text('cd'),
    Buffer.of(0x22, 0, 9),
    text(self.deviceId),
    text('u'),
    text('p'),
  );

type Make = (random: Random, self: Self) => Buffer;
/** Packets a client may send, and those only a server should. */
const LATER: readonly [Make, ...Make[]] = [
  makePublish,
  makePublish,
  makePublish,
  (random, self) => publishPacket(random.pick(['$SYS/x', '#', 'a/+/b', '', topicOf(self, 'res'), 'x'.repeat(300)]), random.bytes(random.below(40))),
  (random, self) =>
    subscribePacket(random.oneIn(2) ? deviceFilters(self.site, self.deviceId) : [random.pick(['#', '+/+', '$SYS/#', `${topicOf(self, 'res')}/#`, ''])], random.below(65_536)),
  (random, self) => packet(0xa2, u16(random.below(65_536)), text(topicOf(self, 'res'))),
  () => packet(0xc0),
  () => packet(0xe0),
  (random) => packet(random.pick([0x40, 0x50, 0x62, 0x70]), u16(random.below(65_536))),
  (random) => packet(random.pick([0x20, 0x90, 0xb0, 0xd0, 0xf0]), random.bytes(random.below(6))),
];

/** One packet that may follow a login. */
export const makeLater = (random: Random, self = SELF): Buffer => random.pick(LATER)(random, self);
/** A first packet: most often a good login. */
export const makeLogin = (random: Random, self = SELF): Buffer => (random.oneIn(8) ? login5(random, self) : random.oneIn(8) ? makeLater(random, self) : goodLogin(random, self));

/** Bytes of the protocol worth splicing in. */
export const PACKET_WORDS: readonly string[] = [
  'MQTT',
  'MQIsdp',
  '\u0000\u0004MQTT',
  '$SYS/',
  '#',
  '+',
  '\u0000',
  SELF.deviceId,
  topicOf(SELF, 'req'),
  topicOf(SELF, 'state'),
  '\u00ff\u00ff\u00ff\u007f',
];
