import { randomInt } from 'node:crypto';
import { ALARM_WORDS, type AlarmWord, endedBy, isAlarmWord, isMoment, OFFLINE_MS } from '../core/door-alarms.ts';
import { dateAt } from '../core/local-date.ts';
import type { StoredEntry } from '../journal/entry.ts';
import type { Register, WriteDb } from '../store/register.ts';
import { ms, msOrNull, wordOf } from '../store/values.ts';

/** Under which name it remembers how far it has read the journal. */
const JOB = 'door-alarms';
const MOST_ID = 2 ** 31;

/** An alarm that came on, or came again or ended, for whoever is to be told. */
export interface AlarmChange {
  readonly word: AlarmWord;
  readonly doorId: number;
  readonly raised: boolean;
}

/** Something at a door. `at`: epoch ms, by the door's own clock when it told afterwards, else by the gateway's. */
interface Happened {
  readonly what: string;
  readonly doorId: number;
  readonly buildingId: number;
  readonly at: number;
  readonly index: number;
}

interface Row {
  readonly id: number;
  readonly word: AlarmWord;
  readonly doorId: number;
  readonly buildingId: number;
  readonly raisedAt: number;
  readonly entryIndex: number;
  readonly acknowledged: boolean;
  lastAt: number;
  count: number;
  endedAt: number | null;
  state: 'kept' | 'changed' | 'new';
}

/** What a door cannot say of itself: only the gateway knows. */
const FROM_LINKS = ['offline', 'online', 'new-instance', 'channel'];

/** What an entry says happened at a door; undefined for what is at none. */
function happenedIn({ index, event, person }: StoredEntry): Happened | undefined {
  const { kind, what = '', doorId, buildingId, offline, deviceTime, gatewayTime } = event;
  if (doorId === 0 || buildingId === 0) return undefined;
  const at = offline && deviceTime > 0 && deviceTime < gatewayTime ? deviceTime : gatewayTime;
  const started = kind === 'link' && what === 'boot';
  if (kind === 'door' && FROM_LINKS.includes(what)) return undefined;
  const turnedAway = kind === 'link' && what === 'refused' && person.words.startsWith('osdp-');
  return { what: turnedAway ? 'channel' : started && person.words === 'new-instance' ? 'new-instance' : what, doorId, buildingId, at, index };
}

/** The alarms of some doors that wait or go on, as a run of happenings changes them. */
class Alarms {
  readonly rows: Row[];
  readonly changes: AlarmChange[] = [];

  constructor(rows: Row[]) {
    this.rows = rows;
  }

  /** The same thing at the same door counts up until somebody acknowledges it. */
  raise(word: AlarmWord, { doorId, buildingId, at, index }: Omit<Happened, 'what'>): void {
    const open = this.rows.find((row) => row.doorId === doorId && row.word === word && !row.acknowledged);
    const endedAt = isMoment(word) ? at : null;
    if (open === undefined)
      this.rows.push({ id: randomInt(1, MOST_ID), word, doorId, buildingId, raisedAt: at, entryIndex: index, acknowledged: false, lastAt: at, count: 1, endedAt, state: 'new' });
    else {
      Object.assign(open, { lastAt: Math.max(open.lastAt, at), count: open.count + 1, endedAt });
      if (open.state === 'kept') open.state = 'changed';
    }
    this.changes.push({ word, doorId, raised: open === undefined });
  }

  /** Ends what this word ends, also where somebody has acknowledged it already. */
  end(what: string, { doorId, at }: Pick<Happened, 'doorId' | 'at'>): void {
    const words = endedBy(what);
    for (const row of this.rows.filter((each) => each.doorId === doorId && each.endedAt === null && words.includes(each.word))) {
      row.endedAt = Math.max(at, row.lastAt);
      if (row.state === 'kept') row.state = 'changed';
      this.changes.push({ word: row.word, doorId, raised: false });
    }
  }
}

async function alarmsAt(db: WriteDb, where: object): Promise<Alarms> {
  const found = await db.doorAlarm.findMany({ where: { ...where, OR: [{ acknowledgedAt: null }, { endedAt: null }] } });
  return new Alarms(
    found.map(({ id, word, doorId, buildingId, raisedAt, lastAt, count, endedAt, entryIndex, acknowledgedAt }) => ({
      ...{ id, word: wordOf('DoorAlarm.word', ALARM_WORDS, word), doorId, buildingId, count, state: 'kept' },
      ...{ raisedAt: ms(raisedAt), lastAt: ms(lastAt), endedAt: msOrNull(endedAt), entryIndex: ms(entryIndex), acknowledged: acknowledgedAt !== null },
    })),
  );
}

const changing = ({ lastAt, count, endedAt }: Row) => ({ lastAt: BigInt(lastAt), count, endedAt: endedAt === null ? null : BigInt(endedAt) });

