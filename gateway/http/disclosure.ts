import { alarmTold, isAlarmWord } from '../core/door-alarms.ts';
import { type Form, rightTo } from '../core/matrix.ts';
import { noteSentence } from '../core/reasons.ts';
import type { Role } from '../core/roles.ts';
import { type EventData, LINE_EVENTS, type StoredEntry } from '../journal/entry.ts';
import type { DoorState } from '../doors/link.ts';
import type { DoorRow } from '../store/places.ts';
import { DOOR_WORDS, type DoorWord } from '../wire/mqtt/door-words.ts';
import type { DoorList } from './door-list.ts';
import type { LedgerLine } from './schemas/ledger.ts';
import type { DoorLive } from './schemas/places.ts';
import { hasDoor, inScope, type Viewer } from './viewer.ts';
import { entrySentence } from './words.ts';

/**
 * The gate (invariant I5): the one place where a journal entry or a door's state becomes something a role may see.
 * Nobody gets a person, a unit or a card here (design.md 9). An officer gets what happens at shared doors; a landlord
 * device state, refusals and what needs attention; a building leader device state; and these two nothing that tells
 * when anybody came or went: no grants, no exit button, no door opening, closing or held open.
 */
const ATTENTION: ReadonlySet<string> = new Set([
  'forced',
  'held',
  'tamper',
  'contact-fault',
  'reader-lost',
  'power-lost',
  'battery-low',
  'fire',
  'clock-jump',
  'pin-tries',
  'duress',
  'lockdown',
  'lockdown-begun',
  'offline',
  'refused',
  'alarm',
  'conflict',
  'key-reused',
  'sign-in-failed',
]);
/** What each word of a door is about: the device, or somebody coming, going or tapping. A new word has to say so here. */
const ABOUT = {
  exit: 'people',
  opened: 'people',
  closed: 'people',
  forced: 'device',
  held: 'device',
  tamper: 'device',
  'tamper-end': 'device',
  'contact-fault': 'device',
  'contact-back': 'device',
  'reader-lost': 'device',
  'reader-back': 'device',
  'power-lost': 'device',
  'power-back': 'device',
  'battery-low': 'device',
  'battery-back': 'device',
  fire: 'device',
  'fire-end': 'device',
  'clock-jump': 'device',
  'pin-tries': 'device',
  duress: 'people',
  lockdown: 'device',
  'lockdown-end': 'device',
  'duty-release': 'people',
  'first-in': 'people',
  hold: 'device',
  'hold-end': 'device',
  settings: 'device',
} as const satisfies Readonly<Record<DoorWord, 'device' | 'people'>>;
/** Door events that are no movement of a person. */
const DEVICE_EVENTS: ReadonlySet<string> = new Set<string>([...LINE_EVENTS, ...DOOR_WORDS.filter((word) => ABOUT[word] === 'device')]);

const DURESS = 'duress';
/** An order that a door did not carry out. */
const NOT_DONE = /-(refused|expired|offline)$/;

/** State of the devices: neither decisions nor comings and goings. */
const isState = ({ kind, what }: EventData): boolean => kind === 'link' || (kind === 'door' && DEVICE_EVENTS.has(what ?? ''));

/** What of a building's entries each form of the right to the ledger shows. A form that is not here shows nothing. */
const SHOWS: Readonly<Partial<Record<Form, (event: EventData) => boolean>>> = {
  '': () => true,
  // Of shared doors everything; what `sees` leaves out is said there.
  shared: () => true,
  // No outcomes: what a door did with a decision tells of a passing, or repeats that there was none.
  refusals: (event) => isState(event) || (event.kind === 'access' && !event.granted) || event.kind === 'command' || event.kind === 'register',
  state: isState,
};

/** In what form a role is shown the ledger; undefined: not at all. */
const ledgerForm = (role: Role): Form | undefined => rightTo('ledger', role, 'R')?.form;

/** Does the role see every entry in its scope? Whoever does not must not learn from numbers, states or counts what is left out. */
export const seesAll = (role: Role): boolean => ledgerForm(role) === '' || ledgerForm(role) === 'shared';

/** At the door of a home each line is that family coming or going: for an officer behind a purpose (`disclosure/review.ts`). */
const isHomeKept = (role: Role, door: Pick<DoorRow, 'unitId'> | undefined): boolean => ledgerForm(role) === 'shared' && door !== undefined && door.unitId !== null;

