import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The project's directory, from the sources or from dist/. */
function projectRoot(): string {
  let dir = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(dir, 'package.json'))) dir = path.dirname(dir);
  return dir;
}

const ROOT = projectRoot();
const START_MS = 60_000;

/** A running gateway of its own, from dist/. */
export interface GatewayProcess {
  readonly url: string;
  readonly token: string;
  readonly data: string;
  readonly pid: number;
  /** Everything it printed. */
  output(): string;
  /** What of it went to stderr: log lines and alarms. */
  errors(): string;
  kill(signal: NodeJS.Signals): Promise<number | null>;
  /** `npm run sim -- tap …` against its simulated doors. */
  tap(door: string, card: string): Promise<{ granted: boolean; reason: string; openMs: number; ms: number; entry?: number }>;
  /** A request to its API as the local operator. */
  api<T>(path: string, init?: RequestInit): Promise<T>;
}

export interface GatewayOptions {
  readonly data: string;
  readonly demo?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** A TCP port nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const environment = ({ data, demo = false, env = {} }: GatewayOptions): NodeJS.ProcessEnv => {
  const { DOORBOOK_DATA: _data, DOORBOOK_DEMO: _demo, ...rest } = process.env;
  return { ...rest, PORT: '0', MQTT_PORT: '0', ...(demo ? {} : { MQTTS_PORT: '0' }), [demo ? 'DOORBOOK_DEMO' : 'DOORBOOK_DATA']: data, ...env };
};

interface Spawned {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  output(): string;
  errors(): string;
}

/** Starts the gateway's program and collects what it prints. */
export function spawnGateway(options: GatewayOptions): Spawned {
  const child = spawn(process.execPath, [path.join(ROOT, 'dist/gateway/main.js')], { env: environment(options), stdio: ['ignore', 'pipe', 'pipe'] });
  const [chunks, errors]: [string[], string[]] = [[], []];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk.toString('utf8')));
  child.stderr?.on('data', (chunk: Buffer) => [chunks, errors].forEach((kept) => void kept.push(chunk.toString('utf8'))));
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return { child, output: () => chunks.join(''), errors: () => errors.join(''), ended };
}

async function healthy(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/healthz`)).status === 200;
  } catch {
    return false;
  }
}

/** Starts a gateway and waits until it is healthy. Rejects with what it printed when it ends first. */
export async function startGateway(options: GatewayOptions): Promise<GatewayProcess> {
  const { child, output, errors, ended } = spawnGateway(options);
  const runFile = path.join(options.data, 'run.json');
  const until = Date.now() + START_MS;
  let run: { url: string; token: string; pid: number } | undefined;
  while (run === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 25));
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > until) {
      child.kill('SIGKILL');
      throw new Error(`the gateway did not start:\n${output()}`);
    }
    try {
      const found = JSON.parse(readFileSync(runFile, 'utf8'));
      if (found.pid === child.pid && (await healthy(found.url))) run = found;
    } catch {
      // Not written yet.
    }
  }
  const { url, token } = run;
  return {
    url,
    token,
    data: options.data,
    pid: child.pid ?? 0,
    output,
    errors,
    async kill(signal) {
      child.kill(signal);
      return ended;
    },
    async tap(door, card) {
      const { stdout } = await promisify(execFile)(process.execPath, [path.join(ROOT, 'dist/firmware-sim/cli.js'), 'tap', door, card], {
        env: { ...process.env, DOORBOOK_DATA: options.data },
      });
      return JSON.parse(stdout);
    },
    async api<T>(where: string, init: RequestInit = {}): Promise<T> {
      const response = await fetch(`${url}/api/v1${where}`, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } });
      const text = await response.text();
      if (!response.ok) throw new Error(`${where}: ${response.status} ${text}`);
      return JSON.parse(text);
    },
  };
}
