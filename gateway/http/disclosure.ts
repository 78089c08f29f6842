import { type Sentence, noteSentence } from '../core/reasons.ts';
import type { EventData, StoredEntry } from '../journal/entry.ts';
import type { DoorState } from '../doors/link.ts';
import type { LedgerLine } from './schemas/ledger.ts';
import type { DoorLive } from './schemas/places.ts';
import type { Role } from './schemas/session.ts';
import { touches, type Viewer } from './viewer.ts';
import { entrySentence } from './words.ts';

/**
 * The gate (invariant I5): the one place where a journal entry or a door's state becomes something a role may see.
 * Nobody gets a person, a unit or a card here (design.md 9). A landlord gets device state, refusals and what needs
 * attention, and nothing that tells when anybody came or went: no grants, no exit button, no door opening or closing.
 */
const ATTENTION: ReadonlySet<string> = new Set([
  'forced',
  'held',
  'tamper',
  'power-lost',
  'fire',
  'offline',
  'refused',
  'alarm',
  'conflict',
  'key-reused',
  'unlock-refused',
  'unlock-expired',
  'unlock-offline',
  'sign-in-failed',
]);
/** Door events that are no movement of a person. */
const DEVICE_EVENTS: ReadonlySet<string> = new Set(['forced', 'held', 'tamper', 'power-lost', 'power-back', 'fire']);

function landlordSees({ kind, granted, reason, what }: EventData): boolean {
  if (kind === 'access') return !granted;
  // An outcome that says "unopened" of a granted request is movement too: the reason tells what was decided.
  if (kind === 'outcome') return !granted && reason !== undefined && reason !== 'OK';
  if (kind === 'door') return DEVICE_EVENTS.has(what ?? '');
  return kind === 'link' || kind === 'command' || kind === 'register';
}

/** May this viewer see that this entry exists at all? Entries of no building are the operator's and the officer's. */
function sees(viewer: Viewer, { event }: StoredEntry): boolean {
  if (event.buildingId !== 0 && !touches(viewer, event.buildingId)) return false;
  if (viewer.role === 'LL') return event.buildingId !== 0 && landlordSees(event);
  return true;
}

function toneOf({ kind, granted, reason, final, what }: EventData): LedgerLine['tone'] {
  if (kind === 'access') return granted ? 'granted' : 'refused';
  if (kind === 'outcome') return final === 'not-executed' && reason === 'OK' ? 'attention' : 'info';
  return ATTENTION.has(what ?? '') ? 'attention' : 'info';
}

/** The ledger line of an entry, or undefined when the viewer may not see it. `doorName`: what people call the door. */
export function lineFor(viewer: Viewer, entry: StoredEntry, doorName: (doorId: number) => Sentence): LedgerLine | undefined {
  if (!sees(viewer, entry)) return undefined;
  const { index, event } = entry;
  return {
    index,
    at: event.gatewayTime,
    deviceTime: event.deviceTime,
    skewMs: event.skewMs,
    buildingId: event.buildingId,
    doorId: event.doorId,
    door: doorName(event.doorId),
    kind: event.kind,
    code: event.kind === 'access' ? (event.reason ?? 'DEVICE_FAULT') : (event.what ?? event.reason ?? event.kind),
    granted: event.granted,
    offline: event.offline,
    note: event.note ?? null,
    final: event.final ?? null,
    why: entrySentence(event),
    noteWhy: event.note === undefined ? null : noteSentence(event.note),
    ref: event.ref ?? null,
    tone: toneOf(event),
  };
}

/** A door's live state. For a landlord the leaf, the bolt and the waiting events stay unknown: each change of them is somebody passing. */
export function liveFor(role: Role, state: DoorState): DoorLive {
  const { online, since, contact, lock, power, queued, have, want } = state;
  const whole: DoorLive = { online, since, contact, lock, power, queued, have, want };
  return role === 'LL' ? { ...whole, contact: 'unknown', lock: 'unknown', queued: 0 } : whole;
}
