import { encodeCommand, type BoardCommand } from '../../wire/esp-rfid/messages.ts';
import type { LinkLog } from '../device.ts';
import type { Limiter } from '../limiter.ts';
import type { CommandResult, DoorSide, DoorState } from '../link.ts';
import type { BoardConnection } from './broker.ts';
import type { BoardRecord, BoardUser } from './registry.ts';
import { type BoardUsers, createBoardUsers } from './users.ts';

/** What the parts of the link to boards share. */
export interface BoardContext {
  readonly side: DoorSide;
  /** Epoch ms. */
  readonly now: () => number;
  /** Monotonic ms. */
  readonly uptime: () => number;
  readonly log: LinkLog;
  /** Does the register have a card with this reading? */
  readonly knows: (reading: { readonly bits: number; readonly hex: string }) => boolean;
  /** One line and entry a minute for each word of a board. */
  readonly told: Limiter;
  /** Comings and goings of a board that get an entry. */
  readonly changes: Limiter;
  /** Lines of a board that are written down. */
  readonly lines: Limiter;
  readonly refusals: Map<string, number>;
}

/** All a running gateway knows of one board. */
export interface Board {
  record: BoardRecord;
  connection: BoardConnection | undefined;
  online: boolean;
  /** Epoch ms of the last change of `online`. */
  since: number;
  /** Monotonic ms when anything last came in. */
  heardAt: number;
  /** Its own address, as it last said. */
  ip: string;
  contact: DoorState['contact'];
  readonly users: BoardUsers;
  /** Version of the users it should hold and the one it holds, `epoch.n`. */
  want: string;
  have: string;
  /** Version of the source they were last made from; '' never, or it failed. */
  source: string;
  /** Monotonic ms when they were last made. */
  madeAt: number;
  /** Who may open its door when there is no lockdown; undefined: not read yet. */
  people: readonly BoardUser[] | undefined;
  /** It was last told of those with duty rights alone. */
  locked: boolean;
  /** The lockdown last seen: its end by the clock (epoch ms), by running time (monotonic ms), and whether a duty card ended it. */
  lockdown: { readonly until: number; readonly overAt: number; released: boolean } | undefined;
  /** An order to open that waits for its line in the log. */
  opening: { readonly settle: (result: CommandResult) => void /** Monotonic ms. */; readonly at: number } | undefined;
  /** Messages that are being stored. */
  storing: number;
  announced: string;
}

/** Longest time without a ping or a message, ms: boards ping every 15 s. */
const SILENCE_MS = 60_000;

/** Address a board knows itself by: as it said, else where it comes from; '' unknown. */
export const addressOf = ({ connection, ip }: Pick<Board, 'connection' | 'ip'>): string => ip || (connection?.from ?? '');

/** Sends a command; false while the board cannot be told anything. */
export function tell(board: Pick<Board, 'connection' | 'ip'>, command: BoardCommand): boolean {
  const { connection } = board;
  const doorip = addressOf(board);
  return connection !== undefined && doorip !== '' && connection.send(encodeCommand(command, doorip));
}

/** A board nothing has been heard of yet. */
export function createBoard(context: BoardContext, record: BoardRecord): Board {
  const users = createBoardUsers({
    uptime: context.uptime,
    send: (command) => tell(board, command),
    isOld: () => board.connection?.ear() === '',
    settled() {
      board.have = board.users.same ? board.want : '';
      announce(context, board);
    },
    failing: () => context.log.warn({ board: board.record.deviceId }, 'an esp-rfid board does not hold the users it was given; tried again in five minutes'),
  });
  const board: Board = {
    record,
    connection: undefined,
    online: false,
    since: context.now(),
    heardAt: 0,
    ip: '',
    contact: 'unknown',
    users,
    want: '',
    have: '',
    source: '',
    madeAt: 0,
    people: undefined,
    locked: false,
    lockdown: undefined,
    opening: undefined,
    storing: 0,
    announced: '',
  };
  return board;
}

/** Live state of its door; undefined while the register gives it none. */
export function boardState({ record: { doorId }, online, since, contact, have, want, locked, users }: Board): DoorState | undefined {
  const unwanted = locked ? users.unwanted : undefined;
  return doorId && { doorId, online, since, contact, lock: 'unknown', power: true, queued: 0, have, want, weak: true, ...(unwanted === undefined ? {} : { unwanted }) };
}

/** Tells the door side when the state of its door is another. */
export function announce({ side }: BoardContext, board: Board): void {
  const state = boardState(board);
  const text = JSON.stringify(state);
  if (state === undefined || text === board.announced) return;
  board.announced = text;
  side.state(state);
}

/** A coming, going or start, as an entry: ten a minute of one board. */
export function note({ side, log, changes }: BoardContext, { record: { controllerId, deviceId } }: Board, what: 'online' | 'offline' | 'boot', why: string): void {
  log.info({ board: deviceId, what, why }, `esp-rfid board ${what}: ${why}`);
  if (!changes.allow(deviceId)) return;
  side.link({ controllerId, what, why, key: undefined }).catch((error: unknown) => log.error({ board: deviceId, error: String(error) }, 'a link entry was not stored'));
}

/** Something was turned away: one entry a minute for each word, and a line. `board` undefined: of nobody known. */
export function refuse({ side, log, told, refusals }: BoardContext, board: Board | undefined, why: string, detail = ''): void {
  refusals.set(why, (refusals.get(why) ?? 0) + 1);
  const name = board?.record.deviceId ?? '';
  if (!told.allow(`${name} refused ${why}`)) return;
  log.warn({ board: name, why, detail }, `esp-rfid refused: ${why}${detail && ` (${detail})`}`);
  const controllerId = board?.record.controllerId ?? 0;
  side.link({ controllerId, what: 'refused', why, key: undefined }).catch((error: unknown) => log.error({ why, error: String(error) }, 'a link entry was not stored'));
}

/** Online or not, with an entry when it changed. */
export function setOnline(context: BoardContext, board: Board, online: boolean, why: string): void {
  if (board.online === online) return;
  board.online = online;
  board.since = context.now();
  if (!online) board.contact = 'unknown';
  note(context, board, online ? 'online' : 'offline', why);
  announce(context, board);
}

/** Anything came in on the present connection. */
export function heard(context: BoardContext, board: Board): void {
  board.heardAt = context.uptime();
  setOnline(context, board, true, 'heard');
}

/** A board that fell silent is offline, though its connection may stand. */
export function watchSilence(context: BoardContext, board: Board): void {
  if (board.online && context.uptime() - board.heardAt > SILENCE_MS) setOnline(context, board, false, 'silent');
}
