import { createHash, randomBytes } from 'node:crypto';
import { give, enrolTopic, type Identity, newcomerOf, offerText, readAsk, codeOf } from '../../gateway/wire/mqtt/enrol.ts';
import { listSigner, type ListSigner } from '../../gateway/wire/mqtt/list-header.ts';
import { decode, encode, type Message, type MessageTail } from '../../gateway/wire/mqtt/messages.ts';
import { ROWS_PER_CHUNK } from '../../gateway/wire/mqtt/list.ts';
import { type DeviceKeys, deviceKeys, NONCE_BYTES, open, seal } from '../../gateway/wire/mqtt/seal.ts';
import { deviceTopic, type DownTail, parseTopic, UP_TAILS, type UpTail } from '../../gateway/wire/mqtt/topics.ts';
import type { ThrowAway } from './certificate.ts';
import { chunksOf, deltaChunk, type JudgeList, pieceBytes, versionOf } from './lists.ts';
import type { Connect } from './mqtt-reading.ts';
import { type JudgeServer, openServer, type Peer, type Published } from './mqtt-server.ts';
import { type Seen, type SeenAs, type Session, Transcript } from './transcript.ts';

/** How the judge answers what a device asks. A clause puts its own in. */
export interface Answers {
  req(seen: SeenAs<'req'>): void;
  evt(seen: SeenAs<'evt'>): void;
  time(seen: SeenAs<'time/ask'>): void;
  list(seen: SeenAs<'acl/get'>): void;
}

/** Where to listen and what to show. */
export interface BenchOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: ThrowAway | undefined;
  readonly doors: number;
}

const CODE_BYTES = 12;
const KEY_BYTES = 32;
const isUp = (tail: string): tail is UpTail => UP_TAILS.some((known) => known === tail);

/** A gateway that believes nothing, keeps all it heard and answers as a clause wants. Times in ms; `at` is the judge's running time. */
export class Bench {
  readonly transcript = new Transcript();
  readonly identity: Identity;
  readonly keys: DeviceKeys;
  readonly signer: ListSigner;
  readonly doors: number;
  /** The judge's clock is so far ahead of the computer's. */
  skewMs = 0;
  /** Time that was let pass at both ends without waiting for it, ms. */
  #passedMs = 0;
  answers: Answers = this.usual();
  /** The list the device should hold, and the one it held before. */
  list: JudgeList | undefined;
  before: JudgeList | undefined;
  /** Events acknowledged: `boot.n` → when. */
  readonly acked = new Map<string, number>();
  enrolled: { readonly clientId: string; readonly fits: boolean } | undefined;
  /** Connections that ended before they said anything. */
  silent = 0;
  readonly #code = codeOf(randomBytes(CODE_BYTES));
  #peer: Peer | undefined;
  #server: JudgeServer | undefined;
  #host = '';
  #pin = '';

  constructor({ doors }: Pick<BenchOptions, 'doors'>) {
    const secret = randomBytes(KEY_BYTES);
    this.doors = doors;
    this.signer = listSigner(randomBytes(KEY_BYTES));
    this.identity = { site: 'bench', device: `dut-${randomBytes(3).toString('hex')}`, secret: secret.toString('hex'), list: this.signer.publicKey };
    this.keys = deviceKeys(secret);
  }

