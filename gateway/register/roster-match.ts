import type { RosterRow } from '../exchange/roster-row.ts';
import { personKey } from '../exchange/roster-twice.ts';
import type { RosterCode } from '../exchange/roster-words.ts';
import type { Known, KnownCard, KnownPerson, RowKeys } from './roster-known.ts';

/** Who a row is about: somebody in the register, or somebody new under the id he will get. */
export interface Matched {
  readonly id: number;
  readonly isNew: boolean;
  /** In the register without a document; the row has one. */
  readonly gainsPaper: boolean;
  /** Nobody has checked the document yet. */
  readonly needsCheck: boolean;
}

/** Somebody of this phone and name: one without a document first when the row has none either; never one with another document. */
function namesakeOf(people: readonly KnownPerson[], row: RosterRow): KnownPerson | undefined {
  const namesakes = people.filter((person) => person.name() === row.name);
  const unpapered = namesakes.find((person) => !person.hasPaper);
  return row.document === '' ? (unpapered ?? namesakes[0]) : unpapered;
}

/**
 * Finds the person of a row: by document, else by phone and name in this building, else among those this file adds.
 * `nextId` is the id of the next new person. 'PERSON_NAME_DIFFERS': the document stands with another name.
 */
export function matchPerson(
  row: RosterRow,
  keys: RowKeys,
  known: Known,
  added: { readonly people: ReadonlyMap<string, number>; readonly nextId: number },
): Matched | 'PERSON_NAME_DIFFERS' {
  const byPaper = known.byPaper.get(keys.paperHash);
  if (byPaper !== undefined) return byPaper.name() === row.name ? { id: byPaper.id, isNew: false, gainsPaper: false, needsCheck: !byPaper.checked } : 'PERSON_NAME_DIFFERS';
  const namesake = namesakeOf(known.byPhone.get(keys.phoneHash) ?? [], row);
  const papered = row.document !== '';
  if (namesake !== undefined) return { id: namesake.id, isNew: false, gainsPaper: papered, needsCheck: papered && !namesake.checked };
  const before = added.people.get(personKey(row));
  return { id: before ?? added.nextId, isNew: before === undefined, gainsPaper: false, needsCheck: false };
}

/** Why a card cannot go to this person, or undefined. A card never changes hands silently. */
export function cardRefusal(card: KnownCard | undefined, personId: number, buildingId: number): RosterCode | undefined {
  if (card === undefined || card.personId === personId) return undefined;
  if (card.personId !== null) return 'CARD_HELD';
  if (card.buildingId !== null && card.buildingId !== buildingId) return 'CARD_OTHER_BUILDING';
  return card.active ? undefined : 'CARD_STOPPED';
}
