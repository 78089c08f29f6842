import type { ControllerId } from './core/ids.ts';
import type { ListEntry } from './doors/access-list.ts';
import type { ListSource } from './doors/lists.ts';
import type { IndexSource } from './store/index-source.ts';
import type { Vault } from './store/vault.ts';

/** Changes of one act arrive together: lists are made once for all of them. */
const GATHER_MS = 50;
/** Rises when an operator restores a backup; the issue that builds restore stores it. */
const EPOCH = 1;

/** Rows of a controller's list, unsealed from the register at this moment. */
export function listSource(source: IndexSource, vault: Vault, now: () => number): ListSource {
  return {
    version: () => ({ epoch: EPOCH, n: source.lastN() }),
    rows: (controllerId) =>
      source.listRows(controllerId, now()).map(({ valueSealed, doors, until }): ListEntry => {
        const [bits = 0, ...value] = vault.openBytes('credential.value', valueSealed);
        return { bits, hex: Buffer.from(value).toString('hex'), doors, until };
      }),
  };
}

/** Gathers controllers whose lists may have changed and has them made anew, one a turn, so that a tap never waits for many. */
export function createListRefresh(refresh: (controllerId: ControllerId) => void) {
  const waiting = new Set<ControllerId>();
  let timer: NodeJS.Timeout | undefined;

  function turn(): void {
    const [next] = waiting;
    timer = undefined;
    if (next === undefined) return;
    waiting.delete(next);
    refresh(next);
    if (waiting.size > 0) timer = setTimeout(turn, 0);
  }

  return {
    ask(controllerIds: Iterable<ControllerId>): void {
      for (const id of controllerIds) waiting.add(id);
      if (waiting.size > 0) timer ??= setTimeout(turn, GATHER_MS);
    },
    stop: () => clearTimeout(timer),
  };
}
