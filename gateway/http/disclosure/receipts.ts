import type { StoredEntry } from '../../journal/entry.ts';
import { byTime } from '../line-numbers.ts';
import type { HomeReadPage, OwnEntryPage, PageQuery, ReceiptPage } from '../schemas/review.ts';
import type { Site } from '../site.ts';
import { hasUnit, touched, type Viewer } from '../viewer.ts';
import { homeRead, isHomeLook, ownEntry, receipt, ROUTINE } from '../views/receipt.ts';
import { gather, type Numbered, type Read } from './reading.ts';

const USUAL_LIMIT = 60;
/** A look at a home notes each of its people: told as one. */
const SAME_LOOK_MS = 2_000;

/** Who looked at the person behind the account. What he did himself is no receipt. */
export async function receiptPage({ deps: { journal }, onlookers, purposes }: Site, viewer: Viewer, { before, limit = USUAL_LIMIT }: PageQuery): Promise<ReceiptPage> {
  const { personId, accountId } = viewer;
  if (personId === null) return { receipts: [], next: null, routine: ROUTINE };
  const passes = ({ person }: StoredEntry): boolean => person.personId === personId && person.accountId !== accountId;
  const { found, next } = gather((bounds, most) => journal.audits({ personId, ...bounds }, most), { passes, before, limit, numbers: byTime(journal, passes) });
  const by = await onlookers.byIds(found.map(({ entry }) => entry.person.accountId));
  const kinds = await purposes.kindsByEntry(found.map(({ entry }) => entry.event.ref ?? -1));
  return { receipts: found.map((line) => receipt(line, by.get(line.entry.person.accountId), kinds.get(line.entry.event.ref ?? -1))), next, routine: ROUTINE };
}

/** The person's own ways through the doors. */
export function ownEntries({ deps: { journal }, doorList }: Site, { personId }: Viewer, { before, limit = USUAL_LIMIT }: PageQuery): OwnEntryPage {
  if (personId === null) return { lines: [], next: null };
  const passes = ({ event, person }: StoredEntry): boolean => event.kind === 'access' && person.personId === personId;
  const read: Read = (bounds, most) => journal.before({ personId, kinds: ['access'], ...bounds }, most);
  const { found, next } = gather(read, { passes, before, limit, numbers: byTime(journal, passes) });
  return { lines: found.map((line) => ownEntry(line, doorList)), next };
}

/** Of one look at a home's people only the newest line is told. */
function isSameLook({ entry: a }: Numbered, newer: Numbered | undefined): boolean {
  if (newer === undefined) return false;
  const { entry: b } = newer;
  return (
    a.event.what === b.event.what &&
    a.person.accountId === b.person.accountId &&
    a.person.unitId === b.person.unitId &&
    Math.abs(a.event.gatewayTime - b.event.gatewayTime) <= SAME_LOOK_MS
  );
}

/** Who looked at the register of a landlord's homes: role and office, never the tenant it was about, never an inquiry into the log. */
export async function homeReads({ deps: { journal }, onlookers, persons }: Site, viewer: Viewer, { before, limit = USUAL_LIMIT }: PageQuery): Promise<HomeReadPage> {
  const rooms = new Map((await Promise.all(touched(viewer).map((id) => persons.roomsOf(id)))).flat().map((room) => [room.id, room]));
  const passes = ({ event, person }: StoredEntry): boolean => {
    const room = rooms.get(person.unitId);
    return event.kind === 'audit' && isHomeLook(event.what) && person.accountId !== viewer.accountId && room !== undefined && hasUnit(viewer, room);
  };
  const read: Read = (bounds, most) =>
    touched(viewer)
      .flatMap((buildingId) => journal.audits({ buildingId, ...bounds }, most))
      .sort((a, b) => b.index - a.index)
      .slice(0, most);
  const { found, next } = gather(read, { passes, before, limit, numbers: byTime(journal, passes) });
  const by = await onlookers.byIds(found.map(({ entry }) => entry.person.accountId));
  const lines = found
    .filter((line, at) => !isSameLook(line, found[at - 1]))
    .flatMap((line) => {
      const room = rooms.get(line.entry.person.unitId);
      return room === undefined ? [] : [homeRead(line, by.get(line.entry.person.accountId), room)];
    });
  return { lines, next };
}
