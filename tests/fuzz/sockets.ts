import { connect, type Socket } from 'node:net';
import { deviceTopic, UP_TAILS } from '../../gateway/wire/mqtt/topics.ts';
import { deviceOf, greet, openRig, type Player, type Rig } from '../doors/harness.ts';
import { publishPacket } from '../doors/raw-mqtt.ts';
import { goodLogin, makeLater, makeLogin, makeMessagePacket, PACKET_WORDS, type Self, selfOf } from './mqtt-packets.ts';
import { mutate } from './mutate.ts';
import { createRandom, type Random } from './random.ts';

/** What a run over sockets came to. */
export interface SocketReport {
  readonly seed: number;
  readonly packets: number;
  readonly connections: number;
  /** Messages the broker acknowledged: they went through login, rules, seal and reader, whatever those said. */
  readonly reached: number;
  readonly seconds: number;
  /** Taps of an honest door meanwhile, and the longest it waited for an answer, ms. */
  readonly taps: number;
  readonly slowestMs: number;
  readonly mostHalfOpen: number;
  readonly grewMb: number;
}

/** Strangers the broker of these runs allows at once, and how long each may take to log in. */
export const LIMITS = { halfOpen: 50, loginMs: 1000 } as const;
const AT_ONCE = 24;
/** After its last packet a connection stays open this long, or until all it sent is acknowledged, ms. */
const LINGER_MS = 40;
const PATIENCE_MS = 3000;
const TAP_EVERY_MS = 100;
const MB = 2 ** 20;
const words = PACKET_WORDS.map((word) => Buffer.from(word, 'latin1'));

const damaged = (bytes: Buffer, random: Random): Buffer => mutate(bytes, random, { words, other: () => makeLater(random), longest: 20_000 });

/** What one connection sends, packet by packet: a stranger's garbage, or a device that logs in and then misbehaves. `heeds`: all of it is to be acknowledged. */
function script(random: Random, self: Self): { readonly packets: readonly Buffer[]; readonly heeds: boolean } {
  const kind = random.below(4);
  if (kind === 0)
    return { packets: [damaged(makeLogin(random, self), random), ...Array.from({ length: 1 + random.below(4) }, () => damaged(makeLater(random, self), random))], heeds: false };
  const login = goodLogin(random, self);
  if (kind === 1)
    return {
      packets: [login, ...Array.from({ length: 2 + random.below(8) }, () => (random.oneIn(3) ? damaged(makeLater(random, self), random) : makeLater(random, self)))],
      heeds: false,
    };
  // Well-formed packets whose payload is not: these are read, refused and go on.
  const topic = deviceTopic(self.site, self.deviceId, random.pick(UP_TAILS));
  const garbage = (): Buffer => publishPacket(topic, damaged(random.bytes(60), random).subarray(0, 4000), { id: 1 + random.below(65_535) });
  return { packets: [login, ...Array.from({ length: 20 + random.below(40) }, () => (random.oneIn(4) ? garbage() : makeMessagePacket(random, self)))], heeds: true };
}

const PUBACK = 4;

/** PUBACKs in what the broker sent. A packet cut by the edge of a piece is counted by its first byte only, or not at all. */
function pubacks(bytes: Buffer): number {
  let found = 0;
  for (let at = 0; at + 1 < bytes.length; ) {
    if ((bytes[at] ?? 0) >> 4 === PUBACK) found += 1;
    const [low = 0, high = 0] = bytes.subarray(at + 1, at + 3);
    at += low < 128 ? 2 + low : 3 + (low & 127) + 128 * high;
  }
  return found;
}

/**
 * Sends a script cut at a random place, and waits for the end. Most wait for the answer to their login, as a device
 * does; some pour everything in at once. Resolves with the PUBACKs that came, also when the broker ends it first.
 */