/** What happened at a door is of whoever has the door; what happened at none, of whoever has the whole building. Entries of no building are of those who see all. */
function near(viewer: Viewer, { buildingId, doorId }: EventData, doors: Pick<DoorList, 'of'>): boolean {
  if (buildingId === 0) return seesAll(viewer.role);
  const door = doorId === 0 ? undefined : doors.of(doorId);
  return door === undefined ? inScope(viewer, buildingId) : hasDoor(viewer, door);
}

/** Duress is for officers, at whichever door; who forced somebody may look over the shoulder of everybody else (design.md 6.1). */
const isDuress = ({ kind, what }: EventData): boolean => kind === 'door' && what === 'duress';

/** A line has a time, so what the alarms tell this role by the day alone, or not at all, has none (docs/decisions/0035, 0041). */
function isByTheDay(role: Role, { kind, what = '' }: EventData, door: Pick<DoorRow, 'unitId'> | undefined): boolean {
  if (kind !== 'door' || !isAlarmWord(what) || seesAll(role)) return false;
  return alarmTold(rightTo('doorAlarm', role, 'R')?.form, what, door?.unitId != null) !== 'whole';
}

/** May this viewer see that this entry exists at all? */
function sees(viewer: Viewer, { event }: StoredEntry, doors: Pick<DoorList, 'of'>): boolean {
  if (isDuress(event)) return rightTo('doorAlarm', viewer.role, 'R')?.form === '' && ledgerForm(viewer.role) !== undefined && near(viewer, event, doors);
  const form = ledgerForm(viewer.role);
  if (isByTheDay(viewer.role, event, doors.of(event.doorId))) return false;
  // Who was made to open a door is for the police alone (design.md 6.1), at a home too.
  if (event.what === DURESS) return form === 'shared' && near(viewer, event, doors);
  if (isHomeKept(viewer.role, doors.of(event.doorId)) && !isState(event)) return false;
  return form !== undefined && SHOWS[form]?.(event) === true && near(viewer, event, doors);
}

function toneOf({ kind, granted, reason, final, what }: EventData): LedgerLine['tone'] {
  if (kind === 'access') return granted ? 'granted' : 'refused';
  if (kind === 'outcome') return final === 'not-executed' && reason === 'OK' ? 'attention' : 'info';
  const attention = ATTENTION.has(what ?? '') || (kind === 'command' && NOT_DONE.test(what ?? ''));
  return attention ? 'attention' : 'info';
}

/** The ledger line of an entry, or undefined when the viewer may not see it. Its numbers are those of the journal: `ledger.ts` gives the viewer's own. */
export const lineFor = (viewer: Viewer, entry: StoredEntry, doors: Pick<DoorList, 'of' | 'name'>): LedgerLine | undefined =>
  sees(viewer, entry, doors) ? ledgerLine(entry, doors) : undefined;

/** An entry as a line, for `lineFor` and for the review under a purpose, which have asked who may see it. No person, no unit, no card. */
export function ledgerLine({ index, event }: StoredEntry, doors: Pick<DoorList, 'name'>): LedgerLine {
  return {
    index,
    at: event.gatewayTime,
    deviceTime: event.deviceTime,
    skewMs: event.skewMs,
    buildingId: event.buildingId,
    doorId: event.doorId,
    door: doors.name(event.doorId),
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

/** A door's live state. For who does not see all of it, the leaf, the bolt and the waiting events stay unknown: each change of them is somebody passing. */
export function liveFor(role: Role, door: Pick<DoorRow, 'unitId'>, state: DoorState): DoorLive {
  const { online, since, contact, lock, power, queued, have, want, weak, unwanted, keypad } = state;
  const whole: DoorLive = {
    online,
    since,
    contact,
    lock,
    power,
    queued,
    have,
    want,
    ...(weak === true ? { weak } : {}),
    ...(unwanted === undefined ? {} : { unwanted }),
    ...(keypad === undefined ? {} : { keypad }),
  };
  return seesAll(role) && !isHomeKept(role, door) ? whole : { ...whole, contact: 'unknown', lock: 'unknown', queued: 0 };
}
