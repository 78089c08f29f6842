import type { AccessIndex } from './core/access-index.ts';
import { BuildingId, type ControllerId, type DoorId } from './core/ids.ts';
import type { BoardRecord, BoardRegistry } from './doors/esp-rfid/registry.ts';
import type { DeviceRecord, DeviceRegistry } from './doors/registry.ts';
import type { LineRecord, LineRegistry } from './doors/serial/registry.ts';
import { applyChange, type Change, type IndexSource } from './store/index-source.ts';
import type { LineRow } from './store/serial-lines.ts';
import type { Vault } from './store/vault.ts';
import { isCardForm } from './wire/esp-rfid/cards.ts';

/** Changes taken in one turn of the event loop, so that a tap never waits for an import. */
const CHANGES_A_TURN = 100;
const POLL_MS = 250;
const NOWHERE = BuildingId(0);

export interface IndexFeedParts {
  readonly source: IndexSource;
  readonly index: AccessIndex;
  readonly vault: Vault;
  /** Controllers whose access list may have changed. */
  readonly onLists: (controllerIds: Iterable<ControllerId>) => void;
  /** A change could not be read. Unless this ends the process, the next turn tries again. */
  readonly onFailure: (error: unknown) => void;
}

/** Keeps the access index and the device registry as the register is. */
export interface IndexFeed {
  readonly registry: DeviceRegistry;
  /** esp-rfid boards, which are no devices of the registry. */
  readonly boards: BoardRegistry;
  /** Serial lines, whose controller is the gateway itself. */
  readonly lines: LineRegistry;
  /** Number of the last change taken. */
  readonly n: number;
  /** First door of a controller, 0 when it has none. */
  doorOf(controllerId: ControllerId | 0): DoorId | 0;
  /** A hint that the change table grew. */
  pull(): void;
  close(): void;
}

/** All controllers of a kind, by device id, as one immutable picture. */
interface Fitted {
  readonly devices: ReadonlyMap<string, DeviceRecord>;
  readonly boards: ReadonlyMap<string, BoardRecord>;
  readonly lines: readonly LineRecord[];
  /** Doors of each controller, of whatever kind. */
  readonly doors: ReadonlyMap<ControllerId, readonly DoorId[]>;
}

/** A line with its keys, in memory only. */
const lineOf = ({ devices, ...line }: LineRow, vault: Vault): LineRecord => ({
  ...line,
  devices: devices.map(({ keySealed, nextKeySealed, ...device }) => ({
    ...device,
    key: keySealed === null ? undefined : vault.openBytes('line.key', keySealed),
    nextKey: nextKeySealed === null ? undefined : vault.openBytes('line.key', nextKeySealed),
  })),
});

function fittedOf({ source, vault }: IndexFeedParts): Fitted {
  const devices = new Map<string, DeviceRecord>();
  const boards = new Map<string, BoardRecord>();
  const { controllers: all, lines: rows } = source.fitted();
  const lines = rows.map((row) => lineOf(row, vault));
  const serial = new Set(lines.map(({ controllerId }) => controllerId));
  for (const { id: controllerId, deviceId, site, secretSealed, retired, boardCards, doors, schedules } of all) {
    if (serial.has(controllerId)) continue;
    const secret = vault.openBytes('controller.secret', secretSealed);
    if (isCardForm(boardCards))
      boards.set(deviceId, { deviceId, controllerId, secret, doorId: doors[0]?.doorId, cards: boardCards, lockdownUntil: doors[0]?.lockdownUntil ?? 0, retired });
    else devices.set(deviceId, { deviceId, controllerId, site, retired, secret, doors: new Map(doors.map(({ number, ...door }) => [number, door])), schedules });
  }
  return { devices, boards, lines, doors: new Map(all.map(({ id, doors }) => [id, doors.map(({ doorId }) => doorId)])) };
}

/** Loads the index, then follows the change table by number: on a hint at once, else every 250 ms. */
export function startIndexFeed(parts: IndexFeedParts): IndexFeed {
  const { source, index } = parts;
  let n = source.load(index);
  let fitted = fittedOf(parts);
  let pulling = false;

  const standsIn = (buildings: ReadonlySet<BuildingId>, doors: readonly DoorId[]): boolean =>
    doors.some((doorId) => buildings.has(index.facts(doorId, undefined).door?.buildingId ?? NOWHERE));

  function take(changes: readonly Change[]): void {
    const places = changes.some(({ entity }) => entity === 'controller' || entity === 'door' || entity === 'schedule');
    const before = changes.flatMap((change) => index.buildingsOf(change.entity, change.id));
    for (const change of changes) applyChange(index, change);
    if (places) fitted = fittedOf(parts);
    const buildings = new Set([...before, ...changes.flatMap((change) => index.buildingsOf(change.entity, change.id))]);
    // Time alone moved a tenancy's beginning or end (row 0), or a door itself changed: look at every list.
    const everywhere = places || changes.some(({ entity, id }) => entity === 'building' || (entity === 'tenancy' && id === 0));
    parts.onLists([...fitted.doors].flatMap(([controllerId, doors]) => (everywhere || standsIn(buildings, doors) ? [controllerId] : [])));
  }

  function turn(): void {
    try {
      const { changes, more, gap, n: upTo } = source.changesSince(n, CHANGES_A_TURN);
      if (gap) throw new Error('The change table no longer reaches back to what the access index has. Start the gateway again.');
      // Counted only once it is taken: what fails halfway is taken again, which changes nothing.
      if (changes.length > 0) take(changes);
      n = upTo;
      pulling = more;
      if (more) setImmediate(turn);
    } catch (error) {
      pulling = false;
      parts.onFailure(error);
    }
  }

  function pull(): void {
    if (pulling) return;
    pulling = true;
    turn();
  }

  /** A register that cannot be read just now is looked at again next time. */
  function isBehind(): boolean {
    try {
      return source.lastN() !== n;
    } catch (error) {
      parts.onFailure(error);
      return false;
    }
  }

  const poll = setInterval(() => {
    if (isBehind()) pull();
  }, POLL_MS);

  return {
    registry: { device: (id) => fitted.devices.get(id), all: () => fitted.devices.values() },
    boards: { board: (id) => fitted.boards.get(id), all: () => fitted.boards.values() },
    lines: { all: () => fitted.lines },
    get n() {
      return n;
    },
    doorOf: (controllerId) => (controllerId === 0 ? 0 : (fitted.doors.get(controllerId)?.[0] ?? 0)),
    pull,
    close: () => clearInterval(poll),
  };
}
