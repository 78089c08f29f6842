import type { ProvenRow } from '../store/journal-export.ts';
import { commitment, type Part } from './leaf.ts';
import type { LogSpan } from './log.ts';
import { type Keys, keyDay, unseal } from './seal.ts';

/** A sealed half seen from outside. `m`: it opens to its commitment. `g`: its key is gone. `x`: its key is there and it does not. A person behind an event that does not open counts as the event. */
export type HalfState = 'm' | 'g' | 'x';

/** The halves of an entry as `r ‖ data`; undefined where they do not open to their commitments. */
export interface Halves {
  readonly event: Buffer | undefined;
  readonly person: Buffer | undefined;
  /** Of the event and of the person. */
  readonly state: `${HalfState}${HalfState}`;
}

/** Bytes in front of a sealed event that name the person's key. */
const SERIAL_BYTES = 4;

function matches(part: Part, opening: Buffer, expected: Buffer): boolean {
  try {
    return commitment(part, opening).equals(expected);
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Opens both halves and holds them against what the leaf says. `at`: the time its day key is looked up by, if not the row's own. */
export function openHalves(row: ProvenRow, { logId, first }: LogSpan, keys: Keys, at = row.at): Halves {
  const day = keyDay(row.kind, at);
  const index = row.idx - first;
  const key = keys.event(day);
  if (key === undefined) return { event: undefined, person: undefined, state: 'gg' };
  const opened = unseal(key, { part: 'event', logId, index }, row.event);
  const event = opened?.subarray(SERIAL_BYTES);
  if (opened === undefined || event === undefined || !matches('event', event, row.cEvent)) return { event: undefined, person: undefined, state: 'xx' };
  const personKey = keys.person(day, opened.readUInt32BE(0));
  if (personKey === undefined) return { event, person: undefined, state: 'mg' };
  const person = unseal(personKey, { part: 'person', logId, index }, row.person);
  return person !== undefined && matches('person', person, row.cPerson) ? { event, person, state: 'mm' } : { event, person: undefined, state: 'mx' };
}
