import { type ChildProcess, fork } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FleetFile } from '../../firmware-sim/fleet-file.ts';
import { ownDoorKey } from '../../gateway/store/door-ca.ts';
import { pinOf } from '../../gateway/wire/mqtt/enrol.ts';
import { freePort, type GatewayProcess, startGateway } from '../helpers/gateway-process.ts';
import { COLLECTING } from './process-facts.ts';

/** Where a server takes controllers. */
export interface Served {
  readonly pid: number;
  readonly plain: FleetFile['mqtt'];
  readonly secure: FleetFile['mqtt'];
  stop(): Promise<unknown>;
}

const HOST = '127.0.0.1';

/** The pin controllers of this data directory keep. Makes the key when there is none. */
export const doorPin = (data: string): string => pinOf(createPublicKey(ownDoorKey(join(data, 'keys'))));

/** The whole gateway as a process. */
export async function startOurs(data: string): Promise<Served & { readonly gateway: GatewayProcess }> {
  const [plain, secure, pin] = [await freePort(), await freePort(), doorPin(data)];
  const gateway = await startGateway({ data, env: { MQTT_PORT: String(plain), MQTTS_PORT: String(secure), ...COLLECTING } });
  return {
    gateway,
    pid: gateway.pid,
    plain: { host: HOST, port: plain, pin: undefined },
    secure: { host: HOST, port: secure, pin },
    stop: () => gateway.kill('SIGTERM'),
  };
}

const ended = (child: ChildProcess): Promise<unknown> => new Promise((resolve) => child.once('exit', resolve));

/** Aedes with nothing behind it, as a process. */
export async function startBare(): Promise<Served> {
  const child = fork(fileURLToPath(new URL('./echo.js', import.meta.url)), { env: { ...process.env, ...COLLECTING } });
  const { port, secure } = await new Promise<{ port: number; secure: { port: number; pin: string } }>((resolve) => child.once('message', resolve));
  return {
    pid: child.pid ?? 0,
    plain: { host: HOST, port, pin: undefined },
    secure: { host: HOST, ...secure },
    stop() {
      child.kill();
      return ended(child);
    },
  };
}
