import { connect, type Socket } from 'node:net';
import { deviceKeys, seal } from '../../gateway/wire/mqtt/seal.ts';
import { encode } from '../../gateway/wire/mqtt/messages.ts';
import { deviceTopic } from '../../gateway/wire/mqtt/topics.ts';

/**
 * Load on a broker, run as its own process: many controllers on raw sockets, each request sealed for its
 * own moment. Prints one JSON line. Latency counts from the moment a request was due.
 */
export interface LoadPlan {
  readonly port: number;
  readonly devices: readonly { readonly device: string; readonly site: string; readonly secretHex: string }[];
  readonly cards: readonly string[];
  /** Requests a second; 0: as many as the outstanding ones allow. */
  readonly rate: number;
  readonly outstanding: number;
  readonly seconds: number;
}

export interface LoadResult {
  readonly sent: number;
  readonly answered: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
}

const INSTANCE = '00000000000000bb';
/** Every run is a new start of its controllers, so that no run meets the request numbers or the running time of another. */
const BOOT = Math.floor(Date.now() / 1000) - 1_700_000_000;
/** Running time of the controllers, ms. */
const uptime = (): number => Math.round(performance.now());
const text = (value: string): Buffer => Buffer.concat([Buffer.of(value.length >> 8, value.length & 255), Buffer.from(value)]);

function packet(type: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length: number[] = [];
  for (let left = body.length; ; left >>= 7) {
    length.push(left > 127 ? (left & 127) | 128 : left);
    if (left < 128) break;
  }
  return Buffer.concat([Buffer.of(type, ...length), body]);
}

/** Calls `on` for each whole MQTT packet in a stream of bytes. */
function framed(on: (type: number, body: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      let [at, length, shift] = [1, 0, 0];
      while (at < rest.length && (rest[at] ?? 0) > 127) {
        length |= ((rest[at] ?? 0) & 127) << shift;
        [at, shift] = [at + 1, shift + 7];
      }
      if (at >= rest.length) return;
      length |= (rest[at] ?? 0) << shift;
      if (rest.length < at + 1 + length) return;
      on(rest[0] ?? 0, rest.subarray(at + 1, at + 1 + length));
      rest = rest.subarray(at + 1 + length);
    }
  };
}

interface Client {
  readonly socket: Socket;
  /** The next request, sealed for this moment. */
  readonly request: () => Buffer;
  /** Due times of requests on their way, oldest first: a broker answers one client in order. */
  readonly due: number[];
}

/** Requests of one controller, numbered from its own first number on. */
function requests(plan: LoadPlan, at: number, topic: string, key: Uint8Array): () => Buffer {
  let n = 0;
  return () => {
    n += 1;
    const c = { w: 32, x: plan.cards[(n * 7 + at) % plan.cards.length] ?? '' };
    const body = encode('req', { v: 1, i: INSTANCE, b: BOOT, n, u: uptime(), t: 0, d: 1, k: 'card', c, ms: 10_000, l: '' });
    return packet(0x32, text(topic), Buffer.of((n >> 8) & 255, n & 255 || 1), seal(key, topic, body));
  };
}

async function open(plan: LoadPlan, at: number, onAnswer: (client: Client) => void): Promise<Client> {
  const { device, site, secretHex } = plan.devices[at] ?? { device: '', site: '', secretHex: '' };
  const keys = deviceKeys(Buffer.from(secretHex, 'hex'));
  const topic = (tail: 'req' | 'res' | 'acl/want' | 'state'): string => deviceTopic(site, device, tail);
  const socket = connect({ port: plan.port, host: '127.0.0.1', noDelay: true });
  const client: Client = { socket, request: requests(plan, at, topic('req'), keys.up), due: [] };
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.on(
      'data',
      framed((type, body) => {
        if (type >> 4 === 2) {
          const filters = [topic('res'), topic('acl/want')].flatMap((filter) => [text(filter), Buffer.of(1)]);
          socket.write(packet(0x82, Buffer.of(0, 1), ...filters));
        } else if (type >> 4 === 9) resolve();
        else if (type >> 4 === 3) {
          const end = 2 + body.readUInt16BE(0);
          if ((type & 6) !== 0) socket.write(packet(0x40, body.subarray(end, end + 2)));
          if (body.toString('latin1', 2, end).endsWith('/res')) onAnswer(client);
        }
      }),
    );
    socket.write(packet(0x10, text('MQTT'), Buffer.of(4, 0xc2, 0, 60), text(device), text(device), text(keys.password)));
  });
  const state = encode('state', { v: 1, i: INSTANCE, b: BOOT, u: uptime(), s: 'on', d: [{ d: 1, c: 'closed', l: 'locked' }], p: true, q: 0, l: '' });
  socket.write(packet(0x30, text(topic('state')), seal(keys.up, topic('state'), state)));
  return client;
}

const rank = (sorted: Float64Array, share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

async function run(plan: LoadPlan): Promise<LoadResult> {
  const waits: number[] = [];
  const closed = plan.rate === 0;
  let ending = false;
  let sent = 0;
  const send = (client: Client, due: number): void => {
    client.due.push(due);
    client.socket.write(client.request());
    sent += 1;
  };
  const answered = (client: Client): void => {
    waits.push(performance.now() - (client.due.shift() ?? Number.NaN));
    if (closed && !ending) send(client, performance.now());
  };
  const clients = await Promise.all(plan.devices.map((_, at) => open(plan, at, answered)));
  const turn = (at: number): Client => {
    const client = clients[at % clients.length];
    if (client === undefined) throw new Error('no controllers in the plan');
    return client;
  };
  await new Promise((resolve) => setTimeout(resolve, 500));
  const started = performance.now();
  const until = started + plan.seconds * 1000;
  if (closed) for (let at = 0; at < plan.outstanding; at++) send(turn(at), performance.now());
  await new Promise<void>((resolve) => {
    const tick = (): void => {
      const now = performance.now();
      if (!closed) for (let due = started + (sent * 1000) / plan.rate; due <= now && due < until; due = started + (sent * 1000) / plan.rate) send(turn(sent), due);
      if (now >= until) resolve();
      else setTimeout(tick, closed ? 20 : 1);
    };
    tick();
  });
  ending = true;
  const during = waits.length;
  for (let wait = 0; wait < 100 && waits.length < sent; wait++) await new Promise((resolve) => setTimeout(resolve, 50));
  for (const { socket } of clients) socket.destroy();
  const sorted = Float64Array.from(waits).sort();
  return { sent, answered: waits.length, perSecond: during / plan.seconds, p50: rank(sorted, 0.5), p99: rank(sorted, 0.99), worst: rank(sorted, 1) };
}

const plan: LoadPlan = JSON.parse(process.argv[2] ?? '{}');
console.log(JSON.stringify(await run(plan)));
