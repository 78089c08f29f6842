import { FieldError } from '../wire/fields.ts';
import { decode } from '../wire/mqtt/messages.ts';
import { open } from '../wire/mqtt/seal.ts';
import { deviceTopic, type UpTail } from '../wire/mqtt/topics.ts';
import type { Connection } from './broker.ts';
import { type CheckpointSource, onLogHave } from './checkpoints.ts';
import { onCommandAck } from './commands.ts';
import { type Device, keysOf, type LinkContext } from './device.ts';
import { onEvent } from './events.ts';
import type { Fleet } from './fleet.ts';
import { type ListSource, offerNewList, offerOnReturn, onListGet, onListHave } from './lists.ts';
import { heard, observeBoot, onState } from './presence.ts';
import { onRequest } from './requests.ts';

/** One message as the broker hands it over, still sealed. */
export interface Sealed {
  readonly connection: Connection;
  readonly tail: UpTail;
  readonly payload: Buffer;
}

/** What receiving needs. */
export interface Receiver {
  readonly context: LinkContext;
  readonly fleet: Fleet;
  readonly lists: ListSource | undefined;
  readonly checkpoints: CheckpointSource | undefined;
  /** For what may wait until others were let in. */
  readonly later: (work: () => void) => void;
}

function greet({ context, lists, later }: Receiver, device: Device, body: Uint8Array): void {
  if (!onState(context, device, decode('state', body))) return;
  const { connection } = device;
  later(() => {
    if (device.connection !== connection) return;
    offerOnReturn(context, device);
    if (lists !== undefined) void offerNewList(context, device, lists);
  });
}

/** First minor version of the protocol with keypads. */
const KEYPAD_MINOR = 2;
const ALL_DOORS = 0xff;

function describe(context: LinkContext, device: Device, body: Uint8Array): void {
  const info = decode('info', body);
  if (!observeBoot(context, device, info)) return;
  device.minor = info.minor;
  // Told to the desk with what it says next, its list: a street that comes back says all of this at once.
  device.keypads = info.minor < KEYPAD_MINOR ? 0 : (info.keys ?? ALL_DOORS);
  context.log.info({ device: device.id, model: info.model, firmware: info.fw, doors: info.doors }, 'controller described itself');
}

/** Takes an unsealed message to its handler. Throws FieldError. */
function dispatch(receiver: Receiver, device: Device, tail: UpTail, body: Uint8Array): Promise<void> | void {
  const { context } = receiver;
  switch (tail) {
    case 'req':
      return onRequest(context, device, decode(tail, body));
    case 'evt':
      return onEvent(context, device, decode(tail, body));
    case 'state':
      return greet(receiver, device, body);
    case 'info':
      return describe(context, device, body);
    case 'cmd/ack':
      return onCommandAck(context, device, decode(tail, body));
    case 'acl/get':
      return onListGet(context, device, decode(tail, body));
    case 'acl/have':
      return onListHave(context, device, decode(tail, body));
    case 'log/have':
      return receiver.checkpoints && onLogHave(context, device, receiver.checkpoints, decode(tail, body));
    case 'time/ask':
      context.send(device, 'time', { v: 1, no: decode(tail, body).no, t: context.now() });
      return undefined;
  }
}

/**
 * Opens, checks and handles one message. Everything up to the handler's first await runs in the same turn as
 * the unsealing. Resolves when the message is dealt with (a request: decided and durable); what is wrong with
 * it is told and forgotten, and never ends the connection.
 */
export async function receive(receiver: Receiver, { connection, tail, payload }: Sealed): Promise<void> {
  const { context, fleet } = receiver;
  const device = fleet.device(connection.deviceId);
  // Wills and stragglers of a replaced connection say nothing about the present one.
  if (device === undefined || device.connection !== connection) return connection.drop();
  const body = open(keysOf(device).up, deviceTopic(connection.site, device.id, tail), payload);
  if (body === undefined) return context.refuse(device, 'unsealed', tail);
  heard(context, device);
  try {
    await dispatch(receiver, device, tail, body);
  } catch (error) {
    if (error instanceof FieldError) context.refuse(device, 'malformed', `${tail}: ${error.message}`);
    else context.log.error({ device: device.id, tail, error: String(error) }, 'a message was not handled');
  }
}
