import { type Supervised, supervise } from '../supervise.ts';
import { type Appended, type EventKey, type Journal, JournalUnavailable, type NewEntry, type StoredEntry } from './entry.ts';
import type { Checkpoint, HeldCheckpoint, Judged } from './checkpoints.ts';
import type { Destroyed, Destruction } from './destroy.ts';
import type { LogPlace } from './log.ts';
import { keyBytes, pack, stage, type Staged } from './packet.ts';
import type { Alarm, FromWriter, ToWriter, WriterStart } from './writer-messages.ts';

/** The journal as the door side holds it: the writer thread behind two promises. */
export interface JournalClient extends Journal {
  /** Index of the newest entry known to be on disk. */
  last(): number;
  onAlarm(listener: (alarm: Alarm) => void): void;
  /** Called after each commit with the newest index. */
  onDurable(listener: (index: number) => void): void;
  /** What a checkpoint from outside says of the log; an alarm is raised when it does not agree. Rejects with JournalUnavailable. */
  judge(held: HeldCheckpoint): Promise<Judged>;
  /** The newest checkpoint that is on disk. */
  checkpoint(): Checkpoint | undefined;
  /** Called with each new checkpoint, once it is on disk. */
  onCheckpoint(listener: (checkpoint: Checkpoint) => void): void;
  status(): 'ok' | 'unavailable';
  /** Entries on their way to the disk. */
  outstanding(): number;
  /** Destroys the keys of old entries and of people of whom none is left. Rejects with JournalUnavailable; asking again goes on. */
  destroy(wish: Destruction): Promise<Destroyed>;
  /** Stores what was appended before, then ends the writer. */
  close(): Promise<void>;
}

/** Where the log is, and which compiled file the writer thread runs (a thread cannot be started from a `.ts` file). */
export interface JournalOptions extends LogPlace {
  readonly writer?: URL;
  /** Told of alarms from the first moment on, also of those while the log is being opened. */
  readonly onAlarm?: (alarm: Alarm) => void;
}

/** Entries on their way; beyond this nothing more is taken. */
const QUEUE = 10_000;
const WATCH_MS = 1000;
/** A commit that takes longer than this is an alarm of its own, and nobody waits longer for it: the disk hangs. */
const STALLED_MS = 3000;
const HANGS = `The log has not answered for ${STALLED_MS / 1000} s: the disk hangs.`;
const CLOSE_MS = 10_000;
/** The same for a writer that is down already. */
const DOWN_CLOSE_MS = 300;

