import { dateAt } from '../core/local-date.ts';
import type { CheckpointRow, LogRow, ProofRows } from '../store/journal-proofs.ts';
import { parseCheckpoint, type SignedCheckpoint } from '../wire/checkpoint.ts';
import { FieldError } from '../wire/fields.ts';
import { originOfLog } from './checkpoints.ts';
import { isSignedBy } from './signing.ts';

/** Checkpoints read at once. */
const PAGE = 256;

/** A checkpoint on its way into an export. `kept`: it goes in; of those signed every few entries only some do. */
export interface Walked {
  readonly row: CheckpointRow;
  readonly kept: boolean;
}

/** Checkpoints of a log over at most `size` entries, smallest first, one by one: kept are the last of each day, one for every so many entries, and the newest. */
export function* walkCheckpoints(rows: ProofRows, log: LogRow, { size, every }: { readonly size: number; readonly every: number }): Generator<Walked, undefined> {
  let [waiting, keptSize]: [CheckpointRow | undefined, number] = [undefined, 0];
  for (let page = rows.after(log, 0, PAGE); page.length > 0; page = rows.after(log, page.at(-1)?.size ?? 0, PAGE)) {
    for (const row of page.filter((each) => each.size <= size)) {
      if (waiting !== undefined) {
        const kept: boolean = waiting.size - keptSize >= every || dateAt(waiting.at) !== dateAt(row.at);
        if (kept) keptSize = waiting.size;
        yield { row: waiting, kept };
      }
      waiting = row;
    }
  }
  if (waiting !== undefined) yield { row: waiting, kept: true };
  return undefined;
}

function parsed(note: string): SignedCheckpoint | undefined {
  try {
    return parseCheckpoint(note);
  } catch (error) {
    if (error instanceof FieldError) return undefined;
    throw error;
  }
}

/** Does a stored checkpoint say what it must of its log, whose first `size` entries have this root, under the log's own key? */
export function isGenuine({ size, root, note }: CheckpointRow, log: LogRow, key: Uint8Array | undefined, found: Uint8Array): boolean {
  const said = parsed(note);
  const base64 = Buffer.from(found).toString('base64');
  if (said === undefined || said.origin !== originOfLog(log) || said.cites !== log.cites) return false;
  return said.size === size && said.root === base64 && root.toString('base64') === base64 && key !== undefined && isSignedBy(said, key);
}
