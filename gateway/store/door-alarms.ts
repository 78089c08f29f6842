import { ALARM_WORDS, type AlarmWord } from '../core/door-alarms.ts';
import type { LocalDate } from '../core/local-date.ts';
import type { DoorAlarm } from './generated/client.ts';
import type { Register } from './register.ts';
import { ms, msOrNull, wordOf } from './values.ts';

/** An alarm of a door. Times are epoch ms. */
export interface DoorAlarmRow {
  readonly id: number;
  readonly word: AlarmWord;
  readonly doorId: number;
  readonly buildingId: number;
  readonly day: LocalDate;
  readonly raisedAt: number;
  readonly lastAt: number;
  readonly count: number;
  readonly endedAt: number | null;
  readonly entryIndex: number;
  readonly acknowledgedAt: number | null;
  /** Null: nobody yet, or the local operator. */
  readonly acknowledgedBy: number | null;
  readonly note: string;
}

/** Those nobody has acknowledged, those somebody has, or both. */
export type AlarmFilter = 'open' | 'done' | 'all';

/** Which alarms are wanted: newest day first, those behind `after` where it is given. */
export interface AlarmPage {
  readonly filter: AlarmFilter;
  /** Only of these buildings; undefined: of all. */
  readonly buildings?: readonly number[];
  readonly after?: readonly [day: LocalDate, id: number];
  readonly limit: number;
}

const ACKNOWLEDGED = { open: { acknowledgedAt: null }, done: { acknowledgedAt: { not: null } }, all: {} } as const;

/** Alarms of doors, as `register/raise-door-alarms.ts` raised them. */
export interface DoorAlarms {
  find(id: number): Promise<DoorAlarmRow | undefined>;
  page(wish: AlarmPage): Promise<readonly DoorAlarmRow[]>;
  /** False: somebody has acknowledged it already. `by`: null for the local operator. */
  acknowledge(id: number, about: { readonly by: number | null; readonly note: string; readonly now: number }): Promise<boolean>;
}

/** Door alarms of the register. */
export function doorAlarmsOf({ read, write, vault }: Register): DoorAlarms {
  const row = ({ word, raisedAt, lastAt, endedAt, entryIndex, acknowledgedAt, noteSealed, ...alarm }: DoorAlarm): DoorAlarmRow => ({
    ...alarm,
    word: wordOf('DoorAlarm.word', ALARM_WORDS, word),
    raisedAt: ms(raisedAt),
    lastAt: ms(lastAt),
    endedAt: msOrNull(endedAt),
    entryIndex: ms(entryIndex),
    acknowledgedAt: msOrNull(acknowledgedAt),
    note: noteSealed === null ? '' : vault.open('alarm.note', noteSealed),
  });
  return {
    async find(id) {
      const found = await read.doorAlarm.findUnique({ where: { id } });
      return found === null ? undefined : row(found);
    },
    async page({ filter, buildings, after, limit }) {
      const conditions = [
        ACKNOWLEDGED[filter],
        buildings === undefined ? {} : { buildingId: { in: [...buildings] } },
        after === undefined ? {} : { OR: [{ day: { lt: after[0] } }, { day: after[0], id: { lt: after[1] } }] },
      ];
      return (await read.doorAlarm.findMany({ where: { AND: conditions }, orderBy: [{ day: 'desc' }, { id: 'desc' }], take: limit })).map(row);
    },
    async acknowledge(id, { by, note, now }) {
      const data = { acknowledgedAt: BigInt(now), acknowledgedBy: by, noteSealed: vault.seal('alarm.note', note) };
      return (await write((db) => db.doorAlarm.updateMany({ where: { id, acknowledgedAt: null }, data }))).count === 1;
    },
  };
}
