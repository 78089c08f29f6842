import { parentPort, workerData } from 'node:worker_threads';
import { type BuiltList, createListBuilder, type ListEntry } from './doors/access-list.ts';
import type { BoardUser } from './doors/esp-rfid/registry.ts';
import type { ListOrder } from './doors/lists.ts';
import type { ControllerId } from './core/ids.ts';
import { openIndexSource } from './store/index-source.ts';
import { readKeys } from './store/keys.ts';
import { createVault } from './store/vault.ts';
import { ROW_FLAGS } from './wire/mqtt/list.ts';

/** What the thread is started with. */
export interface ListStart {
  readonly register: string;
  readonly keysDir: string;
}

/** Door side → thread. `id` pairs an order with its answer. */
export interface ListQuestion {
  readonly id: number;
  readonly order: ListOrder;
}

/** The same, for the users of an esp-rfid board. */
export interface BoardQuestion {
  readonly id: number;
  readonly boardOf: ControllerId;
}

/** Thread → door side: it can make lists now; or a list, or why it was not made. */
export type FromListThread = { readonly ready: true } | ListAnswer;

export interface ListAnswer {
  readonly id: number;
  readonly made: BuiltList | readonly BoardUser[] | { readonly error: string };
}

/** Values unsealed once are kept: every controller of a building asks for the same ones. */
const KEPT = 100_000;

/**
 * Makes access lists in a thread of its own (design.md 4): the list of a big building takes hundreds of
 * milliseconds of reading, unsealing and hashing, and a tap must not wait for it.
 */
function listMaker({ register, keysDir }: ListStart): (question: ListQuestion | BoardQuestion) => BuiltList | BoardUser[] {
  const source = openIndexSource(register);
  const vault = createVault(readKeys(keysDir));
  const build = createListBuilder();
  const values = new Map<string, Pick<ListEntry, 'bits' | 'hex'>>();

  function readingOf(sealed: Uint8Array): Pick<ListEntry, 'bits' | 'hex'> {
    const key = Buffer.from(sealed).toString('latin1');
    const known = values.get(key);
    if (known !== undefined) return known;
    const [bits = 0, ...value] = vault.openBytes('credential.value', sealed);
    const read = { bits, hex: Buffer.from(value).toString('hex') };
    if (values.size >= KEPT) values.clear();
    values.set(key, read);
    return read;
  }

  return (question) => {
    // A board is told card numbers as they are. They go no further than its connection: into no log, and no error. It
    // keeps no hours of ours, so that who has them is not on it.
    if ('boardOf' in question)
      return source
        .listRows(question.boardOf, Date.now())
        .filter(({ schedule }) => schedule === 0)
        .map(({ credentialId, valueSealed, until, flags }) => ({ credentialId, ...readingOf(valueSealed), until, duty: (flags & ROW_FLAGS.duty) !== 0 }));
    const { controllerId, listKey, version } = question.order;
    const entries = source.listRows(controllerId, Date.now()).map(({ valueSealed, credentialId: _, ...row }) => ({ ...readingOf(valueSealed), ...row }));
    return build(controllerId, listKey, entries, version);
  };
}

const port = parentPort;
if (port !== null) {
  const start: ListStart = workerData;
  const make = listMaker(start);
  port.postMessage({ ready: true } satisfies FromListThread);
  port.on('message', (message: ListQuestion | BoardQuestion | { readonly stop: true }) => {
    if ('stop' in message) process.exit(0);
    let made: ListAnswer['made'];
    try {
      made = make(message);
    } catch (error) {
      made = { error: String(error) };
    }
    const answer: ListAnswer = { id: message.id, made };
    port.postMessage(answer);
  });
}
