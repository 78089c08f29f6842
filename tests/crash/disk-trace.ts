import { closeSync, openSync, readSync } from 'node:fs';
import path from 'node:path';

/** One thing a program did to a disk, in the order it was done. A file is known by a number of its own, whatever its name. */
export type DiskEvent =
  | { readonly t: 'make'; readonly name: string; readonly file: number }
  | { readonly t: 'folder'; readonly name: string }
  | { readonly t: 'write'; readonly file: number; readonly at: number; readonly bytes: Buffer }
  | { readonly t: 'cut'; readonly file: number; readonly length: number }
  /** `seen`: how many writes and cuts of this file had been made when it began. */
  | { readonly t: 'sync'; readonly file: number; readonly seen: number; readonly name: string }
  | { readonly t: 'sync-folder'; readonly name: string }
  | { readonly t: 'rename'; readonly from: string; readonly to: string }
  | { readonly t: 'unlink'; readonly name: string }
  /** A line the program printed: what it had told the world by then. */
  | { readonly t: 'said'; readonly line: string };

interface Handle {
  readonly file: number;
  readonly folder: string | undefined;
  at: number;
}

/** What a recording says so far about one program's files and handles. */
interface State {
  readonly root: string;
  readonly events: DiskEvent[];
  readonly handles: Map<number, Handle>;
  readonly names: Map<string, number>;
  readonly folders: Set<string>;
  /** Writes and cuts made of each file. */
  readonly made: Map<number, number>;
  files: number;
  said: string;
}

/** A call as strace prints it: name, arguments as text, result. */
interface Call {
  readonly name: string;
  readonly args: readonly string[];
  readonly result: number;
  /** For a sync: writes of the file when the call began. */
  readonly seen?: number | undefined;
}

const bytesOf = (quoted: string): Buffer => Buffer.from(quoted.slice(1, quoted.lastIndexOf('"')).replaceAll('\\x', ''), 'hex');
const textOf = (quoted: string | undefined): string => bytesOf(quoted ?? '""').toString('utf8');
const isOurs = ({ root }: State, name: string): boolean => name === root || name.startsWith(`${root}/`);
/** The shared memory of the databases is no file that outlives anything; the reserve holds nothing. */
const isKept = (state: State, name: string): boolean => isOurs(state, name) && !/-shm$|\.reserve$/.test(name);

function opened(state: State, [, quoted, flags = '']: readonly string[], handle: number): void {
  const name = textOf(quoted);
  if (!isKept(state, name)) return void state.handles.delete(handle);
  if (state.folders.has(name)) return void state.handles.set(handle, { file: -1, folder: name, at: 0 });
  let file = state.names.get(name);
  if (file === undefined) {
    file = state.files++;
    state.names.set(name, file);
    state.events.push({ t: 'make', name, file });
  } else if (flags.includes('O_TRUNC')) changed(state, file, { t: 'cut', file, length: 0 });
  state.handles.set(handle, { file, folder: undefined, at: 0 });
}

function changed(state: State, file: number, event: DiskEvent): void {
  state.made.set(file, (state.made.get(file) ?? 0) + 1);
  state.events.push(event);
}

function wrote(state: State, { name, args, result }: Call): void {
  const [fd, quoted = '""'] = args;
  if (fd === '1') return heard(state, textOf(quoted));
  const handle = state.handles.get(Number(fd));
  if (handle === undefined || handle.folder !== undefined) return;
  const bytes = bytesOf(quoted).subarray(0, result);
  if (bytes.length !== result) throw new Error(`a write of ${result} bytes was recorded with ${bytes.length}`);
  const at = name === 'pwrite64' ? Number(args[3]) : handle.at;
  if (name === 'write') handle.at += result;
  changed(state, handle.file, { t: 'write', file: handle.file, at, bytes });
}

function heard(state: State, text: string): void {
  const lines = (state.said + text).split('\n');
  state.said = lines.pop() ?? '';
  for (const line of lines) state.events.push({ t: 'said', line });
}

