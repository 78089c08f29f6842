import { type KeyObject, randomBytes } from 'node:crypto';
import { listVerifier } from '../gateway/wire/mqtt/list-header.ts';
import { deviceKeys } from '../gateway/wire/mqtt/seal.ts';
import type { Reading } from '../gateway/wire/mqtt/reading.ts';
import { wantsTime } from './clock.ts';
import { listVersion } from './local.ts';
import type { FleetDevice, FleetFile } from './fleet-file.ts';
import type { Answer, Down, Input, Output } from './model.ts';
import { willBody } from './report.ts';
import type { Backoff } from './back-off.ts';
import { startThinLink, type ThinLink } from './thin-link.ts';
import { type VirtualController, virtualController } from './virtual.ts';

/** What a light device tells whoever runs it. */
export interface LightEvents {
  /** Its state went out on a new connection; `at`: monotonic ms. */
  readonly up: (device: LightDevice, at: number) => void;
  /** An attempt failed, or a connection broke. */
  readonly lost: (device: LightDevice) => void;
  /** A PUBLISH was acknowledged by the broker. */
  readonly acknowledged?: (device: LightDevice, id: number) => void;
  /** The lamp of a tap. `ms`: since the card. */
  readonly answered: (device: LightDevice, answer: Answer, ms: number) => void;
  /** Something came from the gateway. */
  readonly told?: (device: LightDevice, message: Down) => void;
}

/** What a light device is made of. */
export interface LightOptions {
  readonly mqtt: FleetFile['mqtt'];
  readonly device: Pick<FleetDevice, 'device' | 'site' | 'secretHex' | 'listKeyHex'>;
  readonly backoff: Backoff;
  readonly events: LightEvents;
}

const SETTINGS = { doors: 1, model: 'doorbook-fleet', fw: '1.0', heldMs: 60_000, openMs: 5000, queueMax: 20_000 } as const;
const ASK_TIME_MS = 10_000;
const TIMER_MAX_MS = 2 ** 31 - 1;
const hex8 = (): string => randomBytes(8).toString('hex');
const uptime = (): number => Math.floor(performance.now());

/** One key object for a whole crowd: all have the same site. */
const verifiers = new Map<string, KeyObject>();
function verifierOf(hex: string): KeyObject {
  const known = verifiers.get(hex) ?? listVerifier(hex);
  verifiers.set(hex, known);
  return known;
}

/** The door core on a real connection, with its store in memory alone: a few kilobytes, so that one process holds thousands. Loses what it stored with the process. */
export class LightDevice {
  readonly id: string;
  readonly #options: LightOptions;
  readonly #device: VirtualController;
  readonly #taps = new Map<number, number>();
  readonly #keys: ReturnType<typeof deviceKeys>;
  readonly #listKey: KeyObject;
  #link: ThinLink | undefined;
  #timer: NodeJS.Timeout | undefined;
  #tag = 0;
  #askedAt = 0;

  constructor(options: LightOptions) {
    this.id = options.device.device;
    this.#options = options;
    this.#keys = deviceKeys(Buffer.from(options.device.secretHex, 'hex'));
    this.#listKey = verifierOf(options.device.listKeyHex);
    this.#device = virtualController({ config: { ...SETTINGS, listKey: this.#keys.list }, instance: hex8(), wall: () => Date.now() });
  }

  /** Has power, a subscription, and may be asked. */
  get connected(): boolean {
    return this.#device.controller.run?.connected === true;
  }

  /** Version of the list it goes by. */
  get list(): string {
    return listVersion(this.#device.controller.run?.list);
  }

  /** Records its store keeps until the gateway has them. */
  get queued(): number {
    return this.#device.image.records.size;
  }

  /** Power on; the first attempt to connect comes after `firstMs`. */
  start(firstMs: number): void {
    const { mqtt, device, backoff, events } = this.#options;
    this.#carryOut(this.#device.powerOn(uptime()));
    this.#link = startThinLink({
      ...mqtt,
      site: device.site,
      device: device.device,
      keys: this.#keys,
      listKey: this.#listKey,
      backoff,
      firstMs,
      will: () => willBody(this.#device.controller),
      connected: () => {
        this.feed({ t: 'connected', nonce: hex8() });
        events.up(this, performance.now());
      },
      disconnected: () => this.feed({ t: 'disconnected' }),
      lost: () => events.lost(this),
      acknowledged: (id) => events.acknowledged?.(this, id),
      received: (message) => {
        events.told?.(this, message);
        this.feed({ t: 'message', message });
      },
    });
  }

  /** Breaks the connection; it comes back by itself. */
  cut(): void {
    this.#link?.cut();
  }

  stop(): void {
    this.#link?.stop();
    clearTimeout(this.#timer);
    this.#link = undefined;
    this.#device.powerOff(uptime());
  }

  /** Holds a card to its only reader. The lamp is told through `answered`. */
  tap(reading: Reading): void {
    this.#tag += 1;
    this.#taps.set(this.#tag, performance.now());
    this.feed({ t: 'tap', door: 1, reading, method: 'card', tag: this.#tag });
  }

  /** One input, now. */
  feed(input: Exclude<Input, { t: 'boot' | 'power-lost' }>): void {
    this.#carryOut(this.#device.input(input, uptime()));
    clearTimeout(this.#timer);
    const wait = this.#device.wakeAt() - uptime();
    if (Number.isFinite(wait)) this.#timer = setTimeout(() => this.#tick(), Math.min(TIMER_MAX_MS, Math.max(1, wait)));
  }

  #tick(): void {
    const askNow = wantsTime(this.#device.controller) && uptime() - this.#askedAt > ASK_TIME_MS;
    if (askNow) this.#askedAt = uptime();
    this.feed(askNow ? { t: 'ask-time', nonce: hex8() } : { t: 'tick' });
  }

  #carryOut(outputs: readonly Output[]): void {
    for (const output of outputs) {
      if (output.t === 'publish') this.#link?.publish(output.tail, output.body);
      else if (output.t === 'lamp' && output.answer?.tag !== undefined) {
        const since = this.#taps.get(output.answer.tag);
        this.#taps.delete(output.answer.tag);
        if (since !== undefined) this.#options.events.answered(this, output.answer, performance.now() - since);
      }
    }
  }
}