/** The statements that bring the register to how the alarms are now; a street that goes at once is one. */
function written(db: WriteDb, { rows }: Alarms) {
  const fresh = rows.filter(({ state }) => state === 'new');
  const data = fresh.map((row) => {
    const { id, word, doorId, buildingId, raisedAt, entryIndex } = row;
    return { ...changing(row), id, word, doorId, buildingId, day: dateAt(raisedAt), raisedAt: BigInt(raisedAt), entryIndex: BigInt(entryIndex) };
  });
  const changed = rows.filter(({ state }) => state === 'changed');
  return [...changed.map((row) => db.doorAlarm.update({ where: { id: row.id }, data: changing(row) })), ...(data.length === 0 ? [] : [db.doorAlarm.createMany({ data })])];
}

const readUpTo = (db: WriteDb, upTo: number) => db.followedLog.upsert({ where: { job: JOB }, create: { job: JOB, upTo: BigInt(upTo) }, update: { upTo: BigInt(upTo) } });

/** Index of the entry up to which alarms have been raised; undefined: the journal was never followed. */
export async function alarmsRaisedTo({ followedLog }: Pick<WriteDb, 'followedLog'>): Promise<number | undefined> {
  const found = await followedLog.findUnique({ where: { job: JOB } });
  return found === null ? undefined : ms(found.upTo);
}

/** From here on the journal is followed: nothing before it raises an alarm, nothing after it is left out. */
export async function followAlarmsFrom({ write }: Register, upTo: number): Promise<void> {
  await write((db) => readUpTo(db, upTo));
}

/**
 * Raises and ends alarms by these entries, which are all of doors and links up to `upTo`. What is written and how far
 * was read are one transaction, and entries from before it are left out: each entry counts once, whenever one stops.
 */
export async function raiseAlarms({ write }: Register, { entries, upTo }: { readonly entries: readonly StoredEntry[]; readonly upTo: number }): Promise<readonly AlarmChange[]> {
  return write(async (db) => {
    const before = (await alarmsRaisedTo(db)) ?? -1;
    if (upTo <= before) return [];
    const happened = entries.flatMap((entry) => (entry.index > before ? (happenedIn(entry) ?? []) : []));
    const doors = [...new Set(happened.map(({ doorId }) => doorId))];
    const alarms = await alarmsAt(db, { doorId: { in: doors } });
    const away = new Map<number, Happened | undefined>();
    for (const each of happened) {
      if (each.what === 'offline' || each.what === 'online') away.set(each.doorId, each.what === 'offline' ? each : undefined);
      else if (isAlarmWord(each.what)) alarms.raise(each.what, each);
      alarms.end(each.what, each);
    }
    const gone = [...away.values()].flatMap((each) =>
      each === undefined ? [] : { doorId: each.doorId, buildingId: each.buildingId, sinceAt: BigInt(each.at), entryIndex: BigInt(each.index) },
    );
    await db.$transaction([
      ...written(db, alarms),
      db.doorAway.deleteMany({ where: { doorId: { in: [...away.keys()] } } }),
      ...(gone.length === 0 ? [] : [db.doorAway.createMany({ data: gone })]),
      readUpTo(db, upTo),
    ]);
    return alarms.changes;
  });
}

/** What is known of the doors now. `watching`: since when somebody listens for them, epoch ms; a door counts as away from then at the earliest. */
export interface Watch {
  readonly now: number;
  readonly watching: number;
  /** Doors that are connected: a line of a link that comes and goes too often is left out of the log. */
  readonly online: ReadonlySet<number>;
}

/** Raises the alarm of controllers that have been offline for long, and ends it of those that are back. */
export async function raiseOffline({ read, write }: Register, { now, watching, online }: Watch): Promise<readonly AlarmChange[]> {
  const running = { word: 'offline', endedAt: null };
  const due = async (db: Pick<WriteDb, 'doorAway'>) => {
    const rows = await db.doorAway.findMany();
    return rows.filter(({ doorId, sinceAt }) => online.has(doorId) || Math.max(ms(sinceAt), watching) + OFFLINE_MS <= now);
  };
  // Most of the time there is nothing to do, and a look needs no turn in the queue of writes.
  const back = (await read.doorAlarm.findMany({ where: running, select: { doorId: true } })).some(({ doorId }) => online.has(doorId));
  if (!back && (await due(read)).length === 0) return [];
  return write(async (db) => {
    const gone = await due(db);
    const alarms = await alarmsAt(db, { word: 'offline' });
    const retired = await db.door.findMany({ where: { id: { in: gone.map(({ doorId }) => doorId) }, controller: { retiredAt: { not: null } } }, select: { id: true } });
    for (const { doorId, buildingId, sinceAt, entryIndex } of gone) {
      if (online.has(doorId) || retired.some(({ id }) => id === doorId)) continue;
      alarms.raise('offline', { doorId, buildingId, at: ms(sinceAt), index: ms(entryIndex) });
    }
    for (const doorId of online) alarms.end('online', { doorId, at: now });
    await db.$transaction([...written(db, alarms), db.doorAway.deleteMany({ where: { doorId: { in: gone.map(({ doorId }) => doorId) } } })]);
    return alarms.changes;
  });
}
