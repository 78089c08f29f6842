import type { StoredEntry } from '../../journal/entry.ts';
import type { PersonRow } from '../../store/homes.ts';
import type { Onlooker } from '../../store/onlookers.ts';
import type { Room } from '../../store/persons.ts';
import type { PurposeKind } from '../../store/purposes.ts';
import type { AuditLine } from '../schemas/review.ts';
import { entrySentence } from '../words.ts';
import { maskedPerson } from './person.ts';
import { type NamedPlace, namedPlace, PURPOSE_WORDS } from './purpose.ts';

/** What audit entries are named with. A map that is empty leaves its column out. */
export interface AuditNames {
  readonly accounts: ReadonlyMap<number, Onlooker>;
  readonly people: ReadonlyMap<number, PersonRow>;
  readonly rooms: ReadonlyMap<number, Room>;
  readonly places: ReadonlyMap<number, NamedPlace>;
  /** Kinds of the purposes that entries opened, by index. */
  readonly purposes: ReadonlyMap<number, PurposeKind>;
}

/** How an audit entry is given: in full, without the person, or as facts about the act alone. */
export type AuditForm = 'full' | 'noPerson' | 'meta';

function purposeOf({ index, event }: StoredEntry, purposes: AuditNames['purposes']): AuditLine['purpose'] {
  const entryIndex = event.what === 'purpose-opened' ? index : (event.ref ?? -1);
  const kind = purposes.get(entryIndex);
  return kind === undefined ? null : { kind, words: PURPOSE_WORDS[kind], entryIndex };
}

/** An audit entry as a line. */
export function auditLine(entry: StoredEntry, names: AuditNames, form: AuditForm): AuditLine {
  const { index, event, person } = entry;
  const by = names.accounts.get(person.accountId);
  const [place, room, whom] = [names.places.get(event.buildingId), names.rooms.get(person.unitId), names.people.get(person.personId)];
  const meta = form === 'meta';
  return {
    index,
    at: event.gatewayTime,
    code: event.what ?? 'audit',
    what: entrySentence(event),
    account: by === undefined ? null : { id: by.id, name: by.name, role: by.role },
    words: meta || person.words === '' ? null : person.words,
    purpose: meta ? null : purposeOf(entry, names.purposes),
    building: place === undefined ? null : namedPlace(place),
    unit: meta || room === undefined ? null : { id: room.id, room: room.room },
    person: form !== 'full' || whom === undefined ? null : maskedPerson(whom),
    ref: event.ref ?? null,
  };
}
