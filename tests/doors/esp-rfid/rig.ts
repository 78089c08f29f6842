import { createHash } from 'node:crypto';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { ControllerId, DoorId } from '../../../gateway/core/ids.ts';
import { type BoardLink, type BoardLinkOptions, openBoardLink } from '../../../gateway/doors/esp-rfid/link.ts';
import type { BoardRecord, BoardUser } from '../../../gateway/doors/esp-rfid/registry.ts';
import { type BoardLogin, boardLogin } from '../../../gateway/wire/esp-rfid/login.ts';
import { type FakeSide, fakeSide } from '../harness.ts';

export const NOW = 1_795_000_000_000;
/** The second a board's clock shows. */
export const SECOND = NOW / 1000;

/** Board `yc42-dNN` with one door. */
export function boardRecord(number: number, over: Partial<BoardRecord> = {}): BoardRecord {
  const deviceId = `yc42-d${String(number).padStart(2, '0')}`;
  return {
    deviceId,
    controllerId: ControllerId(number),
    secret: createHash('sha256').update(deviceId).digest(),
    doorId: DoorId(100 + number),
    cards: 'uid',
    lockdownUntil: 0,
    retired: false,
    ...over,
  };
}

/** A link over fake parts. */
export interface Rig {
  readonly link: BoardLink;
  readonly side: FakeSide;
  readonly records: Map<string, BoardRecord>;
  /** Wanted users by controller. */
  readonly wanted: Map<number, readonly BoardUser[]>;
  readonly lines: string[];
  /** Readings the register has, as `bits hex`. */
  readonly known: Set<string>;
  /** Added to the monotonic clock, ms. */
  skip: number;
  wall: number;
  /** Says that the register changed, with these users for a board. */
  change(number: number, users: readonly BoardUser[]): void;
}

/** Time in the link runs twenty times as fast: a list that ends after three quiet seconds ends at once. */
const SPEED = 20;

export async function openRig(count = 2, over: Partial<BoardLinkOptions> = {}): Promise<Rig> {
  const side = fakeSide();
  const records = new Map(Array.from({ length: count }, (_, at) => boardRecord(at + 1)).map((one) => [one.deviceId, one]));
  const [wanted, known, lines] = [new Map<number, readonly BoardUser[]>(), new Set<string>(), [] as string[]];
  const write = (fields: object, message: string): void => void lines.push(`${message} ${JSON.stringify(fields)}`);
  let n = 1;
  const rig = { side, records, wanted, known, lines, skip: 0, wall: NOW };
  const link = await openBoardLink({
    at: { host: '127.0.0.1', port: 0 },
    sweepMs: 10,
    side,
    registry: { board: (id) => records.get(id), all: () => records.values() },
    users: { version: () => ({ epoch: 1, n }), users: async (controllerId) => wanted.get(controllerId) ?? [] },
    knows: ({ bits, hex }) => known.has(`${bits} ${hex}`),
    now: () => rig.wall,
    uptime: () => performance.now() * SPEED + rig.skip,
    log: { info: write, warn: write, error: write },
    ...over,
  });
  return Object.assign(rig, {
    link,
    change(number: number, users: readonly BoardUser[]) {
      n += 1;
      wanted.set(number, users);
      link.refreshLists([ControllerId(number)]);
    },
  });
}

export const user = (credentialId: number, hex: string, until = 0, duty = false): BoardUser => ({ credentialId, bits: hex.length * 4, hex, until, duty });

/** A board played by what its public pages say it does. */
export interface Board {
  readonly client: MqttClient;
  readonly users: Map<string, Record<string, unknown>>;
  /** Commands it was told, and carried out or not. */
  readonly told: Record<string, unknown>[];
  readonly topic: string;
  say(tail: string, body: object | string): Promise<unknown>;
  /** A card before its reader. */
  tap(uid: string, over?: object): Promise<unknown>;
  /** It does not answer any more. */
  deaf: boolean;
}

/** Firmware 2 has its commands on TOPIC/cmd and acknowledges; firmware 1 has neither, nor `deletuid`. */
export async function connectBoard(
  rig: { readonly link: { readonly port: number } },
  given: BoardRecord | BoardLogin,
  { firmware = 2, ip = '192.168.1.50', login = {} as IClientOptions } = {},
): Promise<Board> {
  const { user: username, password, topic } = 'topic' in given ? given : boardLogin(given.deviceId, given.secret);
  const client = await connectAsync({
    host: '127.0.0.1',
    port: rig.link.port,
    protocol: 'mqtt',
    clientId: 'ESP8266',
    username,
    password,
    keepalive: 2,
    reconnectPeriod: 0,
    ...login,
  });
  const users = new Map<string, Record<string, unknown>>();
  const told: Record<string, unknown>[] = [];
  const say = (tail: string, body: object | string) => client.publishAsync(tail === '' ? topic : `${topic}/${tail}`, typeof body === 'string' ? body : JSON.stringify(body));
  const access = (line: { uid: string; username: string; isKnown: string; access: string }) => say('send', { type: 'access', time: SECOND, ...line });
  const board: Board = {
    client,
    users,
    told,
    topic,
    deaf: false,
    say,
    tap(uid, over = {}) {
      const known = users.get(uid);
      const opens = Number(known?.['acctype'] ?? 0) === 1;
      return access({
        uid,
        username: String(known?.['user'] ?? 'Unknown'),
        isKnown: String(known !== undefined),
        access: known === undefined ? 'Denied' : opens ? 'Always' : 'Disabled',
        ...over,
      });
    },
  };
  const acknowledge = async (type: string): Promise<void> => void (firmware === 2 && (await say('send', { type, ip, hostname: 'esp-rfid' })));
  const carryOut: Readonly<Record<string, (command: Record<string, unknown>) => Promise<unknown>>> = {
    async adduser(command) {
      users.set(String(command['uid']), firmware === 2 ? { command: 'userfile', ...command, cmd: undefined } : command);
      await acknowledge('adduser');
    },
    async deletuid({ uid }) {
      if (firmware !== 2) return;
      users.delete(String(uid));
      await acknowledge('deletuid');
    },
    async deletusers() {
      users.clear();
      await acknowledge('deletusers');
    },
    async getuserlist() {
      if (firmware === 2) for (const row of users.values()) await say('send', row);
    },
    async getuser() {
      if (firmware === 1) for (const row of users.values()) await say('accesslist', row);
    },
    opendoor: () => access({ uid: ' ', username: 'MQTT', isKnown: 'true', access: 'Always' }),
  };
  client.on('message', (_topic, payload) => {
    const command: Record<string, unknown> = JSON.parse(payload.toString());
    told.push(command);
    if (board.deaf || command['doorip'] !== ip) return;
    void carryOut[String(command['cmd'])]?.(command);
  });
  await client.subscribeAsync(firmware === 2 ? `${topic}/cmd` : topic, { qos: 2 });
  await say(firmware === 2 ? 'send' : 'sync', { type: 'heartbeat', time: SECOND, ip, hostname: 'esp-rfid' });
  return board;
}
