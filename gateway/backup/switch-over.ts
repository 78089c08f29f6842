import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { replaceFile, syncFolder } from '../store/durable-file.ts';

/** Where a restore puts everything together, and the file that says it is to take the place of what is there. */
export const STAGING = 'restore.new';
const PLAN = 'restore.json';

/** What goes into place, by name, and where what was there goes. */
const Plan = Type.Object({ format: Type.Literal('doorbook-restore/1'), install: Type.Array(Type.String({ pattern: '^[a-z.-]{1,40}$' })), aside: Type.String() });
type Plan = Static<typeof Plan>;

/** Files that belong to a database and must never meet another one under its name. */
const COMPANIONS = ['-wal', '-shm', '-journal'];

const move = (from: string, to: string): void => {
  if (existsSync(from)) renameSync(from, to);
};

/** Folders whose names change while files are moved. */
const sync = (...folders: readonly string[]): void => folders.filter((folder) => existsSync(folder)).forEach(syncFolder);

/** A folder for what was there: beside the data directory, or in it when that is a disk of its own. Made now. */
export function asideFor(data: string, stamp: string): string {
  const beside = `${data.replace(/\/+$/, '')}.before-restore-${stamp}`;
  try {
    mkdirSync(beside, { mode: 0o700 });
    if (statSync(beside).dev === statSync(data).dev) return beside;
    rmSync(beside, { recursive: true });
  } catch {
    // The folder above is not ours to write in.
  }
  const inside = path.join(data, `before-restore-${stamp}`);
  mkdirSync(inside, { mode: 0o700 });
  return inside;
}

/** Moves one thing into place. What has been moved is not touched again, so that it can be begun anew after a crash. */
function install(data: string, aside: string, name: string): void {
  const [from, to] = [path.join(data, STAGING, name), path.join(data, name)];
  if (!existsSync(from)) return;
  for (const companion of COMPANIONS) move(`${to}${companion}`, path.join(aside, `${name}${companion}`));
  move(to, path.join(aside, name));
  sync(data, aside);
  renameSync(from, to);
  sync(path.join(data, STAGING), data);
}

/** Lets what lies in the staging folder take its place. From the first line on a crash is gone on with by `finishRestore`. */
export function switchOver(data: string, names: readonly string[], aside: string): void {
  const plan: Plan = { format: 'doorbook-restore/1', install: [...names], aside };
  sync(path.join(data, STAGING));
  replaceFile(path.join(data, PLAN), Buffer.from(`${JSON.stringify(plan)}\n`));
  finishRestore(data);
}

/**
 * Goes on with a restore that was interrupted while files changed places; true when there was one. What was put
 * together and never meant yet is thrown away. For the start of the gateway and of `restore`, before anything is opened.
 */
export function finishRestore(data: string): boolean {
  const file = path.join(data, PLAN);
  if (!existsSync(file)) {
    rmSync(path.join(data, STAGING), { recursive: true, force: true });
    return false;
  }
  const plan: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!Value.Check(Plan, plan)) throw new Error(`${file} is not of a form this version knows. Restore with the version that wrote it.`);
  for (const name of plan.install) install(data, plan.aside, name);
  rmSync(path.join(data, STAGING), { recursive: true, force: true });
  rmSync(file);
  sync(data);
  return true;
}