interface Waiting<T> {
  readonly since: number;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

const promised = <T>(hold: (waiting: Waiting<T>) => void): Promise<T> => new Promise<T>((resolve, reject) => hold({ since: performance.now(), resolve, reject }));

/** What was sent and not answered. Numbers start at 0 and have no gaps; Map keeps them in order. */
interface Outstanding {
  readonly appends: Map<number, Waiting<Appended>>;
  readonly finds: Map<number, Waiting<StoredEntry | undefined>>;
  readonly destructions: Map<number, Waiting<Destroyed>>;
  readonly judgements: Map<number, Waiting<Judged>>;
}

function rejectAll({ appends, finds, destructions, judgements }: Outstanding, message: string): void {
  const waiting = [...appends.values(), ...finds.values(), ...destructions.values(), ...judgements.values()];
  for (const map of [appends, finds, destructions, judgements]) map.clear();
  for (const { reject } of waiting) reject(new JournalUnavailable(message));
}

/** Settles `count` appends from `first` on. */
function settle(appends: Outstanding['appends'], { first, count }: { first: number; count: number }, each: (waiting: Waiting<Appended>, id: number) => void): void {
  for (let id = first; id < first + count; id += 1) {
    const waiting = appends.get(id);
    appends.delete(id);
    if (waiting !== undefined) each(waiting, id);
  }
}

function resolveStored(appends: Outstanding['appends'], message: Extract<FromWriter, { t: 'stored' }>): void {
  const duplicates = new Map(message.duplicates);
  let { index } = message;
  settle(appends, message, ({ resolve }, id) => resolve(duplicates.get(id) ?? { index: index++, duplicate: false }));
}

const nobody = (): void => undefined;

/** Whoever has waited too long is told to go on without: the entry may still be stored, and a repeat finds out. Its place is kept until the writer answers. */
function giveUp(appends: Outstanding['appends'], sinceBefore: number, message: string): void {
  for (const [id, { since, reject }] of appends) {
    if (since > sinceBefore) return;
    appends.set(id, { since, resolve: nobody, reject: nobody });
    reject(new JournalUnavailable(message));
  }
}

interface Sender {
  /** Number of the entry. */
  add(entry: Staged): number;
  flush(): void;
  /** Forgets what was not sent yet. */
  drop(): void;
}

/** Sends what was appended in one turn of the event loop in one message. */
function createSender(post: (message: ToWriter) => void): Sender {
  let pending: Staged[] = [];
  let next = 0;
  function flush(): void {
    if (pending.length === 0) return;
    const batch = pending;
    pending = [];
    post({ t: 'append', first: next - batch.length, packet: pack(batch) });
  }
  return {
    flush,
    add(entry) {
      if (pending.length === 0) setImmediate(flush);
      pending.push(entry);
      next += 1;
      return next - 1;
    },
    drop() {
      pending = [];
    },
  };
}

/** Everything the parts below share. */
interface Link {
  readonly waiting: Outstanding;
  readonly alarmed: ((alarm: Alarm) => void)[];
  readonly durable: ((index: number) => void)[];
  readonly checkpointed: ((checkpoint: Checkpoint) => void)[];
  /** Told once: the log is open, or why it cannot be opened. */
  opened: (error?: Error) => void;
  last: number;
  checkpoint: Checkpoint | undefined;
  ready: boolean;
  /** The newest batch was refused. */
  refusing: boolean;
  stalled: boolean;
}

function announce<T>(listeners: readonly ((value: T) => void)[], value: T): void {
  for (const listener of listeners) listener(value);
}

const tell = (link: Link, about: Omit<Alarm, 'at'>): void => announce(link.alarmed, { ...about, at: Date.now() });

/** Settles a question that is answered with a result or the reason why there is none. */
function answered<T extends object | string>(questions: Map<number, Waiting<T>>, { id, result }: { readonly id: number; readonly result: T | { readonly error: string } }): void {
  const asked = questions.get(id);
  questions.delete(id);
  if (typeof result === 'object' && 'error' in result) asked?.reject(new JournalUnavailable(String(result.error)));
  else asked?.resolve(result);
}

/** The log is open, also again: what the writer before stored and signed, and could not say any more, is told now. */
function onReady(link: Link, { last, checkpoint }: Extract<FromWriter, { t: 'ready' }>): void {
  const signed = checkpoint !== undefined && checkpoint.note !== link.checkpoint?.note;
  const stored = last > link.last;
  Object.assign(link, { ready: true, refusing: false, last, checkpoint });
  link.opened();
  if (stored) announce(link.durable, last);
  if (signed) announce(link.checkpointed, checkpoint);
}

function onMessage(link: Link, message: FromWriter): void {
  const { appends, finds, destructions, judgements } = link.waiting;
  switch (message.t) {
    case 'ready':
      return onReady(link, message);
    case 'checkpoint':
      link.checkpoint = message.checkpoint;
      return announce(link.checkpointed, message.checkpoint);
    case 'failed':
      return link.opened(new JournalUnavailable(`The log cannot be opened: ${message.message}`, { cause: Object.assign(new Error(message.message), { code: message.code }) }));
    case 'stored':
      Object.assign(link, { refusing: false, last: message.last });
      resolveStored(appends, message);
      return announce(link.durable, message.last);
    case 'refused':
      link.refusing = true;
      return settle(appends, message, ({ reject }) => reject(new JournalUnavailable(message.message)));
    case 'found':
      finds.get(message.id)?.resolve(message.entry);
      return void finds.delete(message.id);
    case 'not-found-out':
      finds.get(message.id)?.reject(new JournalUnavailable(message.message));
      return void finds.delete(message.id);
    case 'destroyed':
      return answered(destructions, message);
    case 'judged':
      return answered(judgements, message);
    case 'alarm':
      return announce(link.alarmed, message.alarm);
  }
}

/** A disk that hangs answers nothing at all; the oldest entry on its way shows it. */
function watch(link: Link): NodeJS.Timeout {
  return setInterval(() => {
    const [oldest] = link.waiting.appends.values();
    const stalled = oldest !== undefined && performance.now() - oldest.since > STALLED_MS;
    if (stalled && !link.stalled) tell(link, { what: 'stalled', message: HANGS });
    if (!stalled && link.stalled) tell(link, { what: 'recovered', over: 'stalled', message: 'The log answers again.' });
    link.stalled = stalled;
    if (stalled) giveUp(link.waiting.appends, performance.now() - STALLED_MS, HANGS);
  }, WATCH_MS).unref();
}

/** Starts the writer thread; one that ends is started again, and what it had not answered is rejected. */
function startWriter(link: Link, file: URL, start: WriterStart): { readonly worker: Supervised<ToWriter>; readonly sender: Sender } {
  const worker = supervise<FromWriter, ToWriter>({
    file,
    workerData: () => start,
    onMessage: (message) => onMessage(link, message),
    onDown(why, waitMs) {
      link.ready = false;
      sender.drop();
      rejectAll(link.waiting, 'The log is being started again.');
      link.opened(new JournalUnavailable(`The log cannot be opened: ${why}`, { cause: Object.assign(new Error(why), { code: 'WRITER_ENDED' }) }));
      tell(link, { what: 'writer-ended', message: `The journal writer ended and is started again in ${waitMs} ms: ${why}` });
    },
  });
  const sender = createSender((message) => worker.post(message));
  return { worker, sender };
}

/** The questions, over a link and a writer. */
function asking(link: Link, { worker, sender }: ReturnType<typeof startWriter>): Journal & Pick<JournalClient, 'destroy' | 'judge'> {
  const { appends, finds, destructions, judgements } = link.waiting;
  let next = 0;
  const refusal = (): string | undefined => {
    if (!link.ready) return 'The log is not open.';
    if (link.stalled) return HANGS;
    return appends.size + finds.size >= QUEUE ? `${QUEUE} entries are waiting for the disk.` : undefined;
  };
  return {
    async append(entry: NewEntry) {
      const refused = refusal();
      if (refused !== undefined) throw new JournalUnavailable(refused);
      const staged = stage(entry);
      return promised<Appended>((waiting) => appends.set(sender.add(staged), waiting));
    },
    async find(key: EventKey) {
      const refused = refusal();
      if (refused !== undefined) throw new JournalUnavailable(refused);
      const bytes = keyBytes(key);
      sender.flush();
      return promised<StoredEntry | undefined>((waiting) => {
        finds.set(next, waiting);
        worker.post({ t: 'find', id: next, key: bytes });
        next += 1;
      });
    },
    async destroy(wish: Destruction) {
      if (!link.ready) throw new JournalUnavailable('The log is not open.');
      return promised<Destroyed>((waiting) => {
        destructions.set(next, waiting);
        worker.post({ t: 'destroy', id: next, wish });
        next += 1;
      });
    },
    async judge(held: HeldCheckpoint) {
      if (!link.ready) throw new JournalUnavailable('The log is not open.');
      return promised<Judged>((waiting) => {
        judgements.set(next, waiting);
        worker.post({ t: 'judge', id: next, held });
        next += 1;
      });
    },
  };
}

/**
 * Starts the writer thread and resolves when the log is open. A writer that ends is started again with growing
 * pauses; what it had not answered is rejected, and may or may not have been stored: a repeat finds out.
 * Rejects with JournalUnavailable when the log cannot be opened.
 */
export async function openJournal({ writer = new URL('./writer.js', import.meta.url), onAlarm, ...place }: JournalOptions): Promise<JournalClient> {
  const link: Link = {
    waiting: { appends: new Map(), finds: new Map(), destructions: new Map(), judgements: new Map() },
    alarmed: onAlarm === undefined ? [] : [onAlarm],
    durable: [],
    checkpointed: [],
    opened: () => undefined,
    last: -1,
    checkpoint: undefined,
    ready: false,
    refusing: false,
    stalled: false,
  };
  const opened = new Promise<void>((resolve, reject) => {
    link.opened = (error) => (error === undefined ? resolve() : reject(error));
  });
  const running = startWriter(link, writer, place);
  const watching = watch(link);
  async function end(): Promise<void> {
    running.sender.flush();
    const graceMs = link.ready ? CLOSE_MS : DOWN_CLOSE_MS;
    link.ready = false;
    await running.worker.stop({ t: 'stop' }, graceMs);
    clearInterval(watching);
    rejectAll(link.waiting, 'The log is closed.');
  }
  let ending: Promise<void> | undefined;
  const close = (): Promise<void> => {
    ending ??= end();
    return ending;
  };
  await opened.catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    ...asking(link, running),
    close,
    last: () => link.last,
    onAlarm: (listener) => void link.alarmed.push(listener),
    onDurable: (listener) => void link.durable.push(listener),
    outstanding: () => link.waiting.appends.size,
    checkpoint: () => link.checkpoint,
    onCheckpoint: (listener) => void link.checkpointed.push(listener),
    status: () => (link.ready && !link.refusing && !link.stalled ? 'ok' : 'unavailable'),
  };
}
