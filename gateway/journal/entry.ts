import type { BuildingId, ControllerId, CredentialId, DoorId, PersonId, TenancyId, UnitId } from '../core/ids.ts';
import type { Method } from '../core/facts.ts';
import type { DoorWord } from '../wire/mqtt/door-words.ts';
import type { Note, Reason } from '../core/reasons.ts';

/** What an entry records. The number is part of the leaf (design.md 8): never renumber, only add. */
export const ENTRY_KIND = {
  access: 1, // a decision of the gateway, or of a door while it was offline
  outcome: 2, // what the door did with it: FINAL of design.md 3
  door: 3, // exit button, forced, held open, closed, tamper, power
  link: 4, // a controller came, went or started
  command: 5, // a person's order to a door, and its answer
  register: 6, // a change of the register: import, issue, revoke
  system: 7, // start, stop, alarm, conflict
  audit: 8, // a person signed in or looked at personal data
} as const;
export type EntryKind = keyof typeof ENTRY_KIND;

/** Where an upward message comes from; unique for ever, so a replay is found (invariant I2). */
export interface EventKey {
  readonly controllerId: ControllerId;
  /** Random 64-bit number, 16 hex digits, made anew when a device's flash was lost. */
  readonly instance: string;
  readonly boot: number;
  readonly seq: number;
}

/** FINAL of an access: did the door act on this verdict, on its own, or not at all. */
export type Final = 'executed' | 'local' | 'not-executed' | 'unknown';
/** What the gateway itself notes at the doors of a serial line, besides what doors say. */
export const LINE_EVENTS = ['line-test', 'line-test-end'] as const;
export type DoorEvent = DoorWord | (typeof LINE_EVENTS)[number];
export type LinkEvent = 'online' | 'offline' | 'boot' | 'refused';

/** The part that says what happened at which door. Sealed under the day key. Times are epoch ms, 0: unknown. */
export interface EventData {
  readonly kind: EntryKind;
  readonly key: EventKey | undefined;
  readonly buildingId: BuildingId | 0;
  readonly doorId: DoorId | 0;
  /** access: verdict. outcome: opened or not. */
  readonly granted: boolean;
  readonly reason: Reason | undefined;
  readonly note: Note | undefined;
  readonly method: Method | undefined;
  readonly openMs: number;
  /** True when the door decided by itself. */
  readonly offline: boolean;
  readonly final: Final | undefined;
  /** What happened, for door, link, command, register, system and audit entries: a stable lower-case word. */
  readonly what: string | undefined;
  /** Index of the entry this one completes (an outcome's decision), or undefined. */
  readonly ref: number | undefined;
  readonly deviceTime: number;
  readonly gatewayTime: number;
  /** deviceTime − gatewayTime at receipt, ms; 0 when the device gave no time. */
  readonly skewMs: number;
  /** Access list version the door went by, `epoch.n`; '' when none. */
  readonly list: string;
  /** Hex of 8 bytes that tell a repeat from another request with the same key. '' when not from a device. */
  readonly digest: string;
}

/** The part about a person. Sealed under the person's key as well; all zero for nobody. */
export interface PersonData {
  readonly personId: PersonId | 0;
  readonly unitId: UnitId | 0;
  readonly tenancyId: TenancyId | 0;
  readonly credentialId: CredentialId | 0;
  /** Fingerprint (hex) of a credential nobody registered holds, so the landlord can enrol it; else ''. */
  readonly fingerprint: string;
  /** Account that acted, for command, register and audit entries; 0: the gateway itself. */
  readonly accountId: number;
  /** Free words of the person who acted (purpose, file name, note), at most 120 characters; else ''. */
  readonly words: string;
}

export interface NewEntry {
  readonly event: EventData;
  readonly person: PersonData;
}

export interface StoredEntry extends NewEntry {
  readonly index: number;
}

/** Answer to an append, given only after a commit with synchronous=FULL. */
export type Appended =
  | { readonly index: number; readonly duplicate: false }
  /** The key was already there. `same`: the digest agrees, so it is a repeat; else another request under a used key. */
  | { readonly index: number; readonly duplicate: true; readonly same: boolean; readonly stored: EventData };

/** The door side's handle on the journal writer thread. Rejects with JournalUnavailable when nothing was stored. */
export interface Journal {
  append(entry: NewEntry): Promise<Appended>;
  /** The entry under this device key, or undefined. */
  find(key: EventKey): Promise<StoredEntry | undefined>;
}

/** The log cannot take entries now: disk full or failing, writer restarting, queue full. Nothing was stored. */
export class JournalUnavailable extends Error {
  override readonly name = 'JournalUnavailable';
}

export const NO_PERSON: PersonData = { personId: 0, unitId: 0, tenancyId: 0, credentialId: 0, fingerprint: '', accountId: 0, words: '' };

/** An event with everything it does not say left at "none". Written out field by field: it is made for every tap, and a spread costs ten times as much. */
export const eventOf = (event: Pick<EventData, 'kind' | 'gatewayTime'> & Partial<EventData>): EventData => ({
  kind: event.kind,
  key: event.key,
  buildingId: event.buildingId ?? 0,
  doorId: event.doorId ?? 0,
  granted: event.granted ?? false,
  reason: event.reason,
  note: event.note,
  method: event.method,
  openMs: event.openMs ?? 0,
  offline: event.offline ?? false,
  final: event.final,
  what: event.what,
  ref: event.ref,
  deviceTime: event.deviceTime ?? 0,
  gatewayTime: event.gatewayTime,
  skewMs: event.skewMs ?? 0,
  list: event.list ?? '',
  digest: event.digest ?? '',
});
