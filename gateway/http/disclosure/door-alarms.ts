import { alarmTold, type AlarmWord, dayOnly, isMoment, type Told } from '../../core/door-alarms.ts';
import { dateAt } from '../../core/local-date.ts';
import { rightTo } from '../../core/matrix.ts';
import { DOOR_ALARM_WORDS } from '../../door-alarm-words.ts';
import type { DoorAlarmRow } from '../../store/door-alarms.ts';
import type { Onlooker } from '../../store/onlookers.ts';
import type { BuildingRow } from '../../store/places.ts';
import type { DoorList } from '../door-list.ts';
import type { DoorAlarmView } from '../schemas/door-alarms.ts';
import { hasDoor, type Viewer } from '../viewer.ts';

/** Part of the gate (invariant I5): what of a door's alarm a role is told (docs/decisions/0035). */
type Alarm = Pick<DoorAlarmRow, 'word' | 'doorId'>;

/** How much of this alarm the viewer is told; `none` also for what is not in his scope. */
export function alarmSeen(viewer: Viewer, { word, doorId }: Alarm, doors: Pick<DoorList, 'of'>): Told {
  const door = doors.of(doorId);
  if (door === undefined || !hasDoor(viewer, door)) return 'none';
  // Whoever is given numbers is given the number of what happened, of whichever kind but duress.
  const right = rightTo('doorAlarm', viewer.role, 'R', true);
  return alarmTold(right?.form === 'aggregate' ? 'technical' : right?.form, word, door.unitId !== null);
}

/** May the viewer's console learn of this change now? What he is told by the day he hears of when it comes on, not when it ends or comes again. */
export function alarmTells(viewer: Viewer, change: Alarm & { readonly raised: boolean }, doors: Pick<DoorList, 'of'>): boolean {
  const told = alarmSeen(viewer, change, doors);
  return told === 'whole' || (told === 'day' && change.raised);
}

/** What an alarm is shown with. */
export interface AlarmNames {
  readonly doors: DoorList;
  readonly buildings: ReadonlyMap<number, BuildingRow>;
  readonly accounts: ReadonlyMap<number, Onlooker>;
  /** Epoch ms. */
  readonly now: number;
}

type Course = Pick<DoorAlarmView, 'at' | 'exact' | 'state' | 'endedAt' | 'count' | 'lastAt' | 'entry'>;

function stateOf({ word, endedAt }: Pick<DoorAlarmRow, 'endedAt'> & { readonly word: AlarmWord }): DoorAlarmView['state'] {
  if (isMoment(word)) return 'moment';
  return endedAt === null ? 'on' : 'over';
}

/** By the day, an end is told when its day is over. */
function courseOf(alarm: DoorAlarmRow, told: Told, now: number): Course {
  const { raisedAt, lastAt, endedAt, count, entryIndex } = alarm;
  if (told === 'whole') return { at: raisedAt, exact: true, state: stateOf(alarm), endedAt: isMoment(alarm.word) ? null : endedAt, count, lastAt, entry: entryIndex };
  const past = endedAt !== null && dateAt(endedAt) < dateAt(now);
  return { at: dayOnly(raisedAt), exact: false, state: past ? stateOf(alarm) : 'untold', endedAt: null, count: null, lastAt: null, entry: null };
}

/** Entries have numbers of the viewer's own where he does not see all of them. */
const withEntries = (viewer: Viewer): boolean => rightTo('doorAlarm', viewer.role, 'R')?.form !== 'state';

/** What somebody wrote down. An officer's notes may name whom he met: they stay with officers and those who check them. */
function acknowledgedOf(viewer: Viewer, { acknowledgedAt, acknowledgedBy, note }: DoorAlarmRow, { accounts }: AlarmNames): DoorAlarmView['acknowledged'] {
  if (acknowledgedAt === null) return null;
  const by = accounts.get(acknowledgedBy ?? 0);
  const role = by?.role ?? 'SA';
  const reads = role !== 'OF' || rightTo('doorAlarm', viewer.role, 'R')?.form === '';
  return { by: by?.name ?? '', role, at: acknowledgedAt, note: reads ? note : null };
}

/** The alarm as this viewer is shown it; undefined when it is not his to know. */
export function alarmFor(viewer: Viewer, alarm: DoorAlarmRow, names: AlarmNames): DoorAlarmView | undefined {
  const { id, word, doorId, buildingId, acknowledgedAt } = alarm;
  const told = alarmSeen(viewer, alarm, names.doors);
  const door = names.doors.of(doorId);
  const building = names.buildings.get(buildingId);
  if (told === 'none' || door === undefined || building === undefined) return undefined;
  const course = courseOf(alarm, told, names.now);
  return {
    id,
    word,
    words: DOOR_ALARM_WORDS[word],
    door: { id: door.id, name: door.name, nameEn: door.nameEn },
    building: { id: building.id, name: building.name, nameEn: building.nameEn },
    ...course,
    entry: withEntries(viewer) ? course.entry : null,
    acknowledged: acknowledgedOf(viewer, alarm, names),
    mayAcknowledge: acknowledgedAt === null && rightTo('doorAlarm', viewer.role, 'U') !== undefined,
  };
}
