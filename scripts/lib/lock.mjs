import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_AGAIN_MS = 200;
const TAKING_OVER_MS = 5000;

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** When a process began, in ticks since the machine started (proc(5), field 22); empty where there is no /proc. */
function begun(pid) {
  const stat = read(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

/** Who holds the lock: pid and beginning, since a pid alone may come back as another program after a restart. */
const self = () => `${process.pid} ${begun(process.pid)}`;

function alive(holder) {
  const [pid, since] = holder.split(' ');
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if (error.code !== 'EPERM') return false;
  }
  return since === begun(pid);
}

function create(file) {
  try {
    const handle = openSync(file, 'wx');
    writeSync(handle, self());
    closeSync(handle);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** A file just made may still be empty: its maker lives until it has had time to write its name. */
function abandoned(file) {
  const holder = read(file);
  if (holder !== '') return !alive(holder);
  const made = statSync(file, { throwIfNoEntry: false });
  return made !== undefined && Date.now() - made.mtimeMs > TAKING_OVER_MS;
}

/** Removes a dead holder's lock. Only one process at a time may, or a second would remove the winner's new lock. */
function clearAbandoned(file) {
  const guard = `${file}.taking-over`;
  if (!create(guard)) {
    const made = statSync(guard, { throwIfNoEntry: false });
    if (made && Date.now() - made.mtimeMs > TAKING_OVER_MS) rmSync(guard, { force: true });
    return;
  }
  if (abandoned(file)) rmSync(file, { force: true });
  rmSync(guard, { force: true });
}

/**
 * Runs `work` while no other process holds the lock file.
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 * @param {(pid: string) => void} [onWait] told once, whom we wait for
 * @returns {Promise<T>}
 */
export async function withLock(file, work, onWait = () => {}) {
  mkdirSync(path.dirname(file), { recursive: true });
  let told = false;
  while (!create(file)) {
    if (abandoned(file)) clearAbandoned(file);
    else {
      const [pid] = read(file).split(' ');
      if (!told && pid) onWait(pid);
      told ||= Boolean(pid);
      await sleep(LOOK_AGAIN_MS);
    }
  }
  const release = () => read(file) === self() && rmSync(file, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}
