import type { GatewayAlarm } from '../alarms.ts';
import type { DoorNumbers } from '../door-numbers.ts';
import type { DoorsAt } from '../doors-port.ts';
import type { DoorState } from '../doors/link.ts';
import type { LineStatus } from '../doors/serial/status.ts';
import { JournalUnavailable } from '../journal/entry.ts';
import type { ToDeskSide, ToDoorSide } from '../threads.ts';
import type { DoorSidePort } from './deps.ts';
import { refusal } from './problem.ts';

/** A command waits for the door (mqtt.md); an append for the disk. After this the door side is not answering. */
const PATIENCE_MS = 15_000;
/** Looking through a city's keys takes minutes: it is done between entries. */
const DESTROYING_MS = 30 * 60_000;

/** What answers a question. */
type Answer = Exclude<Extract<ToDeskSide, { readonly id: number }>, { readonly t: 'trade' }>;

interface Waiting {
  readonly resolve: (answer: ToDeskSide) => void;
  readonly late: NodeJS.Timeout;
}

export interface DoorPort extends DoorSidePort {
  /** Something outside does not agree with the log, or what is kept of an entry does not open. `detail` is for the log file. */
  disagrees(what: Extract<ToDoorSide, { t: 'disagrees' }>['what'], detail: string): void;
  /** Takes a message of the door side: settles what waits for it, remembers states and health. */
  receive(message: ToDeskSide): void;
}

/** The desk side's end of the line to the door side: pairs answers with questions, keeps the last known states. */
export function createDoorPort(post: (message: ToDoorSide) => void): DoorPort {
  const waiting = new Map<number, Waiting>();
  const states = new Map<number, DoorState>();
  let lines: readonly LineStatus[] = [];
  let ready = false;
  let alarms: readonly GatewayAlarm[] = [];
  let numbers: DoorNumbers | undefined;
  let doorsAt: DoorsAt | undefined;
  let nextId = 1;

  function ask<K extends Answer['t']>(kind: K, question: (id: number) => ToDoorSide, patienceMs = PATIENCE_MS): Promise<Extract<ToDeskSide, { t: K }>> {
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
    disagrees: (what, detail) => post({ t: 'disagrees', what, detail }),
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
    async judge(held) {
      const { result } = await ask('judged', (id) => ({ t: 'judge', id, held }));
      if (typeof result !== 'string') throw new JournalUnavailable(result.error);
      return result;
    },
    states: () => [...states.values()],
    lines: () => lines,
    commission: (deviceRow, act) => post({ t: 'commission', deviceRow, act }),
    testLine: async (lineId, act) => (await ask('line-tested', (id) => ({ t: 'line-test', id, lineId, act }))).result,
    ready: () => ready,
    alarms: () => alarms,
    numbers: () => numbers,
    doorsAt: () => doorsAt,
    changed: () => post({ t: 'changed' }),
    watchCards: (doorId, until) => post({ t: 'watch-cards', doorId, until }),
    receive(message) {
      if (message.t === 'health') ({ indexReady: ready, alarms, numbers, doorsAt } = message);
      if (message.t === 'doors') for (const state of message.states) states.set(state.doorId, state);
      if (message.t === 'lines') ({ lines } = message);
      // What the door side asks has numbers of its own.
      if (!('id' in message) || message.t === 'trade') return;
      const asked = waiting.get(message.id);
      if (asked === undefined) return;
      waiting.delete(message.id);
      clearTimeout(asked.late);
      asked.resolve(message);
    },
  };
}

const isKind = <K extends ToDeskSide['t']>(message: ToDeskSide, kind: K): message is Extract<ToDeskSide, { t: K }> => message.t === kind;
