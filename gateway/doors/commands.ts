import type { Message } from '../wire/mqtt/messages.ts';
import type { Device, LinkContext } from './device.ts';
import type { CommandResult, DoorCommand } from './link.ts';

/** How long a device may still carry out a command, ms of its own running time. */
export const COMMAND_MS = 5000;
/** An answer may take this much longer to come back, ms. */
const ANSWER_MS = 500;
/** Commands of one device under way. */
const MAX_COMMANDS = 16;

/**
 * Sends `cmd` and waits for its answer. 'offline' at once when the device is not there or has said nothing in
 * this boot: without its running time there is no end to give the command. Sent once, never queued.
 */
export function sendCommand(context: LinkContext, device: Device, door: number, command: DoorCommand): Promise<CommandResult> {
  const running = device.clock.runningAt(context.uptime());
  if (!device.online || device.connection === undefined || running === undefined) return Promise.resolve('offline');
  if (device.commands.size >= MAX_COMMANDS) return Promise.resolve('refused');
  const openMs = command.openMs === 0 && command.what === 'unlock' ? (device.record.doors.get(door)?.openMs ?? 0) : command.openMs;
  const id = context.random(8).toString('hex');
  return new Promise((resolve) => {
    const settle = (result: CommandResult): void => {
      clearTimeout(timer);
      device.commands.delete(id);
      resolve(result);
    };
    const timer = setTimeout(() => settle('expired'), COMMAND_MS + ANSWER_MS);
    device.commands.set(id, settle);
    context.send(device, 'cmd', { v: 1, id, d: door, a: command.what, o: openMs, b: device.boot, x: running + COMMAND_MS });
  });
}

/** `cmd/ack`. An answer nobody waits for any more is only logged. */
export function onCommandAck(context: LinkContext, device: Device, { id, st }: Message<'cmd/ack'>): void {
  const settle = device.commands.get(id);
  if (settle === undefined) context.log.info({ device: device.id, id, st }, 'an answer to no open command');
  else settle(st);
}
