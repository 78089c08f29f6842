import path from 'node:path';
import type { StoredEntry } from '../../gateway/journal/entry.ts';
import { openReader } from '../../gateway/journal/reader.ts';
import { loadKeys } from '../../gateway/store/keys.ts';
import { decode, type Message } from '../../gateway/wire/mqtt/messages.ts';
import { deviceKeys, open } from '../../gateway/wire/mqtt/seal.ts';
import type { BenchSite } from '../bench/site.ts';
import { type DeviceSelf, greet, type Player } from '../doors/harness.ts';
import { packet, published } from '../doors/raw-mqtt.ts';

type Request = Message<'req'>;
type Answer = Message<'res'>;

/** A controller that remembers over connections what it asked and what it was told. */
export interface LoadDoor {
  readonly deviceId: string;
  readonly asked: Map<number, Request>;
  /** By sequence number; UNAVAILABLE is no answer that is kept. */
  readonly answers: Map<number, Answer>;
  /** How often it was told UNAVAILABLE. */
  unavailable: number;
  /** Sequence numbers that have no kept answer. */
  open(): number[];
  connect(port: number): Promise<void>;
  /** Asks about a card under the next sequence number. */
  tap(card: string): void;
  /** Sends again what has no answer. */
  repeat(): void;
  leave(): void;
}

/** The controllers of a made site. */
export const devicesOf = (site: BenchSite): DeviceSelf[] =>
  site.devices.map(({ device, site: code, secretHex }) => ({ deviceId: device, site: code, secret: Buffer.from(secretHex, 'hex') }));

/** Listens until the connection ends; `onAnswer` after each verdict. */
async function listen({ raw, topic }: Player, device: DeviceSelf, onAnswer: (answer: Answer) => void): Promise<void> {
  const { down } = deviceKeys(device.secret);
  void (async () => {
    while (await raw.next(4, 600_000).catch(() => undefined));
  })();
  for (;;) {
    const bytes = await raw.next(3, 600_000).catch(() => undefined);
    if (bytes === undefined) return;
    const message = published(bytes);
    raw.send(packet(0x40, Buffer.of(message.id >> 8, message.id & 255)));
    if (message.topic !== topic('res')) continue;
    const body = open(down, message.topic, message.payload);
    if (body === undefined) throw new Error('a verdict was not sealed for this device');
    onAnswer(decode('res', body));
  }
}

/** A door that is not connected yet. `onAnswer` is called after each kept answer, to tap again. */
export function loadDoor(device: DeviceSelf, onAnswer: (door: LoadDoor) => void = () => undefined): LoadDoor {
  let player: Player | undefined;
  const asked = new Map<number, Request>();
  const answers = new Map<number, Answer>();
  const door: LoadDoor = {
    deviceId: device.deviceId,
    asked,
    answers,
    unavailable: 0,
    open: () => [...asked.keys()].filter((n) => !answers.has(n)),
    async connect(port) {
      const joined = await greet({ link: { port } }, device);
      player = joined;
      void listen(joined, device, (answer) => {
        if (answer.r === 'UNAVAILABLE') door.unavailable += 1;
        else {
          const before = answers.get(answer.n);
          if (before !== undefined && before.e !== answer.e) throw new Error(`request ${answer.n} has two entries: ${before.e} and ${answer.e}`);
          answers.set(answer.n, answer);
        }
        if (player === joined) onAnswer(door);
      });
    },
    tap(card) {
      if (player === undefined) return;
      const request = player.request(asked.size + 1, { c: { w: 32, x: card }, ms: 10_000, t: Date.now() });
      asked.set(request.n, request);
      player.say('req', request);
    },
    repeat() {
      for (const n of door.open()) {
        const request = asked.get(n);
        if (request !== undefined) player?.say('req', request);
      }
    },
    leave() {
      player?.raw.socket.destroy();
      player = undefined;
    },
  };
  return door;
}

/** Every entry of a log whose gateway has ended, oldest first. */
export function journalOf(data: string): StoredEntry[] {
  const keysDir = path.join(data, 'keys');
  const reader = openReader({ file: path.join(data, 'journal.sqlite'), keysDir, root: loadKeys(keysDir).journalRoot });
  const entries = reader.since(0, Number.MAX_SAFE_INTEGER);
  reader.close();
  return entries;
}

/** Says what is wrong between what doors were told and what a log holds: each answer must stand there once, under its index. */
export function compareWithLog(doors: readonly LoadDoor[], entries: readonly StoredEntry[], controllerOf: (deviceId: string) => number): string[] {
  const wrong: string[] = [];
  const byKey = new Map<string, StoredEntry[]>();
  entries.forEach((entry, at) => {
    if (entry.index !== at + 1) wrong.push(`entry ${entry.index} stands at place ${at + 1}`);
    const { kind, key } = entry.event;
    if (kind !== 'access' || key === undefined) return;
    const name = `${key.controllerId}.${key.boot}.${key.seq}`;
    byKey.set(name, [...(byKey.get(name) ?? []), entry]);
  });
  for (const door of doors) {
    for (const [n, { e, g, r }] of door.answers) {
      const found = byKey.get(`${controllerOf(door.deviceId)}.1.${n}`) ?? [];
      const [entry] = found;
      if (found.length !== 1 || entry?.index !== e) wrong.push(`${door.deviceId} ${n}: told ${e}, found ${found.map(({ index }) => index).join()}`);
      else if (entry.event.granted !== g || entry.event.reason !== r) wrong.push(`${door.deviceId} ${n}: told ${r}, stored ${entry.event.reason}`);
    }
  }
  return wrong;
}
