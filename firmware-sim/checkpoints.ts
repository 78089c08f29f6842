import type { Message } from '../gateway/wire/mqtt/messages.ts';
import type { Step } from './model.ts';
import { type HeldCheckpoint, keepCheckpoint } from './store-image.ts';

/** A newer checkpoint is written to the store this often at most, ms, to spare it; RAM has the newest. */
const STORE_EVERY_MS = 600_000;

function publishHeld(c: Step, { o, s, h }: HeldCheckpoint): void {
  const { instance, boot } = c.run;
  c.out.push({ t: 'publish', tail: 'log/have', body: { v: 1, i: instance, b: boot, o, s, h } });
}

/** Says which checkpoints it holds, one message for each log, once a connection. */
export function publishCheckpoints(c: Step): void {
  for (const held of c.run.checkpoints.values()) publishHeld(c, held);
}

/**
 * The gateway hands out a checkpoint of its log. One of fewer entries, or of as many with another root, is never taken:
 * what is held is said instead, and the gateway hears that its log is not what it once signed.
 */
export function checkpointCame(c: Step, { o, s, h, note }: Message<'log'>): void {
  const { run } = c;
  const held = run.checkpoints.get(o);
  if (held !== undefined && s <= held.s) return publishHeld(c, held);
  const taken: HeldCheckpoint = { o, s, h, note };
  keepCheckpoint(run.checkpoints, taken);
  if (held === undefined || run.u - run.checkpointStoredAt >= STORE_EVERY_MS) {
    run.checkpointStoredAt = run.u;
    c.out.push({ t: 'store', change: { checkpoints: [taken] } });
  }
  publishHeld(c, taken);
}
