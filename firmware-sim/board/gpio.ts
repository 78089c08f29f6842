import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { GpioPoint } from './board-file.ts';

/** A contact that bounces is believed when it has been still for so long, ms. */
const SETTLE_MS = 30;
/** A tool that ended by itself is started again after this, ms. */
const AGAIN_MS = 1000;
const run = promisify(execFile);

/** The pins of a board, by the tools of Debian's package gpiod. */
export interface Gpio {
  /** On for so long; the tool itself counts the time, so that the lock closes whatever becomes of us. */
  pulse(point: GpioPoint, ms: number): void;
  /** On until told otherwise, or until this process is gone. */
  hold(point: GpioPoint): void;
  off(point: GpioPoint): void;
  /** Tells what a pin shows now, and every change; undefined: it cannot be read. */
  watch(point: GpioPoint, heard: (active: boolean | undefined) => void): void;
  stop(): void;
}

/** How a tool is called. Version 2 (Debian 13) takes its words otherwise than 1 (Debian 12). */
interface Words {
  pulse(point: GpioPoint, ms: number): string[];
  hold(point: GpioPoint): string[];
  get(point: GpioPoint): string[];
  monitor(point: GpioPoint): string[];
  /** What a monitor prints for a rising edge. */
  readonly rising: string;
}

const low = ({ activeLow }: GpioPoint): string[] => (activeLow === true ? ['--active-low'] : []);
const ONE: Words = {
  pulse: (p, ms) => [...low(p), '--mode=time', `--sec=${Math.floor(ms / 1000)}`, `--usec=${(ms % 1000) * 1000}`, p.chip, `${p.line}=1`],
  hold: (p) => [...low(p), '--mode=signal', p.chip, `${p.line}=1`],
  get: (p) => [...low(p), '--bias=pull-up', p.chip, String(p.line)],
  monitor: (p) => [...low(p), '--bias=pull-up', '--line-buffered', '--format=%e', p.chip, String(p.line)],
  rising: '1',
};
const TWO: Words = {
  pulse: (p, ms) => [...low(p), '--chip', p.chip, '--toggle', `${ms}ms,0`, `${p.line}=1`],
  hold: (p) => [...low(p), '--chip', p.chip, `${p.line}=1`],
  get: (p) => [...low(p), '--bias', 'pull-up', '--numeric', '--chip', p.chip, String(p.line)],
  monitor: (p) => [...low(p), '--bias', 'pull-up', '--format', '%e', '--chip', p.chip, String(p.line)],
  rising: '1',
};
/** Ends its tool when our end of the pipe is closed, as it is when we die, however we die. */
const TETHERED = '"$@" </dev/null & child=$!; trap "kill $child; exit" TERM; read -r end; kill $child; wait $child';

async function wordsOfTools(): Promise<Words> {
  const { stdout } = await run('gpioset', ['--version']).catch(() => {
    throw new Error('没有 gpioset，安装 gpiod。 There is no gpioset: apt-get install gpiod.');
  });
  return / v?2\./.test(stdout) ? TWO : ONE;
}

/** A tool on a tether is ended by it: to kill what holds the tether would leave the tool, and the door open. */
function letGo(child: ChildProcess): void {
  child.stdin?.end();
  if (child.spawnfile !== 'sh') child.kill();
}

const keyOf = ({ chip, line }: GpioPoint): string => `${chip}/${line}`;

/** The pins of this board. `say`: a line for whoever runs it. Rejects with a sentence when the tools are not there. */
export async function openGpio(say: (line: string) => void): Promise<Gpio> {
  const words = await wordsOfTools();
  const driving = new Map<string, ChildProcess>();
  const watching = new Set<ChildProcess>();
  let stopped = false;
  const release = (point: GpioPoint): void => {
    const child = driving.get(keyOf(point));
    driving.delete(keyOf(point));
    if (child !== undefined) letGo(child);
  };
  const drive = (point: GpioPoint, program: string, args: readonly string[]): void => {
    const before = driving.get(keyOf(point));
    release(point);
    const start = (): void => {
      const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'pipe'] });
      driving.set(keyOf(point), child);
      child.on('error', (error) => say(`${keyOf(point)}: ${error.message}`));
      child.stderr.on('data', (text: Buffer) => say(`${keyOf(point)}: ${String(text).trim()}`));
      child.on('exit', () => driving.get(keyOf(point)) === child && driving.delete(keyOf(point)));
    };
    // One pin has one user: the last one must have let go of it.
    if (before === undefined || before.exitCode !== null || before.signalCode !== null) start();
    else before.once('exit', start);
  };
  const monitor = (point: GpioPoint, heard: (active: boolean | undefined) => void): void => {
    let settle: NodeJS.Timeout | undefined;
    const child = spawn('gpiomon', words.monitor(point), { stdio: ['ignore', 'pipe', 'pipe'] });
    watching.add(child);
    child.on('error', (error) => say(`${keyOf(point)}: ${error.message}`));
    child.stderr.on('data', (text: Buffer) => say(`${keyOf(point)}: ${String(text).trim()}`));
    createInterface({ input: child.stdout }).on('line', (line) => {
      clearTimeout(settle);
      settle = setTimeout(() => heard(line.trim() === words.rising), SETTLE_MS);
    });
    child.on('close', () => {
      watching.delete(child);
      clearTimeout(settle);
      if (stopped) return;
      heard(undefined);
      setTimeout(() => watch(point, heard), AGAIN_MS);
    });
  };
  const watch: Gpio['watch'] = (point, heard) => {
    if (stopped) return;
    run('gpioget', words.get(point))
      .then(({ stdout }) => heard(stdout.trim() === '1'))
      .catch((error: unknown) => say(`${keyOf(point)}: ${error instanceof Error ? error.message : String(error)}`))
      .finally(() => {
        if (!stopped) monitor(point, heard);
      });
  };
  return {
    pulse: (point, ms) => drive(point, 'gpioset', words.pulse(point, Math.round(ms))),
    hold: (point) => drive(point, 'sh', ['-c', TETHERED, 'sh', 'gpioset', ...words.hold(point)]),
    off: release,
    watch,
    stop() {
      stopped = true;
      for (const child of [...driving.values(), ...watching]) letGo(child);
    },
  };
}