function play(port: number, { packets: [first = Buffer.alloc(0), ...later], heeds }: ReturnType<typeof script>, random: Random): Promise<number> {
  const pours = !heeds && random.oneIn(4);
  const rest = Buffer.concat(later);
  const cut = random.oneIn(2) ? random.below(rest.length + 1) : rest.length;
  let acknowledged = 0;
  return new Promise((resolve) => {
    const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const leave = (): unknown => (random.oneIn(2) ? socket.destroy() : socket.resetAndDestroy());
    const go = (): void => {
      socket.write(rest.subarray(0, cut));
      setImmediate(() => socket.write(rest.subarray(cut)));
      if (!heeds && random.oneIn(4)) socket.end();
      setTimeout(leave, heeds ? PATIENCE_MS : LINGER_MS);
    };
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(acknowledged));
    socket.on('data', (bytes) => {
      acknowledged += pubacks(bytes);
      if (heeds && acknowledged >= later.length) leave();
    });
    socket.once('connect', () => {
      socket.write(first);
      if (pours) go();
      else socket.once('data', go);
      // A login that gets no answer ends here: it is not the login time that is under test.
      setTimeout(() => heeds || socket.destroy(), 10 * LINGER_MS);
    });
  });
}

/** An honest door beside it all: taps, waits for its verdict, taps again. */
async function honest(rig: Rig, player: Player, over: () => boolean): Promise<{ taps: number; slowestMs: number }> {
  let [taps, slowestMs] = [0, 0];
  while (!over()) {
    taps += 1;
    const from = performance.now();
    player.say('req', player.request(taps));
    const { g } = await player.hear('res', 5000);
    if (!g) throw new Error(`tap ${taps} was refused`);
    slowestMs = Math.max(slowestMs, performance.now() - from);
    await new Promise((resolve) => setTimeout(resolve, TAP_EVERY_MS));
  }
  if (rig.side.taps.length < taps) throw new Error('the door side was not asked');
  return { taps, slowestMs };
}

/** Sends at least so many packets to a real broker over real sockets, beside an honest door. Throws when that is not answered. */
export async function runSockets({ seed, packets: wanted }: { readonly seed: number; readonly packets: number }): Promise<SocketReport> {
  const rig = await openRig(AT_ONCE + 1, { limits: LIMITS });
  // What was written down of a flood is not part of the gateway's own memory.
  const forget = setInterval(() => {
    rig.lines.length = 0;
    rig.side.outcomes.length = 0;
    rig.side.happenings.length = 0;
    rig.side.links.length = 0;
    rig.side.states.length = 0;
  }, 50);
  const player = await greet(rig, deviceOf(rig, AT_ONCE + 1));
  let [packets, connections, reached, mostHalfOpen, grew, rss] = [0, 0, 0, 0, 0, 0];
  const from = performance.now();
  const over = (): boolean => packets >= wanted;
  async function lane(number: number): Promise<void> {
    const self = selfOf(deviceOf(rig, number));
    while (!over()) {
      const random = createRandom(seed, connections);
      connections += 1;
      const sent = script(random, self);
      packets += sent.packets.length;
      // Not `+= await`: other lanes count meanwhile.
      const acknowledged = await play(rig.link.port, sent, random);
      reached += acknowledged;
      mostHalfOpen = Math.max(mostHalfOpen, rig.link.halfOpen());
      const now = process.memoryUsage.rss();
      if (packets > wanted / 10) rss ||= now;
      grew = Math.max(grew, rss === 0 ? 0 : now - rss);
    }
  }
  try {
    const [door] = await Promise.all([honest(rig, player, over), ...Array.from({ length: AT_ONCE }, (_, at) => lane(at + 1))]);
    return { seed, packets, connections, reached, seconds: (performance.now() - from) / 1000, ...door, mostHalfOpen, grewMb: grew / MB };
  } finally {
    clearInterval(forget);
    player.raw.socket.destroy();
    await rig.link.close();
  }
}
