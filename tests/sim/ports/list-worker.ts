import { createListBuilder } from '../../../gateway/doors/access-list.ts';
import type { FromListThread, ListAnswer, ListQuestion } from '../../../gateway/list-worker.ts';
import { hostOf } from '../engine/current.ts';
import type { Random } from '../engine/random.ts';
import type { Register } from '../world/register.ts';
import { hostNow } from '../engine/current.ts';
import { parentPort, threadBody, threadsOf } from './threads.ts';

/** What list threads of this world read, and who hears what they made. */
export interface ListDesk {
  readonly register: Register;
  readonly random: Random;
  /** A list was made: which version it was asked for under, and the change number and time its rows are of. */
  made(list: { readonly controllerId: number; readonly version: string; readonly n: number; readonly wall: number }): void;
}

let desk: ListDesk | undefined;
let doomed = false;

/** The thread that makes lists ends at its next order, before it answers. */
export function doomListThread(): void {
  doomed = true;
}

export const useListDesk = (used: ListDesk): void => {
  desk = used;
  doomed = false;
};

/** As gateway/list-worker.ts, its database and vault replaced by the register of the world. */
threadBody('/list-worker.js', () => {
  const port = parentPort;
  const used = desk;
  if (port === null || used === undefined) throw new Error('simulation: a list thread without a desk');
  const build = createListBuilder();
  port.on('message', (message: ListQuestion | { readonly stop: true }) => {
    if ('stop' in message) return port.close();
    if (doomed) {
      doomed = false;
      for (const thread of threadsOf('/list-worker.js')) thread.end(new Error('simulated end of a thread'));
      return undefined;
    }
    const { id, order } = message;
    const wall = hostOf().wall();
    hostOf().busyUntil = hostNow() + used.random.whole(1, 40);
    const rows = used.register.listRows(order.controllerId, wall);
    const entries = rows.map(({ valueSealed, doors, until }) => ({ bits: valueSealed[0] ?? 0, hex: Buffer.from(valueSealed.subarray(1)).toString('hex'), doors, until }));
    let made: ListAnswer['made'];
    try {
      made = build(order.controllerId, order.listKey, entries, order.version);
      used.made({ controllerId: order.controllerId, version: made.version, n: used.register.n, wall });
    } catch (error) {
      made = { error: String(error) };
    }
    const answer: ListAnswer = { id, made };
    port.postMessage(answer);
  });
  port.postMessage({ ready: true } satisfies FromListThread);
});
