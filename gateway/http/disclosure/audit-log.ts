import type { StoredEntry } from '../../journal/entry.ts';
import type { AuditLine, AuditPage, AuditQuery } from '../schemas/review.ts';
import type { Site } from '../site.ts';
import { touches, type Viewer } from '../viewer.ts';
import { type AuditForm, type AuditNames, auditLine } from '../views/audit.ts';
import { auditKinds } from '../words.ts';
import type { Look } from './looks.ts';
import { gather } from './reading.ts';

const USUAL_LIMIT = 60;
/** Reading this log, noted in this log: shown only when it is asked for. */
const READING: Look = { what: 'audit-read', free: true };

/** Names for a page of audit entries. `people`: fetched for the form that shows them alone. */
export async function auditNames({ onlookers, persons, purposes, deps: { places } }: Site, entries: readonly StoredEntry[], form: AuditForm): Promise<AuditNames> {
  const ids = (pick: (entry: StoredEntry) => number): number[] => [...new Set(entries.map(pick))].filter((id) => id !== 0);
  const refs = entries.map(({ index, event }) => (event.what === 'purpose-opened' ? index : (event.ref ?? -1)));
  return {
    accounts: await onlookers.byIds(ids(({ person }) => person.accountId)),
    people: form === 'full' ? await persons.byIds(ids(({ person }) => person.personId)) : new Map(),
    rooms: form === 'meta' ? new Map() : await persons.rooms(ids(({ person }) => person.unitId)),
    places: new Map((await places.buildings()).map((row) => [row.id, row])),
    purposes: form === 'meta' ? new Map() : await purposes.kindsByEntry(refs),
  };
}

/**
 * What a reader must not see, because he would be checking himself (domain.md 5.8, rule 6): what another account of the
 * same natural person did, and what was done at places in that account's scope. Undefined: he has no other account.
 */
async function ownArea({ onlookers, scopes }: Site, viewer: Viewer): Promise<((entry: StoredEntry) => boolean) | undefined> {
  const others = await onlookers.alsoOf(viewer.accountId);
  if (others.length === 0) return undefined;
  const ids = new Set(others.map(({ id }) => id));
  const areas = await Promise.all(others.map(async (account) => ({ ...viewer, scope: await scopes.of(account) })));
  return ({ event, person }) => ids.has(person.accountId) || (event.buildingId !== 0 && areas.some((area) => touches(area, event.buildingId)));
}

/** A page of the audit log. The administrator sees that something was done, by whom and where; the auditor and the privacy officer also why and about whom. */
export async function auditPage(site: Site, viewer: Viewer, query: AuditQuery): Promise<AuditPage> {
  const { account, kind, from, until, before, limit = USUAL_LIMIT } = query;
  const { deps, looks } = site;
  const isOwn = await ownArea(site, viewer);
  const about = { ...(account === undefined ? {} : { accountId: account }), ...(from === undefined ? {} : { from }), ...(until === undefined ? {} : { until }) };
  const passes = (entry: StoredEntry): boolean => (kind === undefined ? entry.event.what !== READING.what : entry.event.what === kind) && isOwn?.(entry) !== true;
  const { found, next } = gather((bounds, most) => deps.journal.audits({ ...about, ...bounds }, most), { passes, before, limit });
  const entries = found.map(({ entry }) => entry);
  const form: AuditForm = viewer.role === 'SA' ? 'meta' : 'full';
  const names = await auditNames(site, entries, form);
  await looks.noted(
    viewer,
    READING,
    [...names.people.keys()].map((personId) => ({ personId })),
  );
  const lines: AuditLine[] = entries.map((entry) => auditLine(entry, names, form));
  return { lines, next, masked: form === 'meta', ownLeftOut: isOwn !== undefined, kinds: auditKinds() };
}
