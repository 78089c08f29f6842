import { parentPort, workerData } from 'node:worker_threads';
import type { DistrictContext } from './exchange/district-file.ts';
import { type SealedPart, sealPartWith } from './register/district-rows.ts';
import { readKeys } from './store/keys.ts';
import { createVault } from './store/vault.ts';

/** What the thread is started with. */
export interface DistrictStart {
  readonly keysDir: string;
}

/** Desk side → thread; `id` pairs a piece with its answer. */
export interface DistrictQuestion {
  readonly id: number;
  readonly bytes: Uint8Array;
  readonly context: DistrictContext;
}

/** Thread → desk side. */
export type DistrictAnswer = { readonly id: number } & ({ readonly part: SealedPart } | { readonly error: string });

/** Reads, hashes and seals pieces of a district's roster, so that the desk's thread only writes (design.md 4). */
const { keysDir }: DistrictStart = workerData;
const vault = createVault(readKeys(keysDir));
const seal = sealPartWith(vault);
const post = (answer: DistrictAnswer): void => parentPort?.postMessage(answer);

async function take({ id, bytes, context }: DistrictQuestion): Promise<void> {
  try {
    vault.refresh();
    post({ id, part: await seal(bytes, context) });
  } catch (error) {
    post({ id, error: String(error) });
  }
}

// One after another: a piece that waits costs nothing, two that are half done cost memory.
let last = Promise.resolve();
parentPort?.on('message', (question: DistrictQuestion) => {
  last = last.then(() => take(question));
});
