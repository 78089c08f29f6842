import { connect, type Socket } from 'node:net';
import { rank } from '../../firmware-sim/load-fleet.ts';
import { connectPacket, framed, PACKET, publishPacket, pubackPacket, readPublish, subscribePacket } from '../../firmware-sim/mqtt-packets.ts';
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
/** No request has it. */
const STATE_ID = 65_535;
/** Running time of the controllers, ms. */
const uptime = (): number => Math.round(performance.now());

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
    return publishPacket(topic, seal(key, topic, body), { id: 1 + (n % (STATE_ID - 1)), retain: false });
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
      framed((first, body) => {
        const type = first >> 4;
        if (type === PACKET.connack) socket.write(subscribePacket([topic('res'), topic('acl/want')]));
        else if (type === PACKET.suback) resolve();
        else if (type === PACKET.publish) {
          const { topic: from, id } = readPublish(first, body);
          if (id !== 0) socket.write(pubackPacket(id));
          if (from.endsWith('/res')) onAnswer(client);
        }
      }),
    );
    socket.write(connectPacket({ clientId: device, username: device, password: keys.password, keepalive: 60 }));
  });
  const state = encode('state', { v: 1, i: INSTANCE, b: BOOT, u: uptime(), s: 'on', d: [{ d: 1, c: 'closed', l: 'locked' }], p: true, q: 0, l: '' });
  socket.write(publishPacket(topic('state'), seal(keys.up, topic('state'), state), { id: STATE_ID, retain: true }));
  return client;
}

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
