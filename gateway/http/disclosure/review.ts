import type { StoredEntry } from '../../journal/entry.ts';
import type { PersonRow } from '../../store/homes.ts';
import type { Room } from '../../store/persons.ts';
import type { PurposeRow } from '../../store/purposes.ts';
import { ledgerLine } from '../disclosure.ts';
import { refusal } from '../problem.ts';
import type { ReviewLine, ReviewPage, ReviewQuery, UnitCounts } from '../schemas/review.ts';
import type { Site } from '../site.ts';
import type { Viewer } from '../viewer.ts';
import { maskedPerson } from '../views/person.ts';
import { filterUnder, wordsOf } from './filter.ts';
import type { Look, Whom } from './looks.ts';

const USUAL_LIMIT = 60;

/** What entries are named with. Empty before the second act: then lines carry nobody. */
export interface Names {
  readonly people: ReadonlyMap<number, PersonRow>;
  readonly rooms: ReadonlyMap<number, Room>;
}

const NOBODY: Names = { people: new Map(), rooms: new Map() };

/** Names of the people and homes in these entries. */
export async function namesIn({ persons }: Pick<Site, 'persons'>, entries: readonly StoredEntry[]): Promise<Names> {
  const ids = (pick: (entry: StoredEntry) => number): number[] => [...new Set(entries.map(pick))].filter((id) => id !== 0);
  const [people, rooms] = await Promise.all([persons.byIds(ids(({ person }) => person.personId)), persons.rooms(ids(({ person }) => person.unitId))]);
  return { people, rooms };
}

/** An entry as a line of a review. Whoever is on it has been noted. */
export function reviewLine(entry: StoredEntry, { people, rooms }: Names, doors: Site['doorList']): ReviewLine {
  const [person, room] = [people.get(entry.person.personId), rooms.get(entry.person.unitId)];
  return {
    ...ledgerLine(entry, doors),
    method: entry.event.method ?? null,
    unit: room === undefined ? null : { id: room.id, room: room.room },
    person: person === undefined ? null : maskedPerson(person),
  };
}

/** Whom an entry shows. */
export const whomOf = ({ person, event }: StoredEntry): Whom => ({
  personId: person.personId,
  ...(person.unitId === 0 ? {} : { unitId: person.unitId }),
  ...(event.buildingId === 0 ? {} : { buildingId: event.buildingId }),
});

/** Where something is done under a purpose, for an audit line. */
export const placeOf = ({ buildingId, entryIndex }: PurposeRow): { buildingId?: number; ref: number } => ({ ...(buildingId === null ? {} : { buildingId }), ref: entryIndex });

/** Counts by home: what an officer is shown first. */
export async function unitCounts({ persons, audit, deps: { journal } }: Site, viewer: Viewer, purpose: PurposeRow): Promise<UnitCounts> {
  const { buildingId, rangeFrom: from, rangeUntil: until } = purpose;
  if (buildingId === null) throw refusal('BAD_INPUT', { field: 'buildingId', expected: '必填 / required' });
  const rooms = await persons.roomsOf(buildingId);
  await audit.acted(viewer, 'counts-viewed', placeOf(purpose));
  const counts = new Map(journal.unitCounts({ from, until, unitIds: rooms.map(({ id }) => id) }).map((count) => [count.unitId, count]));
  const units = rooms.flatMap(({ id, room, floor }) => {
    const { granted = 0, refused = 0, lastDay } = counts.get(id) ?? {};
    return granted + refused === 0 ? [] : [{ unit: { id, room, floor }, granted, refused, lastDay: lastDay ?? null }];
  });
  const { granted, refused } = journal.buildingCount({ buildingId, from, until });
  return { from, until, units, all: { granted, refused } };
}

/** A person is the purpose's business when he is in the viewer's area and lives, works or did so in its building, or came to its doors in its range. Refuses SCOPE_DENIED. */
export async function needConcerned(site: Site, viewer: Viewer, purpose: PurposeRow, personId: number): Promise<void> {
  const { objects, persons, deps } = site;
  const { buildingId, rangeFrom: from, rangeUntil: until } = purpose;
  const places = async () => [...(await persons.homes([personId], deps.clock())), ...(await persons.works([personId], deps.clock()))];
  const lives = async (): Promise<boolean> => (await places()).some((place) => place.buildingId === buildingId);
  const came = (id: number): boolean => deps.journal.before({ personId, buildingId: id, from, until, kinds: ['access'] }, 1).length > 0;
  if ((await objects.person(viewer, personId)) && (buildingId === null || (await lives()) || came(buildingId))) return;
  throw refusal(viewer.scope.all ? 'NOT_FOUND' : 'SCOPE_DENIED');
}

/** The entries whose people today's look-ups allow; each of these people is on disk as looked at. `sought`: who was asked for by himself, looked at also when he has no entry. */
async function notedEntries({ looks }: Site, viewer: Viewer, { entryIndex }: PurposeRow, { entries, sought }: { entries: readonly StoredEntry[]; sought: readonly Whom[] }) {
  const look: Look = { what: 'entries-viewed', ref: entryIndex };
  const people = [...sought, ...entries.map(whomOf)];
  const fits = await looks.fitting(
    viewer,
    look,
    people.map(({ personId }) => personId),
  );
  if (fits < people.length && fits <= sought.length) throw looks.spent();
  await looks.noted(viewer, look, people.slice(0, fits));
  return entries.slice(0, fits - sought.length);
}

/** A page of entries under a purpose; with persons after the second act, each of them noted first. */
export async function reviewPage(site: Site, viewer: Viewer, purpose: PurposeRow, query: ReviewQuery): Promise<ReviewPage> {
  const { looks, doorList, audit, deps } = site;
  const { before, limit = USUAL_LIMIT, ...asked } = query;
  const filter = filterUnder(purpose, asked, doorList);
  if (asked.person !== undefined) await needConcerned(site, viewer, purpose, asked.person);
  await audit.acted(viewer, 'log-queried', { ...placeOf(purpose), words: wordsOf(asked) });
  const found = deps.journal.before({ ...filter, ...(before === undefined ? {} : { index: before }) }, limit + 1);
  const entries = found.slice(0, limit);
  const people = purpose.peopleAt !== null;
  const sought = asked.person === undefined ? [] : [{ personId: asked.person }];
  const shown = people ? await notedEntries(site, viewer, purpose, { entries, sought }) : entries;
  const names = people ? await namesIn(site, shown) : NOBODY;
  return {
    lines: shown.map((entry) => reviewLine(entry, names, doorList)),
    next: shown.length < found.length ? (shown.at(-1)?.index ?? null) : null,
    people,
    cut: shown.length < entries.length,
    today: await looks.today(viewer),
  };
}
