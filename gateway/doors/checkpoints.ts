import type { Checkpoint, HeldCheckpoint, Judged } from '../journal/checkpoints.ts';
import type { Message } from '../wire/mqtt/messages.ts';
import type { Device, LinkContext } from './device.ts';
import type { Fleet } from './fleet.ts';

/** First minor version of the protocol that knows checkpoints. */
const MINOR = 1;
/** A device gets one this often at most, ms; with many devices so seldom that all together take this many a second. */
const EVERY_MS = 10_000;
const A_SECOND = 50;
const LOG_ID_DIGITS = 32;

/** The log, as far as handing out its checkpoints goes. */
export interface CheckpointSource {
  newest(): Checkpoint | undefined;
  judge(held: HeldCheckpoint): Promise<Judged>;
}

/** `log`: the newest checkpoint, for the device to keep. */
function offer(context: LinkContext, device: Device, { origin, size, root, note }: Checkpoint): void {
  device.offered = { origin, size, at: context.uptime() };
  context.send(device, 'log', { v: 1, o: origin.slice(-LOG_ID_DIGITS), s: size, h: Buffer.from(root).toString('hex'), note });
}

/**
 * To be called every second: hands the newest checkpoint to devices that have not had it. What leaves the house this
 * way cannot be taken back: a log that was cut or written anew no longer agrees with it (design.md 8).
 */
export function offerCheckpoints(context: LinkContext, fleet: Fleet, source: CheckpointSource): void {
  const newest = source.newest();
  if (newest === undefined) return;
  const able = [...fleet.all()].filter(({ greeted, minor }) => greeted && minor >= MINOR);
  const everyMs = Math.max(EVERY_MS, (able.length * 1000) / A_SECOND);
  const now = context.uptime();
  const due = able.filter(({ offered }) => offered === undefined || ((offered.origin !== newest.origin || offered.size < newest.size) && now - offered.at >= everyMs));
  for (const device of due.slice(0, A_SECOND)) offer(context, device, newest);
}

/** `log/have`: what the device holds. One that does not agree with our log is an entry here, and an alarm of the log's own. */
export async function onLogHave(context: LinkContext, device: Device, source: CheckpointSource, { o, s, h }: Message<'log/have'>): Promise<void> {
  const judged = await source.judge({ logId: o, size: s, root: h });
  const agrees = judged === 'agrees';
  const newest = source.newest();
  // Of earlier logs only what does not agree is worth showing.
  if (!agrees || newest === undefined || newest.origin.endsWith(o)) {
    device.heldLog = { size: s, at: context.now(), agrees };
    context.announce(device);
  }
  if (!agrees) context.refuse(device, `log-${judged}`, `${s} entries, root ${h}`);
}
