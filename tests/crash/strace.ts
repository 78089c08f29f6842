import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';

const STRACE = '/usr/bin/strace';
/** Calls that change what is on a disk, and those that make it stay. */
const FILE_CALLS = 'openat,write,pwrite64,ftruncate,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,lseek';
/** Longer writes are cut short in the recording; only the reserve of 16 MB makes one. */
const LONGEST_WRITE = 1 << 20;

let known: string | undefined | false = false;

/** Why system calls cannot be traced on this machine; undefined when they can. */
export function noStrace(): string | undefined {
  if (known !== false) return known;
  known = undefined;
  if (!existsSync(STRACE)) known = 'strace is not installed; as root: apt-get install strace';
  else {
    try {
      execFileSync(STRACE, ['-qq', '-e', 'trace=none', '/bin/true'], { cwd: tmpdir(), stdio: 'pipe' });
    } catch (error) {
      known = `this machine does not let a process be traced: ${String(error)}`;
    }
  }
  return known;
}

/** Runs a program and writes down everything it does to files. Resolves with its exit code when it has ended. */
export async function recorded(trace: string, program: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<number | null> {
  const how = ['-f', '-qq', '--seccomp-bpf', '-xx', '-s', String(LONGEST_WRITE), '-e', `trace=${FILE_CALLS}`, '-e', 'signal=none', '-o', trace];
  const child = spawn(STRACE, [...how, process.execPath, ...program], { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, ...env } });
  return new Promise((resolve) => child.once('close', resolve));
}

/** A rule of `strace -e inject`: which calls fail, with what, and from which count on in each thread. */
export interface Injection {
  readonly calls: string;
  readonly error: 'EIO' | 'ENOSPC';
  /** As strace writes it: `5` the fifth only, `5+` from the fifth on. */
  readonly when: string;
}

/** A fault in force. */
export interface Fault {
  /** Lets the process go on unharmed; the files of the calls that had failed, once for each. */
  stop(): Promise<readonly string[]>;
}

/** Makes calls of a running process fail until `stop`. Resolves when it is in force; counting begins then, in each thread. `notes`: a file for strace's own use. */
export async function inject(pid: number, { calls, error, when }: Injection, notes: string): Promise<Fault> {
  const rule = ['-e', `trace=${calls}`, '-e', `inject=${calls}:error=${error}:when=${when}`, '-e', 'signal=none', '-s', '0', '-y'];
  const child = spawn(STRACE, ['-f', ...rule, '-o', notes, '-p', String(pid)], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await attached(child, pid);
  return {
    async stop() {
      // An interrupted strace lets go of the process and leaves it running.
      child.kill('SIGINT');
      await ended;
      const lines = existsSync(notes) ? readFileSync(notes, 'latin1').split('\n') : [];
      return lines.filter((line) => line.endsWith('(INJECTED)')).map((line) => /<([^>]*)>/.exec(line)?.[1] ?? '');
    },
  };
}

function attached(child: ChildProcess, pid: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (part: Buffer) => {
      said += part.toString();
      if (said.includes(`Process ${pid} attached`)) resolve();
    });
    child.once('close', (code) => reject(new Error(`strace ended with ${code}: ${said}`)));
  });
}