  /** Begins to listen. Rejects what the system says. */
  async start({ host, port, tls }: BenchOptions): Promise<void> {
    this.#host = host;
    this.#pin = tls?.pin ?? '';
    this.#server = await openServer(
      { port, tls },
      {
        login: (said) => this.#login(said),
        joined: (peer) => this.#joined(peer),
        subscribed: (peer, filters) => this.#subscribed(peer, filters),
        published: (peer, packet) => this.#published(peer, packet),
        heard: (peer) => this.#heard(peer),
        left: (peer) => this.#left(peer),
        silent: () => {
          this.silent += 1;
          this.transcript.changed();
        },
      },
    );
  }

  stop(): void {
    this.#server?.close();
  }

  /** The line a device is enrolled with. */
  get offer(): string {
    return offerText({ host: this.#host, port: this.#server?.port ?? 0, pin: this.#pin, code: this.#code });
  }

  get online(): boolean {
    return this.#peer !== undefined;
  }

  get session(): number {
    return this.transcript.sessions.length - 1;
  }

  at(): number {
    return performance.now() + this.#passedMs;
  }

  /** The judge's clock, epoch ms. */
  now(): number {
    return Date.now() + this.skewMs + this.#passedMs;
  }

  /** Time went by at both ends: the device was not silent in it. */
  passed(ms: number): void {
    this.#passedMs += ms;
    const session = this.transcript.sessions.at(-1);
    if (session !== undefined) session.heardAt += ms;
  }

  /** Shows another certificate from the next connection on. */
  show(certificate: ThrowAway): void {
    this.#server?.show(certificate);
  }

  cut(): void {
    this.#peer?.drop();
  }

  /** Sends a message as a gateway does. */
  say<T extends DownTail & MessageTail>(tail: T, message: Message<T>): void {
    this.sayBytes(tail, encode(tail, message));
  }

  /** Seals and sends any bytes at all. */
  sayBytes(tail: DownTail, body: Uint8Array): void {
    this.sayRaw(tail, seal(this.keys.down, this.topic(tail), body));
  }

  /** Sends bytes that are not sealed. */
  sayRaw(tail: DownTail, payload: Uint8Array): void {
    this.#peer?.publish(this.topic(tail), payload);
  }

  topic(tail: DownTail | UpTail): string {
    return deviceTopic(this.identity.site, this.identity.device, tail);
  }

  /** Offers a list. `sign`: another key than the site's. */
  offerList({ header }: JudgeList, sign: (header: Uint8Array) => Buffer = (body) => this.signer.sign(body)): void {
    this.sayBytes('acl/want', sign(Buffer.from(JSON.stringify(header))));
  }

  /** What a gateway does when all is well: it grants, acknowledges, tells the time and sends its list. */
  usual(): Answers {
    return {
      req: ({ body: { i, b, n } }) => this.say('res', { v: 1, i, b, n, g: true, r: 'OK', o: 1000, e: 1 }),
      evt: (seen) => this.acknowledge(seen),
      time: ({ body: { no } }) => this.say('time', { v: 1, no, t: this.now() }),
      list: (seen) => this.sendList(seen),
    };
  }

  acknowledge({ body: { i, b, n } }: SeenAs<'evt'>): void {
    this.say('evt/ack', { v: 1, i, b, n });
    this.acked.set(`${b}.${n}`, this.at());
  }

  /** The pieces of the list asked for: the difference, where it is from the list before. */
  sendList({ body }: SeenAs<'acl/get'>): void {
    const { list, before } = this;
    if (list === undefined || body.e !== list.header.e || body.n !== list.header.n) return;
    const small = before !== undefined && before.rows.length + list.rows.length <= ROWS_PER_CHUNK;
    const pieces = small && body.f === versionOf(before) ? [deltaChunk(before, list)] : chunksOf(list);
    for (const piece of pieces) this.sayBytes('acl/c', pieceBytes(piece));
  }

  #login({ clientId, username, password }: Connect): number {
    if (username === 'enrol') return 0;
    return clientId === this.identity.device && username === clientId && password === this.keys.password ? 0 : 4;
  }

  #joined(peer: Peer): void {
    if (peer.connect.username === 'enrol') return;
    this.#peer?.drop();
    this.#peer = peer;
    const at = this.at();
    this.transcript.sessions.push({ at, connect: peer.connect, filters: [], subscribedAt: undefined, heardAt: at, quietMs: 0, tails: [] });
    this.transcript.changed();
  }

  #now(peer: Peer): Session | undefined {
    return peer === this.#peer ? this.transcript.sessions.at(-1) : undefined;
  }

  #heard(peer: Peer): void {
    const session = this.#now(peer);
    if (session === undefined) return;
    const at = this.at();
    session.quietMs = Math.max(session.quietMs, at - session.heardAt);
    session.heardAt = at;
  }

  #subscribed(peer: Peer, filters: readonly string[]): void {
    const session = this.#now(peer);
    if (session === undefined) return;
    session.subscribedAt ??= this.at();
    session.filters.push(...filters);
  }

  #left(peer: Peer): void {
    if (peer === this.#peer) this.#peer = undefined;
    this.transcript.changed();
  }

  #published(peer: Peer, packet: Published): void {
    if (peer.connect.username === 'enrol') return this.#asked(peer, packet);
    if (peer !== this.#peer) return;
    const parsed = parseTopic(packet.topic);
    const { site, device } = this.identity;
    if (parsed === undefined || parsed.site !== site || parsed.device !== device || !isUp(parsed.tail)) return this.#trouble(`a message to ${packet.topic}`);
    const { tail } = parsed;
    const nonce = packet.payload.toString('hex', 0, NONCE_BYTES);
    this.transcript.nonces.set(nonce, (this.transcript.nonces.get(nonce) ?? 0) + 1);
    const body = open(this.keys.up, packet.topic, packet.payload);
    if (body === undefined) return this.#trouble(`${tail}: does not open under the up key and its topic`);
    try {
      const seen = { tail, body: decode(tail, body), json: JSON.parse(body.toString()), at: this.at(), session: this.session, qos: packet.qos, retain: packet.retain } as Seen;
      this.transcript.seen.push(seen);
      this.transcript.sessions.at(-1)?.tails.push(tail);
      this.#answer(seen);
    } catch (error) {
      this.#trouble(`${tail}: ${error instanceof Error ? error.message : String(error)}`);
    }
    this.transcript.changed();
  }

  #answer(seen: Seen): void {
    if (seen.tail === 'req') this.answers.req(seen);
    else if (seen.tail === 'evt') this.answers.evt(seen);
    else if (seen.tail === 'time/ask') this.answers.time(seen);
    else if (seen.tail === 'acl/get') this.answers.list(seen);
    // A gateway offers its list to whoever has just said that it is there.
    else if (seen.tail === 'state' && this.transcript.sessions.at(-1)?.tails.filter((tail) => tail === 'state').length === 1 && this.list !== undefined) this.offerList(this.list);
  }

  #trouble(what: string): void {
    this.transcript.troubles.push(what);
    this.transcript.changed();
  }

  /** Somebody asks to be enrolled. The code is good for one key, as often as that key asks. */
  #asked(peer: Peer, { topic, payload }: Published): void {
    try {
      const ask = readAsk(payload);
      const clientId = newcomerOf(Buffer.from(ask.k, 'hex'));
      const { connect } = peer;
      const fits = connect.clientId === clientId && topic === enrolTopic(clientId, 'ask') && connect.clean && connect.password === '' && connect.will === undefined;
      const known = ask.c === this.#code;
      const answer = known ? give(ask, this.identity, createHash('sha256').update(randomBytes(KEY_BYTES)).digest()) : { v: 1, r: 'UNKNOWN' };
      peer.publish(enrolTopic(clientId, 'given'), Buffer.from(JSON.stringify(answer)));
      if (known) this.enrolled ??= { clientId: connect.clientId, fits };
    } catch (error) {
      this.#trouble(`enrolment: ${error instanceof Error ? error.message : String(error)}`);
    }
    this.transcript.changed();
  }
}
