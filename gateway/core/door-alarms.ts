import { dateAt, startOfDay } from './local-date.ts';
import type { Form } from './matrix.ts';

/** What is known of one kind of door alarm. */
interface Kind {
  /** The word of the same door that ends it; undefined: it has no duration. */
  readonly ends: string | undefined;
  /** Somebody at the door brings it about: when it happened tells of a coming or going. */
  readonly byPeople: boolean;
}

/**
 * Happenings at a door that a person must look at (GB 50396-2007, Building code 14.4, EN 60839-11-1 table 7), by their
 * word in the journal. `offline` is raised by time, `new-instance` by a start that says so, `channel` by what a serial line turned away.
 */
export const DOOR_ALARMS = {
  forced: { ends: 'closed', byPeople: true },
  held: { ends: 'closed', byPeople: true },
  tamper: { ends: 'tamper-end', byPeople: false },
  'contact-fault': { ends: 'contact-back', byPeople: false },
  'power-lost': { ends: 'power-back', byPeople: false },
  'battery-low': { ends: 'battery-back', byPeople: false },
  'clock-jump': { ends: undefined, byPeople: false },
  'pin-tries': { ends: undefined, byPeople: true },
  duress: { ends: undefined, byPeople: true },
  'reader-lost': { ends: 'reader-back', byPeople: false },
  fire: { ends: 'fire-end', byPeople: false },
  offline: { ends: 'online', byPeople: false },
  'new-instance': { ends: undefined, byPeople: false },
  channel: { ends: undefined, byPeople: false },
} as const satisfies Readonly<Record<string, Kind>>;

/** Name of a door alarm. */
export type AlarmWord = keyof typeof DOOR_ALARMS;

/** True when a word from outside names a door alarm. */
export const isAlarmWord = (word: string): word is AlarmWord => Object.hasOwn(DOOR_ALARMS, word);

/** Every door alarm, in the order of the table. */
export const ALARM_WORDS: readonly AlarmWord[] = Object.keys(DOOR_ALARMS).filter(isAlarmWord);

/** It happens and is over: there is nothing to wait for. */
export const isMoment = (word: AlarmWord): boolean => DOOR_ALARMS[word].ends === undefined;

/**
 * A controller offline for this long is an alarm, ms. A switch or router that restarts is back within three to five
 * minutes; an alarm at each of those teaches people to sign without looking. The door page shows the link at once.
 */
export const OFFLINE_MS = 10 * 60_000;

/** Alarms that end with this word. */
export const endedBy = (word: string): readonly AlarmWord[] => ALARM_WORDS.filter((each) => DOOR_ALARMS[each].ends === word);

/** How much of an alarm somebody is told: all of it; that it was, and on which day; nothing. */
export type Told = 'whole' | 'day' | 'none';

/**
 * What a form of the right to door alarms tells (docs/decisions/0035). In full everything; `technical` all but duress,
 * which is for officers (design.md 6.1); `state` nothing that says when somebody passed: what people bring about by
 * the day, at the door of a home (`home`) the door held open not at all.
 */
export function alarmTold(form: Form | undefined, word: AlarmWord, home: boolean): Told {
  if (form === '') return 'whole';
  if (word === 'duress') return 'none';
  if (form === 'technical') return 'whole';
  if (form !== 'state') return 'none';
  if (word === 'held') return home ? 'none' : 'day';
  return home && DOOR_ALARMS[word].byPeople ? 'day' : 'whole';
}

/** The first moment of the local day, epoch ms: what remains of a time that is told by the day. */
export const dayOnly = (at: number): number => startOfDay(dateAt(at));
