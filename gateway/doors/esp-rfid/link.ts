import type { ControllerId, DoorId } from '../../core/ids.ts';
import { boardLogin } from '../../wire/esp-rfid/login.ts';
import type { LinkLog } from '../device.ts';
import type { GuardLimits } from '../guard.ts';
import { createLimiter } from '../limiter.ts';
import type { CommandResult, DoorCommand, DoorLink, DoorSide } from '../link.ts';
import { announce, type Board, type BoardContext, boardState, createBoard, heard, refuse, setOnline, tell, watchSilence } from './board.ts';
import { type BoardBrokerOptions, openBoardBroker } from './broker.ts';
import { handUsers, inLockdown } from './lockdown.ts';
import { receive } from './receive.ts';
import type { BoardRecord, BoardRegistry, BoardUserSource } from './registry.ts';

/** What the link to esp-rfid boards is made of. */
export interface BoardLinkOptions {
  readonly side: DoorSide;
  readonly registry: BoardRegistry;
  readonly users: BoardUserSource;
  /** Does the register have a card with this reading? */
  readonly knows: (reading: { readonly bits: number; readonly hex: string }) => boolean;
  readonly now: () => number;
  readonly uptime: () => number;
  readonly log: LinkLog;
  /** Where boards connect; undefined: nowhere, and their doors are shown offline. `port` 0: the system chooses. */
  readonly at: { readonly host: string; readonly port: number } | undefined;
  readonly limits?: Partial<GuardLimits> | undefined;
  /** How often boards are looked after, ms; for tests that run faster. */
  readonly sweepMs?: number | undefined;
}

/** Counts over the boards of the register. */
export interface BoardNumbers {
  readonly online: number;
  readonly offline: number;
  /** Boards that hold other users than they should. */
  readonly wrongList: number;
  readonly refused: ReadonlyMap<string, number>;
}

/** The link to esp-rfid boards, a weak one (design.md 6.3). */
export interface BoardLink extends DoorLink {
  /** 0: it listens nowhere. */
  readonly port: number;
  numbers(): BoardNumbers;
  /** Who may open at these controllers' doors may have changed. */
  refreshLists(controllerIds: Iterable<ControllerId>): void;
}

const MINUTE_MS = 60_000;
const SWEEP_MS = 200;
/** Lines of one board a minute that are written down: a card every 100 ms is nobody at a door. */
const MOST_LINES = 600;
/** An order that got no line in the log within this time is over, ms. */
const OPEN_MS = 5000;
/** The ends of users are looked at again this often. */
const RENEW_MS = 3_600_000;

/** Boards by device id, each with the register's newest word on it. */
function createBoards(context: BoardContext, registry: BoardRegistry) {
  const boards = new Map<string, Board>();
  const current = (record: BoardRecord): Board => {
    const board = boards.get(record.deviceId) ?? createBoard(context, record);
    boards.set(record.deviceId, board);
    if (board.record === record) return board;
    const sameSecret = Buffer.compare(board.record.secret, record.secret) === 0;
    if (board.record.cards !== record.cards) board.source = '';
    board.record = record;
    if (!sameSecret) board.connection?.drop();
    return board;
  };
  return {
    /** The board of an id while its record stands; asked at every message, so that a retired one is out at once. */
    board(deviceId: string): Board | undefined {
      const record = registry.board(deviceId);
      return record === undefined || record.retired ? undefined : current(record);
    },
    remembered: (deviceId: string) => boards.get(deviceId),
    all: () => [...registry.all()].map(current),
  };
}

type Boards = ReturnType<typeof createBoards>;

function brokerOptions({ registry, limits }: BoardLinkOptions, at: { readonly host: string; readonly port: number }, context: BoardContext, boards: Boards): BoardBrokerOptions {
  /** The board of a connection that is still its present one. */
  const present = (connection: { readonly user: string }): Board | undefined => {
    const board = boards.board(connection.user);
    return board?.connection === connection ? board : undefined;
  };
  return {
    ...at,
    limits,
    failures: createLimiter(10, MINUTE_MS, context.uptime),
    login(user) {
      const record = registry.board(user);
      return record === undefined || record.retired ? undefined : boardLogin(record.deviceId, record.secret);
    },
    async message(connection, tail, payload) {
      const board = present(connection);
      if (board === undefined) return connection.drop();
      heard(context, board);
      await receive(context, board, tail, payload);
    },
    joined(connection) {
      const board = boards.board(connection.user);
      if (board === undefined) return connection.drop();
      board.connection = connection;
      board.ip = '';
      board.users.forget();
      board.have = '';
      heard(context, board);
    },
    left(connection) {
      const board = boards.remembered(connection.user);
      if (board?.connection !== connection) return;
      board.connection = undefined;
      setOnline(context, board, false, 'disconnected');
    },
    listens(connection) {
      present(connection)?.users.tick();
    },
    heard(connection) {
      const board = present(connection);
      if (board !== undefined) heard(context, board);
    },
    refused: (user, why) => refuse(context, boards.remembered(user), why),
  };
}

