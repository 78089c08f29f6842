import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { FieldError } from '../gateway/wire/fields.ts';
import { faultSchedule, HEALED, type Step } from './fault-schedule.ts';
import { wordsOf } from './options.ts';
import type { SocketClient } from './socket-client.ts';
import { requestOf } from './typed.ts';

const HOUR_MINUTES = 60;
const SEED_MAX = 2 ** 32 - 1;

const shown = (ms: number): string => `${(ms / 1000).toFixed(1).padStart(6)} s`;

/** Carries out one step at a door. Rejects with what the simulator says, or when it is gone. */
async function act(client: SocketClient, door: string, words: Step['words'], seed: number): Promise<void> {
  const [name, ...rest] = words;
  const reply = await client.ask({ ...requestOf([name, door, ...rest]), ...(name === 'fault' ? { seed } : {}) });
  if (!reply.ok) throw new Error(reply.error ?? `${words.join(' ')}?`);
}

/** `faults DOOR [--seed N] [--minutes N]`: a schedule of faults at a door, the same again for the same seed. However it ends, the door is well again. */
export async function runFaults(args: readonly string[], client: SocketClient, print: (line: string) => void): Promise<number> {
  const words = wordsOf(args, { values: ['seed', 'minutes'], flags: [] });
  const [door, extra] = words.plain;
  if (door === undefined || extra !== undefined) throw new FieldError('faults', 'DOOR [--seed N] [--minutes N]');
  const minutes = words.number('minutes', [1, HOUR_MINUTES]) ?? 2;
  const seed = words.number('seed', [0, SEED_MAX]) ?? randomInt(1_000_000);
  print(`npm run sim -- faults ${door} --seed ${seed} --minutes ${minutes}`);
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  process.once('SIGINT', stop);
  const began = performance.now();
  try {
    // Chance begins with the seed at the first step and goes on from there.
    await act(client, door, ['fault', 'none'], seed);
    for (const [place, step] of faultSchedule(seed, minutes).entries()) {
      await sleep(Math.max(0, step.at - (performance.now() - began)), undefined, { signal: stopping.signal });
      await act(client, door, step.words, seed + place + 1);
      print(`${shown(step.at)}  ${step.words.join(' ')}`);
    }
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
    for (const step of HEALED) await act(client, door, step, seed);
    print(`${shown(performance.now() - began)}  ${HEALED.map((step) => step.join(' ')).join(' · ')}`);
  } finally {
    process.off('SIGINT', stop);
  }
  return 0;
}
