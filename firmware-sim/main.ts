import { fstatSync } from 'node:fs';
import { readFleetFile } from './fleet-file.ts';
import { startFleet } from './fleet.ts';
import { bytesByParent } from './osdp/bytes-by-parent.ts';
import { listenOn } from './socket.ts';

/** Calls back when the process that started this one is gone: its message channel closes, or the pipe to our input ends. */
function whenParentGoes(gone: () => void): void {
  if (process.channel !== undefined) {
    process.on('disconnect', gone);
    process.channel.unref();
    return;
  }
  const input = fstatSync(0);
  if (!input.isFIFO() && !input.isSocket()) return;
  process.stdin.on('end', gone).on('close', gone).resume();
}

/** Runs the simulated doors of one fleet file until the parent goes or a signal comes. */
async function main(file: string | undefined): Promise<void> {
  if (file === undefined) throw new Error('usage: main.js FLEET_FILE');
  const settings = readFleetFile(file);
  const fleet = startFleet(settings, bytesByParent);
  const server = await listenOn(settings.socket, fleet);
  const stop = (): void => {
    fleet.stop();
    server.close();
    process.exit(0);
  };
  whenParentGoes(stop);
  process.on('SIGTERM', stop).on('SIGINT', stop);
  process.stdout.write(`${JSON.stringify({ ready: true, devices: fleet.devices, socket: settings.socket })}\n`);
  process.send?.({ t: 'ready', devices: fleet.devices });
}

main(process.argv[2]).catch((error: unknown) => {
  process.stderr.write(`firmware-sim: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
