import { connect as connectPlain, type Socket } from 'node:net';
import { encode, type Message } from '../gateway/wire/mqtt/messages.ts';
import { seal } from '../gateway/wire/mqtt/seal.ts';
import { deviceFilters, deviceTopic, type UpTail } from '../gateway/wire/mqtt/topics.ts';
import type { Backoff } from './back-off.ts';
import { isRetained, type LinkOptions, type MqttLink, unseal } from './mqtt-link.ts';
import { connectPacket, framed, PACKET, PING, publishPacket, pubackPacket, readPublish, subscribePacket } from './mqtt-packets.ts';
import { openPinned } from './pinned.ts';

const KEEPALIVE_S = 10;
/** A ping leaves this long after whatever was sent last, ms: within the keepalive, and within the 15 s after which a gateway calls a device silent. */
const PING_MS = 8000;
/** From the first byte to SUBACK, ms. */
const CONNECT_MS = 10_000;

/** A link of which a process can hold thousands: one socket, one timer, no queue. What is not sent when the connection breaks comes from the store again. */
export interface ThinLink extends MqttLink {
  /** Breaks the connection and comes back after the pause of its backoff, as after a gateway's restart. */
  cut(): void;
}

/** What a thin link is told besides. */
export interface ThinOptions extends LinkOptions {
  readonly backoff: Backoff;
  /** Ms until the first attempt. */
  readonly firstMs: number;
  /** A PUBLISH of ours was acknowledged; its packet id. */
  readonly acknowledged?: (id: number) => void;
  /** An attempt failed, or a connection broke. */
  readonly lost?: () => void;
}

/** One connection, from its first byte to its end. */
class Line {
  readonly socket: Socket;
  readonly #options: ThinOptions;
  readonly #over: (line: Line) => void;
  #timer: NodeJS.Timeout;
  #id = 1;
  up = false;

  constructor(options: ThinOptions, socket: Socket, over: (line: Line) => void) {
    this.#options = options;
    this.socket = socket;
    this.#over = over;
    this.#timer = setTimeout(() => this.close(), CONNECT_MS);
    const feed = framed((first, body) => this.#heard(first, body));
    socket.on('data', (chunk: Buffer) => {
      try {
        feed(chunk);
      } catch {
        // Not MQTT: whoever is at the other end is no gateway.
        this.close();
      }
    });
    socket.on('error', () => this.close());
    socket.on('close', () => this.close());
    this.#hello();
  }

  #hello(): void {
    const { device, site, keys } = this.#options;
    const topic = deviceTopic(site, device, 'state');
    const will = this.#options.will();
    const payload = will === undefined ? undefined : seal(keys.up, topic, encode('state', will));
    this.socket.write(connectPacket({ clientId: device, username: device, password: keys.password, keepalive: KEEPALIVE_S, will: payload && { topic, payload } }));
  }

  #heard(first: number, body: Buffer): void {
    switch (first >> 4) {
      case PACKET.connack:
        if (body[1] === 0) this.socket.write(subscribePacket(deviceFilters(this.#options.site, this.#options.device)));
        else this.close();
        return;
      case PACKET.suback:
        if (body.subarray(2).some((code) => code > 2)) return this.close();
        clearTimeout(this.#timer);
        this.#timer = setInterval(() => this.socket.write(PING), PING_MS);
        this.up = true;
        return this.#options.connected();
      case PACKET.puback:
        return this.#options.acknowledged?.(body.readUInt16BE(0));
      case PACKET.publish:
        return this.#told(first, body);
    }
  }

  #told(first: number, body: Buffer): void {
    const { topic, id, payload } = readPublish(first, body);
    if (id !== 0) this.socket.write(pubackPacket(id));
    const message = this.up ? unseal(this.#options, topic, payload) : undefined;
    if (message !== undefined) this.#options.received(message);
  }

  publish(tail: UpTail, body: Message<UpTail>): void {
    if (!this.up) return;
    const { device, site, keys } = this.#options;
    const topic = deviceTopic(site, device, tail);
    this.#id = (this.#id % 65_535) + 1;
    this.socket.write(publishPacket(topic, seal(keys.up, topic, encode(tail, body)), { id: this.#id, retain: isRetained(tail) }));
  }

  close(): void {
    clearTimeout(this.#timer);
    this.socket.destroy();
    this.#over(this);
  }
}

/** Starts connecting after `firstMs`. */
export function startThinLink(options: ThinOptions): ThinLink {
  let line: Line | undefined;
  let retry: NodeJS.Timeout | undefined;
  let failures = 0;
  let stopped = false;
  const again = (): void => {
    retry = setTimeout(attempt, options.backoff(failures));
    failures += 1;
  };
  const over = (gone: Line): void => {
    if (gone !== line) return;
    line = undefined;
    if (gone.up) failures = 0;
    options.lost?.();
    if (!stopped) again();
    if (gone.up) options.disconnected();
  };
  const begin = (socket: Socket): void => {
    if (stopped) socket.destroy();
    else line = new Line(options, socket, over);
  };
  const attempt = (): void => {
    const { host, port, pin } = options;
    if (pin === undefined) return begin(connectPlain({ host, port, noDelay: true }));
    openPinned({ host, port, pin }).then(begin, () => {
      options.lost?.();
      if (!stopped) again();
    });
  };
  retry = setTimeout(attempt, options.firstMs);
  return {
    publish: (tail, body) => line?.publish(tail, body),
    cut: () => line?.close(),
    stop() {
      stopped = true;
      clearTimeout(retry);
      line?.close();
    },
  };
}
