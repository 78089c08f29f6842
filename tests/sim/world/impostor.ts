import { EnrolRefused, enrol } from '../../../firmware-sim/enrol.ts';
import { FieldError } from '../../../gateway/wire/fields.ts';
import { encode, type Message } from '../../../gateway/wire/mqtt/messages.ts';
import { readOffer } from '../../../gateway/wire/mqtt/enrol.ts';
import { deviceTopic, type UpTail } from '../../../gateway/wire/mqtt/topics.ts';
import type { Random } from '../engine/random.ts';
import type { Host, Scheduler } from '../engine/scheduler.ts';
import { type Asker, useAsker } from '../ports/enrol-line.ts';
import { deviceKeys, seal } from '../ports/wire-seal.ts';
import type { Line, Net, Terminal } from './net.ts';

/** What a device that is none of this house is made of. `id`: the name it goes by. */
export interface ImpostorParts {
  readonly scheduler: Scheduler;
  readonly net: Net;
  readonly random: Random;
  readonly id: string;
  readonly site: string;
  readonly wall: () => number;
}

/** It tries to log in this often, ms. */
const EVERY_MS = 7000;
const ASK_MS = 5000;
const STEALS_MS = 200_000;

/** Somebody with a secret that is, or was, a controller's: a device that was replaced, or one that traded a stolen code. It logs in wherever it is let, and asks for doors to be opened. */
export class Impostor implements Terminal, Asker {
  readonly id: string;
  readonly site: string;
  readonly host: Host;
  readonly line: Line;
  readonly instance: string;
  secret = '';
  gone = false;
  readonly #parts: ImpostorParts;
  #keys = deviceKeys(new Uint8Array(32));
  #up = false;

  constructor(parts: ImpostorParts) {
    this.#parts = parts;
    this.id = parts.id;
    this.site = parts.site;
    this.instance = parts.random.hex(8);
    this.host = { name: `impostor of ${parts.id}`, alive: true, busyUntil: 0, wall: parts.wall };
    this.line = parts.net.plug(this);
  }

  get password(): string {
    return this.#keys.password;
  }

  /** Goes by this secret from now on, 64 hex digits. */
  begin(secret: string): void {
    this.secret = secret;
    this.#keys = deviceKeys(Buffer.from(secret, 'hex'));
    this.#try();
  }

  /** Trades a code it overheard, with a key of its own; and again and again, for as long as it is there. */
  async steal(offer: string, privateKey: Uint8Array = this.#key()): Promise<void> {
    if (this.gone) return;
    this.#parts.scheduler.after(this.#parts.random.spread(10_000, STEALS_MS), this.host, () => void this.steal(offer, privateKey));
    useAsker(this);
    try {
      const { secret } = await enrol(readOffer(offer), { privateKey, model: 'thief', fw: '1', doors: 8 });
      if (secret !== this.secret) this.begin(secret);
    } catch (error) {
      if (!(error instanceof EnrolRefused || error instanceof FieldError)) throw error;
    }
  }

  ask(clientId: string, ask: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve) => void this.#parts.net.newcomer(this.line, { clientId, ask: Buffer.from(ask), answered: resolve }));
  }

  connected(): void {
    if (this.gone) return;
    this.#up = true;
    const own = { v: 1 as const, i: this.instance, b: 1 };
    this.#say('state', { ...own, u: 1, s: 'on', d: [{ d: 1, c: 'closed', l: 'locked' }], p: true, q: 0, l: '' });
    this.#say('req', { ...own, n: this.#parts.random.whole(1, 1_000_000), u: 1, t: 0, d: 1, k: 'card', c: { w: 32, x: this.#parts.random.hex(4).toUpperCase() }, ms: 400, l: '' });
  }

  disconnected(): void {
    this.#up = false;
    if (!this.gone) this.#parts.scheduler.after(EVERY_MS, this.host, () => this.#try());
  }

  received(): void {
    // Whatever it is told, it has no door.
  }

  end(): void {
    this.gone = true;
    this.host.alive = false;
    this.#parts.net.vanish(this.line);
  }

  #key(): Uint8Array {
    const privateKey = Buffer.alloc(32);
    this.#parts.random.fill(privateKey);
    return privateKey;
  }

  #try(): void {
    if (!this.#up && this.line.session === undefined) this.#parts.net.connect(this.line);
    this.#parts.scheduler.after(ASK_MS, this.host, () => {
      const { session } = this.line;
      if (this.#up || session === undefined) return;
      this.#parts.net.close(this.line);
      this.disconnected();
    });
  }

  #say<T extends UpTail>(tail: T, body: Message<T>): void {
    const nonce = Buffer.alloc(12);
    this.#parts.random.fill(nonce);
    this.#parts.net.publish(this.line, tail, seal(this.#keys.up, deviceTopic(this.site, this.id, tail), encode(tail, body), nonce));
  }
}
