import { readFileSync, rmSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import path from 'node:path';
import type { Config } from '../config.ts';
import { replaceFile } from '../store/durable-file.ts';

/** DATA/run.json: how the command line of this computer finds the running gateway, and proves that it may read DATA. */
export interface RunFile {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
  /** Where controllers connect; 0: any free port. */
  readonly mqttPort: number;
  /** Where those on the network do, with TLS; absent: nowhere. */
  readonly mqttsPort?: number;
}

const fileOf = (config: Config): string => path.join(config.data, 'run.json');
const ANY: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** Address of the gateway as seen from this computer. */
export function localUrl(config: Config, port: number): string {
  const host = ANY[config.host] ?? config.host;
  return `${config.tls === undefined ? 'http' : 'https'}://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

/** Mode 0600: only the user who runs the gateway is the local operator. */
export const writeRunFile = (config: Config, run: RunFile): void => replaceFile(fileOf(config), Buffer.from(`${JSON.stringify(run)}\n`));

/** Removes the file at a clean stop, when it is still ours. */
export function removeRunFile(config: Config, token: string): void {
  try {
    if (readFileSync(fileOf(config), 'utf8').includes(token)) rmSync(fileOf(config));
  } catch {
    // Gone already: nothing to remove.
  }
}