function synced(state: State, { args, seen }: Call): void {
  const handle = state.handles.get(Number(args[0]));
  if (handle === undefined) return;
  if (handle.folder !== undefined) return void state.events.push({ t: 'sync-folder', name: handle.folder });
  const name = [...state.names].find(([, file]) => file === handle.file)?.[0] ?? '';
  state.events.push({ t: 'sync', file: handle.file, name, seen: seen ?? state.made.get(handle.file) ?? 0 });
}

function renamed(state: State, from: string, to: string): void {
  if (!isKept(state, from)) return;
  const file = state.names.get(from);
  state.names.delete(from);
  if (file !== undefined) state.names.set(to, file);
  state.events.push({ t: 'rename', from, to });
}

function unlinked(state: State, name: string): void {
  if (!isKept(state, name) || !state.names.delete(name)) return;
  state.events.push({ t: 'unlink', name });
}

function apply(state: State, call: Call): void {
  const { name, args, result } = call;
  if (result < 0) return;
  const [first, second, third, fourth] = args;
  if (name === 'openat') return opened(state, args, result);
  if (name === 'write' || name === 'pwrite64') return wrote(state, call);
  if (name === 'fsync' || name === 'fdatasync') return synced(state, call);
  if (name === 'rename') return renamed(state, textOf(first), textOf(second));
  if (name === 'renameat' || name === 'renameat2') return renamed(state, textOf(second), textOf(fourth));
  if (name === 'unlink') return unlinked(state, textOf(first));
  if (name === 'unlinkat') return unlinked(state, textOf(second));
  if (name === 'mkdir' || name === 'mkdirat') {
    const folder = textOf(name === 'mkdir' ? first : second);
    if (isOurs(state, folder)) state.events.push({ t: 'folder', name: folder });
    return void state.folders.add(folder);
  }
  const handle = state.handles.get(Number(first));
  if (handle === undefined) return;
  if (name === 'lseek') handle.at = result;
  else if (name === 'ftruncate') changed(state, handle.file, { t: 'cut', file: handle.file, length: Number(second ?? third) });
}

const CALL = /^(\w+)\((.*)\)\s+= (-?\d+)/s;

function parsed(text: string, seen?: number): Call | undefined {
  const [, name = '', args = '', result] = CALL.exec(text) ?? [];
  // With every string in hex no comma can stand inside one.
  return result === undefined ? undefined : { name, args: args.split(', '), result: Number(result), seen };
}

/** Reads the lines of a file that may be larger than a string can be. */
function* linesOf(file: string): Generator<string> {
  const handle = openSync(file, 'r');
  const part = Buffer.alloc(1 << 22);
  let rest = '';
  try {
    for (let read = readSync(handle, part); read > 0; read = readSync(handle, part)) {
      const lines = (rest + part.toString('latin1', 0, read)).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } finally {
    closeSync(handle);
  }
}

/**
 * What a recording of strace (`-f -xx`) says a program did to the files under `root`, the folder it began with, and
 * `present`, files of it that were there before (numbered from 0 in this order). Calls of several threads that
 * overlap count from when they returned; a sync counts only for what was written before it began.
 */
export function diskTrace(trace: string, root: string, present: readonly string[] = []): DiskEvent[] {
  const folders = new Set([root, ...present.map((name) => path.dirname(name))]);
  const names = new Map(present.map((name, file) => [name, file]));
  const state: State = { root, events: [], handles: new Map(), names, folders, made: new Map(), files: present.length, said: '' };
  const begun = new Map<string, { readonly text: string; readonly seen: number | undefined }>();
  for (const line of linesOf(trace)) {
    const [, pid = '', text = ''] = /^(\d+)\s+(.*)$/s.exec(line) ?? [];
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/s.exec(text)?.[1];
    if (text.endsWith('<unfinished ...>')) {
      const fd = Number(/^f(?:data)?sync\((\d+)/.exec(text)?.[1] ?? -1);
      const file = state.handles.get(fd)?.file;
      begun.set(pid, { text: text.slice(0, -'<unfinished ...>'.length).trimEnd(), seen: file === undefined ? undefined : (state.made.get(file) ?? 0) });
    } else {
      const start = resumed === undefined ? undefined : begun.get(pid);
      const call = start === undefined ? parsed(text) : parsed(`${start.text}${resumed}`, start.seen);
      if (call !== undefined) apply(state, call);
    }
  }
  return state.events;
}
