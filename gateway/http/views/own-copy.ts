import { timeAt } from '../../core/local-date.ts';
import { csvRow } from '../../exchange/csv-cell.ts';
import type { StoredEntry } from '../../journal/entry.ts';
import type { RequestRow } from '../../store/data-requests.ts';
import type { ConsentRow } from '../../store/notices.ts';
import type { Onlooker } from '../../store/onlookers.ts';
import type { OwnCredential, OwnHome, OwnPerson, OwnStop, OwnWork } from '../../store/own-data.ts';
import type { OwnCopy } from '../schemas/rights.ts';
import { entrySentence } from '../words.ts';

/** Everything that goes into a person's own copy, in the clear: made and sent at once, kept nowhere. */
export interface CopyParts {
  /** Epoch ms. */
  readonly madeAt: number;
  readonly request: number;
  readonly entriesKeptDays: number;
  readonly person: OwnPerson;
  readonly homes: readonly OwnHome[];
  readonly credentials: readonly OwnCredential[];
  readonly stops: readonly OwnStop[];
  readonly work: readonly OwnWork[];
  readonly entries: readonly StoredEntry[];
  readonly looks: readonly StoredEntry[];
  readonly onlookers: ReadonlyMap<number, Onlooker>;
  readonly purposes: ReadonlyMap<number, string>;
  readonly consents: readonly ConsentRow[];
  readonly requests: readonly RequestRow[];
  readonly doorName: (doorId: number) => string;
}

/** Local time with its zone: 2026-07-01T20:00:00+08:00. '' for none. */
const localTime = (at: number | null): string => (at === null ? '' : `${timeAt(at).replace(' ', 'T')}+08:00`);

const homeOf = (home: OwnHome): OwnCopy['homes'][number] => ({
  home: home.room,
  building: home.building,
  address: home.address,
  role: home.role,
  from: localTime(home.fromAt),
  until: localTime(home.untilAt ?? home.accessUntil),
  registration: home.registrationState,
  registrationDue: localTime(home.registrationDue),
  tenancyKind: home.tenancyKind,
  termEnd: localTime(home.termEnd),
});

/** Who looked is told by part and office, never by name (as in a tenant's receipts). */
function lookOf({ index, event, person }: StoredEntry, { onlookers, purposes }: CopyParts): OwnCopy['looks'][number] {
  const onlooker = onlookers.get(person.accountId);
  return {
    index,
    at: localTime(event.gatewayTime),
    role: onlooker?.role ?? '',
    office: onlooker?.office?.name ?? '',
    purpose: purposes.get(event.ref ?? -1) ?? '',
    seen: entrySentence(event).zh,
  };
}

/** A person's own data as one object. */
export function ownCopy(parts: CopyParts): OwnCopy {
  const { person, homes, credentials, stops, work, entries, looks, consents, requests, doorName } = parts;
  const { name, documentType, document, documentCheckedBy, phone, sex, born, createdAt } = person;
  return {
    about: { madeAt: localTime(parts.madeAt), request: parts.request, entriesKeptDays: parts.entriesKeptDays },
    person: { name, documentType, document, documentCheckedBy, phone, sex, born, createdAt: localTime(createdAt) },
    homes: homes.map(homeOf),
    credentials: credentials.map(({ tech, tail, kind, label, status, createdAt: made }) => ({ tech, tail, kind, label, status, createdAt: localTime(made) })),
    stops: stops.map(({ tail, reason, stoppedAt, undoneAt, doors, confirmed }) => ({ tail, reason, at: localTime(stoppedAt), undone: localTime(undoneAt), doors, confirmed })),
    work: work.map(({ building, address, purpose, fromAt, untilAt, hours, duty }) => ({
      building,
      address,
      purpose,
      from: localTime(fromAt),
      until: localTime(untilAt),
      hours,
      duty,
    })),
    entries: entries.map(({ index, event }) => ({
      index,
      at: localTime(event.gatewayTime),
      door: doorName(event.doorId),
      result: event.granted ? 'granted' : 'refused',
      why: entrySentence(event).zh,
    })),
    looks: looks.map((look) => lookOf(look, parts)),
    consents: consents.map(({ purpose, given, at, notice }) => ({ purpose, given, at: localTime(at), notice })),
    requests: requests.map(({ id, kind, state, receivedAt, text, answer }) => ({ id, kind, state, receivedAt: localTime(receivedAt), text, answer })),
  };
}

/** The same as a table: part, number within it, field, value. A spreadsheet opens it with its characters right (byte-order mark). */
export function copyAsCsv(copy: OwnCopy): string {
  const rows = Object.entries(copy).flatMap(([part, value]) =>
    (Array.isArray(value) ? value : [value]).flatMap((row: object, at: number) => Object.entries(row).map(([field, cell]) => csvRow([part, at + 1, field, String(cell)]))),
  );
  return `\uFEFF${csvRow(['part', 'number', 'field', 'value'])}${rows.join('')}`;
}
