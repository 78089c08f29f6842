import { dirname, join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { type CommitParts, createCommitter, type Committer } from './commit.ts';
import type { Appended } from './entry.ts';
import { codeOf, said } from '../patience.ts';
import { explained } from '../store/sqlite.ts';
import { openLog } from './log.ts';
import { type Staged, unpack } from './packet.ts';
import { openReserve } from './reserve.ts';
import type { FromWriter, ToWriter, WriterStart } from './writer-messages.ts';

/**
 * The journal writer thread (design.md 4): the only write connection of the log. Group commit without a timer:
 * an entry that finds the writer idle is committed at once; what arrives meanwhile is the next batch.
 */
const LARGEST_BATCH = 256;
const UPKEEP_MS = 1000;
const OPEN_TRIES = 5;
const OPEN_WAIT_MS = 200;

type Post = (message: FromWriter) => void;

/** Tells where the fresh entries went and, one by one, about the duplicates. */
function storedMessage(first: number, answers: readonly Appended[], last: number): FromWriter {
  const duplicates = answers.flatMap((answer, place) => (answer.duplicate ? [[first + place, answer] as const] : []));
  const fresh = answers.find((answer) => !answer.duplicate);
  return { t: 'stored', first, count: answers.length, index: fresh?.index ?? -1, duplicates, last };
}

/** The queue: entries in order, and questions that are answered when everything sent before them is stored. */
function createQueue(committer: Committer, post: Post, onStopped: () => void): (message: ToWriter) => void {
  const queue: Staged[] = [];
  const finds: { readonly id: number; readonly key: Uint8Array }[] = [];
  let next = 0;
  let scheduled = false;
  let stopping = false;

  function commit(): void {
    const batch = queue.splice(0, LARGEST_BATCH);
    const first = next;
    next += batch.length;
    try {
      const answers = committer.append(batch);
      post(storedMessage(first, answers, committer.last()));
    } catch (error) {
      post({ t: 'refused', first, count: batch.length, message: said(error) });
    }
  }

  function destroy({ id, wish }: Extract<ToWriter, { t: 'destroy' }>): void {
    committer.destroy(wish).then(
      (result) => post({ t: 'destroyed', id, result }),
      (error: unknown) => post({ t: 'destroyed', id, result: { error: said(error) } }),
    );
  }

  function judge({ id, held }: Extract<ToWriter, { t: 'judge' }>): void {
    try {
      post({ t: 'judged', id, result: committer.judge(held) });
    } catch (error) {
      post({ t: 'judged', id, result: { error: said(error) } });
    }
  }

  function answerFinds(): void {
    for (const { id, key } of finds.splice(0)) {
      try {
        post({ t: 'found', id, entry: committer.find(key) });
      } catch (error) {
        post({ t: 'not-found-out', id, message: said(error) });
      }
    }
  }

  function work(): void {
    scheduled = false;
    if (queue.length > 0) commit();
    if (queue.length > 0) return schedule();
    answerFinds();
    if (stopping) onStopped();
  }

  // After the messages that are already here, before anything is waited for.
  function schedule(): void {
    if (!scheduled) setImmediate(work);
    scheduled = true;
  }

  return (message) => {
    if (message.t === 'append') {
      if (queue.length === 0) next = message.first;
      queue.push(...unpack(message.packet));
    } else if (message.t === 'find') finds.push(message);
    else if (message.t === 'destroy') return destroy(message);
    else if (message.t === 'judge') return judge(message);
    else stopping = true;
    schedule();
  };
}

/** Opening may fail once under disk errors and work the next time (security.md 5): somebody is told from the first failure on. */
async function openPatiently(parts: CommitParts): Promise<Committer> {
  const { alarm, now } = parts;
  const over = (message: string): void => alarm({ what: 'recovered', over: 'storage-failing', message, at: now() });
  for (let tries = 1; ; tries += 1) {
    try {
      const committer = createCommitter(parts);
      if (tries > 1) over('The log is open now.');
      return committer;
    } catch (error) {
      if (tries === OPEN_TRIES) {
        // From here on it is for whoever asked to say that there is no log.
        over('Opening the log was given up.');
        throw error;
      }
      alarm({ what: 'storage-failing', message: `The log does not open: ${said(error)}`, at: now() });
      await new Promise((resolve) => setTimeout(resolve, OPEN_WAIT_MS));
    }
  }
}

async function run(start: WriterStart): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error('journal writer: must be started as a worker thread');
  const post: Post = (message) => port.postMessage(message);
  const reserve = openReserve(join(dirname(start.file), 'journal.reserve'));
  try {
    const committer = await openPatiently({
      open: () => openLog(start),
      reserve,
      alarm: (alarm) => post({ t: 'alarm', alarm }),
      onCheckpoint: (checkpoint) => post({ t: 'checkpoint', checkpoint }),
      now: Date.now,
    });
    const upkeep = setInterval(committer.upkeep, UPKEEP_MS);
    const stop = (): void => {
      clearInterval(upkeep);
      committer.close();
      port.close();
    };
    port.on('message', createQueue(committer, post, stop));
    post({ t: 'ready', last: committer.last(), checkpoint: committer.checkpoint() });
  } catch (error) {
    post({ t: 'failed', message: said(explained(start.file, error)), code: codeOf(error) });
    port.close();
  }
}

await run(workerData);
