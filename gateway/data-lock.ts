import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { ConfigError } from './config.ts';

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

/**
 * Keeps a second gateway off a data directory: two would write one journal. Returns what gives it up. Throws
 * ConfigError naming the process that has it. A lock whose process is gone (power cut, kill -9) is taken over.
 */
export function lockData(data: string): () => void {
  const file = path.join(data, 'gateway.pid');
  try {
    const holder = Number(readFileSync(file, 'utf8'));
    // A file without a number was left by a start on a full disk.
    if (holder > 0 && holder !== process.pid && isRunning(holder))
      throw new ConfigError(`DOORBOOK_DATA: expected a data directory nobody uses, but process ${holder} has ${data} open. Stop it first.`);
    rmSync(file, { force: true });
  } catch (error) {
    if (error instanceof ConfigError) throw error;
  }
  const handle = openSync(file, 'wx', 0o600);
  try {
    writeSync(handle, String(process.pid));
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  } finally {
    closeSync(handle);
  }
  return () => rmSync(file, { force: true });
}
