import type { ControllerId, DoorId } from '../core/ids.ts';
import { type Broker, type BrokerOptions, openBroker, type SecurePort } from './broker.ts';
import { type CheckpointSource, offerCheckpoints } from './checkpoints.ts';
import { sendCommand } from './commands.ts';
import { type ContextParts, createContext, type FullContext } from './context.ts';
import { doorStates, keysOf } from './device.ts';
import { createFleet, type Fleet } from './fleet.ts';
import type { GuardLimits } from './guard.ts';
import { createLimiter } from './limiter.ts';
import { type LinkNumbers, linkNumbers } from './link-numbers.ts';
import type { CommandResult, DoorCommand, DoorLink } from './link.ts';
import { type ListSource, offerNewList, remindOfList } from './lists.ts';
import { heard, join, leave, watchSilence } from './presence.ts';
import { createNewcomers, type TradeCodes } from './newcomers.ts';
import { receive } from './receive.ts';
import type { DeviceRegistry } from './registry.ts';
import { inTurns } from './turns.ts';

/** What the MQTT link is made of. */
export interface MqttLinkOptions extends ContextParts {
  /** 0: the system chooses. */
  readonly port: number;
  /** A loopback address: plain MQTT is never offered to a network. */
  readonly host: string;
  readonly registry: DeviceRegistry;
  /** Absent: no access lists are offered. */
  readonly lists?: ListSource | undefined;
  /** Absent: no checkpoints of the log are handed out. */
  readonly checkpoints?: CheckpointSource | undefined;
  /** Absent: nobody is enrolled here. `refused`: a code was not taken; `enrolled`: one was. */
  readonly enrolment?: { readonly trade: TradeCodes; readonly refused: (why: string) => void; readonly enrolled: () => void } | undefined;
  /** Other than the usual limits, for tests. */
  readonly limits?: Partial<GuardLimits> | undefined;
}

/** The link to native controllers (design.md 6.1). */
export interface MqttLink extends DoorLink {
  readonly port: number;
  /** Opens a port with TLS for controllers on the network; resolves to its number. Rejects when it cannot be opened. */
  listen(secure: SecurePort): Promise<number>;
  /** Connections that have not logged in. */
  halfOpen(): number;
  /** Counts for `/metrics`. */
  numbers(): LinkNumbers;
  /** Rows of these controllers' lists may have changed: makes them anew and offers what differs. */
  refreshLists(controllerIds: Iterable<ControllerId>): void;
}

const MINUTE_MS = 60_000;
const SWEEP_MS = 1000;
/** Lists offered in one turn to devices that came back. */
const LATER_A_TURN = 4;
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);

/** Answers newcomers; what is turned away is an entry, one a minute for each word, and a line. */
function newcomersOf({ enrolment, side, signer }: MqttLinkOptions, context: FullContext): BrokerOptions['newcomer'] {
  if (enrolment === undefined) return undefined;
  const told = createLimiter(1, MINUTE_MS, context.uptime);
  return createNewcomers({
    trade: enrolment.trade,
    uptime: context.uptime,
    random: context.random,
    listKey: signer.publicKey,
    enrolled: enrolment.enrolled,
    malformed: (detail) => context.strangerRefused('enrol-ask', detail),
    refused(controllerId, why) {
      enrolment.refused(why);
      context.log.warn({ controllerId, why }, `enrolment refused: ${why}`);
      if (!told.allow(`${controllerId} ${why}`)) return;
      side.link({ controllerId, what: 'refused', why, key: undefined }).catch((error: unknown) => context.log.error({ why, error: String(error) }, 'a link entry was not stored'));
    },
  });
}

/** What the broker calls, carried out on the fleet. */
function brokerOptions(options: MqttLinkOptions, context: FullContext, fleet: Fleet): BrokerOptions {
  const later = inTurns(LATER_A_TURN, (error) => context.log.error({ error: String(error) }, 'a list was not offered'));
  const receiver = { context, fleet, lists: options.lists, checkpoints: options.checkpoints, later };
  return {
    host: options.host,
    port: options.port,
    limits: options.limits,
    failures: createLimiter(10, 60_000, context.uptime),
    login(deviceId) {
      const device = fleet.device(deviceId);
      return device && { site: device.record.site, password: keysOf(device).password };
    },
    newcomer: newcomersOf(options, context),
    message: (connection, tail, payload) => receive(receiver, { connection, tail, payload }),
    joined(connection) {
      const device = fleet.device(connection.deviceId);
      if (device === undefined) connection.drop();
      else join(context, device, connection);
    },
    left(connection) {
      const device = fleet.remembered(connection.deviceId);
      if (device !== undefined) leave(context, device, connection);
    },
    heard(connection) {
      const device = fleet.remembered(connection.deviceId);
      if (device?.connection === connection) heard(context, device);
    },
    refused(deviceId, why) {
      const device = fleet.remembered(deviceId);
      if (device === undefined) context.strangerRefused(why);
      else context.refuse(device, why);
    },
  };
}

/** Puts out who was retired, and finds who fell silent. */
function sweep(context: FullContext, fleet: Fleet): void {
  for (const device of fleet.all()) {
    if (device.connection !== undefined && fleet.device(device.id) === undefined) device.connection.drop();
    watchSilence(context, device);
    remindOfList(context, device);
  }
}

/** Opens the link and its broker. Rejects when the port cannot be opened or the host is not loopback. */
export async function openMqttLink(options: MqttLinkOptions): Promise<MqttLink> {
  if (!LOOPBACK.has(options.host)) throw new RangeError(`MQTT host: expected a loopback address (127.0.0.1, ::1, localhost), got ${options.host}`);
  const { registry, lists, checkpoints } = options;
  const context = createContext(options);
  const fleet = createFleet(registry, context.now);
  const broker: Broker = await openBroker(brokerOptions(options, context, fleet));
  const sweeping = setInterval(() => {
    sweep(context, fleet);
    if (checkpoints !== undefined) offerCheckpoints(context, fleet, checkpoints);
  }, SWEEP_MS);

  async function command(doorId: DoorId, given: DoorCommand): Promise<CommandResult> {
    for (const { deviceId, doors } of registry.all()) {
      for (const [number, door] of doors) {
        const device = door.doorId === doorId ? fleet.device(deviceId) : undefined;
        if (device !== undefined) return sendCommand(context, device, number, given);
      }
    }
    return 'offline';
  }

  function refreshLists(controllerIds: Iterable<ControllerId>): void {
    const wanted = new Set(controllerIds);
    for (const { id } of fleet.all()) {
      // Asked for by name, so that it has the register's newest record: open times are in it.
      const device = fleet.device(id);
      if (lists !== undefined && device?.greeted === true && wanted.has(device.record.controllerId)) void offerNewList(context, device, lists);
    }
  }

  return {
    port: broker.port,
    listen: broker.listen,
    halfOpen: broker.halfOpen,
    numbers: () => linkNumbers(registry, fleet, { halfOpen: broker.halfOpen(), refused: context.refusals }),
    command,
    refreshLists,
    states: () =>
      [...registry.all()].flatMap(({ deviceId }) => {
        const device = fleet.device(deviceId);
        return device === undefined ? [] : doorStates(device);
      }),
    async close() {
      clearInterval(sweeping);
      await broker.close();
      for (const device of fleet.all()) for (const settle of [...device.commands.values()]) settle('expired');
    },
  };
}
