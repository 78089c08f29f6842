import type { KeyObject } from 'node:crypto';
import { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { decode, encode, type Message } from '../gateway/wire/mqtt/messages.ts';
import { openHeader } from '../gateway/wire/mqtt/list-header.ts';
import { type DeviceKeys, open, seal } from '../gateway/wire/mqtt/seal.ts';
import { deviceFilters, deviceTopic, DOWN_TAILS, type DownTail, parseTopic, RETAINED_TAILS, type UpTail } from '../gateway/wire/mqtt/topics.ts';
import { type Backoff, jittered } from './back-off.ts';
import type { Down } from './model.ts';
import { openPinned } from './pinned.ts';

const KEEPALIVE_S = 10;
const CONNECT_MS = 5000;

/** A device's way to the gateway, and what it is told. */
export interface LinkOptions {
  readonly host: string;
  readonly port: number;
  /** Pin of the gateway's key: TLS. Absent: plain, on loopback. */
  readonly pin?: string | undefined;
  readonly site: string;
  readonly device: string;
  readonly keys: DeviceKeys;
  /** Checks the headers of access lists. */
  readonly listKey: KeyObject;
  /** What the broker is to say when the connection breaks; asked at each attempt. */
  readonly will: () => Message<'state'> | undefined;
  /** Subscribed: messages may go. */
  readonly connected: () => void;
  readonly disconnected: () => void;
  readonly received: (message: Down) => void;
  /** Pauses between attempts; left out: those of the protocol, by chance. */
  readonly backoff?: Backoff;
}

/** A sealed MQTT 3.1.1 connection that comes back by itself until it is stopped. */
export interface MqttLink {
  publish(tail: UpTail, body: Message<UpTail>): void;
  /** Cuts the connection as a broken cable would, and stays away. */
  stop(): void;
}

const isDown = (tail: string): tail is DownTail => DOWN_TAILS.some((known) => known === tail);
/** Is a message under this tail kept by a broker? */
export const isRetained = (tail: UpTail): boolean => RETAINED_TAILS.some((known) => known === tail);

/** The message in a payload, or undefined when it is for another, not sealed by the gateway, or malformed. */
export function unseal({ keys, listKey, site, device }: Pick<LinkOptions, 'keys' | 'listKey' | 'site' | 'device'>, topic: string, payload: Uint8Array): Down | undefined {
  const parsed = parseTopic(topic);
  if (parsed === undefined || parsed.site !== site || parsed.device !== device || !isDown(parsed.tail)) return undefined;
  const opened = open(keys.down, topic, payload);
  const body = opened !== undefined && parsed.tail === 'acl/want' ? openHeader(opened, listKey) : opened;
  if (body === undefined) return undefined;
  try {
    const message = { tail: parsed.tail, body: decode(parsed.tail, body) } as Down;
    // The site signs the lists of all its devices with one key: this one is of another.
    return message.tail === 'acl/want' && message.body.d !== device ? undefined : message;
  } catch {
    return undefined;
  }
}

/** A client on an open connection, or, without one, on a plain one of its own. */
function connect(options: LinkOptions, sealed: (tail: UpTail, body: Message<UpTail>) => Buffer, socket: TLSSocket | undefined): MqttClient {
  const { host, port, site, device, keys } = options;
  const will = options.will();
  const stateTopic = deviceTopic(site, device, 'state');
  const settings: IClientOptions = {
    protocolVersion: 4,
    clientId: device,
    username: device,
    password: keys.password,
    clean: true,
    keepalive: KEEPALIVE_S,
    connectTimeout: CONNECT_MS,
    reconnectPeriod: 0,
    ...(will === undefined ? {} : { will: { topic: stateTopic, payload: sealed('state', will), qos: 1 as const, retain: true } }),
  };
  return socket === undefined ? mqtt.connect({ ...settings, protocol: 'mqtt', host, port }) : new mqtt.MqttClient(() => socket, settings);
}

/** Starts connecting at once. A new client for every attempt: nothing a broken connection left behind is sent again. */
export function startLink(options: LinkOptions): MqttLink {
  const { site, device, keys, backoff = jittered(Math.random) } = options;
  const sealed = (tail: UpTail, body: Message<UpTail>): Buffer => seal(keys.up, deviceTopic(site, device, tail), encode(tail, body));
  let client: MqttClient | undefined;
  let retry: NodeJS.Timeout | undefined;
  let up = false;
  let stopped = false;
  let failures = 0;
  const again = (): void => {
    retry = setTimeout(attempt, backoff(failures));
    failures += 1;
  };
  const lost = (gone: MqttClient): void => {
    if (gone !== client) return;
    client = undefined;
    gone.end(true);
    if (up) failures = 0;
    again();
    if (up) options.disconnected();
    up = false;
  };
  const attempt = (): void => {
    const { host, port, pin } = options;
    if (pin === undefined) return begin(undefined);
    openPinned({ host, port, pin }).then(
      (socket) => {
        if (stopped) socket.destroy();
        else begin(socket);
      },
      () => {
        if (!stopped) again();
      },
    );
  };
  const begin = (socket: TLSSocket | undefined): void => {
    const mine = connect(options, sealed, socket);
    client = mine;
    mine.on('error', () => lost(mine));
    mine.on('close', () => lost(mine));
    mine.on('connect', () => {
      if (mine.stream instanceof Socket) mine.stream.setNoDelay(true);
      mine.subscribe(deviceFilters(site, device), { qos: 1 }, (error, granted) => {
        if (mine !== client) return;
        if (error || granted?.some(({ qos }) => qos > 2)) return lost(mine);
        up = true;
        options.connected();
      });
    });
    mine.on('message', (topic, payload) => {
      const message = mine === client && up ? unseal(options, topic, payload) : undefined;
      if (message !== undefined) options.received(message);
    });
  };
  attempt();
  return {
    publish: (tail, body) => void client?.publish(deviceTopic(site, device, tail), sealed(tail, body), { qos: 1, retain: isRetained(tail) }, () => undefined),
    stop() {
      stopped = true;
      clearTimeout(retry);
      const gone = client;
      client = undefined;
      gone?.end(true);
      if (up) options.disconnected();
      up = false;
    },
  };
}
