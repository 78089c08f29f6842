import type { DoorState } from '../doors/link.ts';
import { JournalUnavailable } from '../journal/entry.ts';
import type { ToDeskSide, ToDoorSide } from '../threads.ts';
import type { DoorSidePort } from './deps.ts';
import { refusal } from './problem.ts';

/** A command waits for the door (mqtt.md); an append for the disk. After this the door side is not answering. */
const PATIENCE_MS = 15_000;
/** Looking through a city's keys takes minutes: it is done between entries. */
const DESTROYING_MS = 30 * 60_000;

interface Waiting {
  readonly resolve: (answer: ToDeskSide) => void;
  readonly late: NodeJS.Timeout;
}

export interface DoorPort extends DoorSidePort {
  /** Takes a message of the door side: settles what waits for it, remembers states and health. */
  receive(message: ToDeskSide): void;
}

/** The desk side's end of the line to the door side: pairs answers with questions, keeps the last known states. */
export function createDoorPort(post: (message: ToDoorSide) => void): DoorPort {
  const waiting = new Map<number, Waiting>();
  const states = new Map<number, DoorState>();
  let ready = false;
  let nextId = 1;

  function ask<K extends 'appended' | 'commanded' | 'destroyed'>(kind: K, question: (id: number) => ToDoorSide, patienceMs = PATIENCE_MS): Promise<Extract<ToDeskSide, { t: K }>> {
    const id = nextId++;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        waiting.delete(id);
        reject(refusal('DOORS_SILENT'));
      }, patienceMs);
      waiting.set(id, { late, resolve: (answer) => (isKind(answer, kind) ? resolve(answer) : reject(refusal('DOORS_SILENT'))) });
      post(question(id));
    });
  }

  return {
    async append(entry) {
      const { result } = await ask('appended', (id) => ({ t: 'append', id, entry }));
      if ('error' in result) throw new JournalUnavailable(result.error);
      return result;
    },
    async command(doorId, command, accountId) {
      return (await ask('commanded', (id) => ({ t: 'command', id, doorId, command, accountId }))).result;
    },
    async destroyEntries(before, held) {
      const { result } = await ask('destroyed', (id) => ({ t: 'destroy', id, wish: { before, held } }), DESTROYING_MS);
      if ('error' in result) throw new JournalUnavailable(result.error);
      return result;
    },
    states: () => [...states.values()],
    ready: () => ready,
    changed: () => post({ t: 'changed' }),
    receive(message) {
      if (message.t === 'health') ready = message.indexReady;
      if (message.t === 'doors') for (const state of message.states) states.set(state.doorId, state);
      if (message.t !== 'appended' && message.t !== 'commanded' && message.t !== 'destroyed') return;
      const asked = waiting.get(message.id);
      if (asked === undefined) return;
      waiting.delete(message.id);
      clearTimeout(asked.late);
      asked.resolve(message);
    },
  };
}

const isKind = <K extends ToDeskSide['t']>(message: ToDeskSide, kind: K): message is Extract<ToDeskSide, { t: K }> => message.t === kind;
