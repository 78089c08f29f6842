import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const PAGE_BYTES = 4096;
/** Clock ticks of /proc are hundredths of a second on Linux (proc(5), USER_HZ). */
const TICK_MS = 10;
const COLLECTED_MS = 1500;

/** Environment that makes a server collect the garbage of all its threads on SIGWINCH. */
export const COLLECTING: Readonly<Record<string, string>> = { NODE_OPTIONS: `--import ${new URL('./gc-on-signal.js', import.meta.url).href}` };

/** Memory of a process after its garbage is collected, bytes. Linux only; throws what reading /proc throws. */
export async function restingBytes(pid: number): Promise<number> {
  process.kill(pid, 'SIGWINCH');
  await sleep(COLLECTED_MS);
  const [, resident] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ');
  return Number(resident) * PAGE_BYTES;
}

/** Processor time a process has used, all its threads, ms. Linux only. */
export function processorMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // After the name, which may hold anything but ends with the last parenthesis: state is field 3, utime 14, stime 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** Descriptors this process may open; 0 when it cannot be told. */
export function descriptorLimit(): number {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? 0);
}