/** Has the users of a board made anew, and handed to it when they are others. Never rejects. */
async function renew(context: BoardContext, board: Board, source: BoardUserSource): Promise<void> {
  const { log, uptime } = context;
  const { controllerId, deviceId } = board.record;
  const { epoch, n } = source.version(controllerId);
  const name = `${epoch}.${n}`;
  board.source = name;
  board.madeAt = uptime();
  try {
    const people = await source.users(controllerId);
    // While these were made newer ones may have been asked for.
    if (board.source !== name) return;
    board.people = people;
    if (!handUsers(context, board)) return;
    board.want = name;
    board.have = board.users.same ? name : '';
    if (board.users.unspelled > 0) log.warn({ board: deviceId, users: board.users.unspelled }, 'cards this board cannot read are not on it: they are wider than its reader');
  } catch (error) {
    board.source = '';
    log.error({ board: deviceId, error: String(error) }, 'the users of an esp-rfid board were not made; it keeps what it has');
  }
}

/** A retired board is told to forget everybody, and put out. */
function putOut(context: BoardContext, board: Board): void {
  const { connection } = board;
  if (connection === undefined) return;
  const told = tell(board, { cmd: 'deletusers' });
  board.connection = undefined;
  setOnline(context, board, false, 'retired');
  // What was written before still leaves.
  if (told) setTimeout(() => connection.drop(), SWEEP_MS);
  else connection.drop();
}

/** Sends `opendoor` once; the line it makes in the board's log is the answer. */
function open({ uptime }: BoardContext, board: Board): Promise<CommandResult> {
  if (!board.online) return Promise.resolve('offline');
  if (board.opening !== undefined) return Promise.resolve('refused');
  return new Promise((resolve) => {
    const settle = (result: CommandResult): void => {
      board.opening = undefined;
      resolve(result);
    };
    board.opening = { settle, at: uptime() };
    if (!tell(board, { cmd: 'opendoor' })) settle('offline');
  });
}

/** Opens the link. Rejects when the port cannot be opened. */
export async function openBoardLink(options: BoardLinkOptions): Promise<BoardLink> {
  const { side, now, uptime, log, knows, at, users } = options;
  const limit = (burst: number) => createLimiter(burst, MINUTE_MS, uptime);
  const context: BoardContext = { side, now, uptime, log, knows, told: limit(1), changes: limit(10), lines: limit(MOST_LINES), refusals: new Map() };
  const boards = createBoards(context, options.registry);
  const broker = at === undefined ? undefined : await openBoardBroker(brokerOptions(options, at, context, boards));

  function sweep(): void {
    for (const board of boards.all()) {
      if (board.record.retired) {
        putOut(context, board);
        continue;
      }
      watchSilence(context, board);
      if (board.opening !== undefined && uptime() - board.opening.at > OPEN_MS) board.opening.settle('expired');
      if (broker !== undefined && (board.source === '' ? uptime() - board.madeAt > 1000 : uptime() - board.madeAt > RENEW_MS)) void renew(context, board, users);
      if (board.people !== undefined && inLockdown(context, board) !== board.locked) handUsers(context, board);
      board.users.tick();
      announce(context, board);
    }
  }
  const sweeping = setInterval(sweep, options.sweepMs ?? SWEEP_MS);

  return {
    port: broker?.port ?? 0,
    async command(doorId: DoorId, { what }: DoorCommand) {
      const board = boards.all().find(({ record }) => record.doorId === doorId && !record.retired);
      if (board === undefined) return 'offline';
      // It knows no other order.
      return what === 'unlock' ? open(context, board) : 'refused';
    },
    refreshLists(controllerIds) {
      const wanted = new Set(controllerIds);
      if (broker !== undefined) for (const board of boards.all()) if (wanted.has(board.record.controllerId) && !board.record.retired) void renew(context, board, users);
    },
    states: () => boards.all().flatMap((board) => (board.record.retired ? [] : (boardState(board) ?? []))),
    numbers() {
      const standing = boards.all().filter(({ record }) => !record.retired);
      const online = standing.filter((board) => board.online).length;
      const wrongList = standing.filter(({ want, have }) => want !== have).length;
      return { online, offline: standing.length - online, wrongList, refused: context.refusals };
    },
    async close() {
      clearInterval(sweeping);
      await broker?.close();
      for (const board of boards.all()) board.opening?.settle('expired');
    },
  };
}
