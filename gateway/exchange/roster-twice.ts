import { documentKey } from '../core/documents.ts';
import type { Meaning } from './roster-columns.ts';
import { cardKey, type RosterRow } from './roster-row.ts';
import type { RosterCode } from './roster-words.ts';
import { createBreath } from './slice.ts';

/** Something two rows of one file disagree about; each row concerned gets its own. */
export interface Clash {
  readonly row: number;
  readonly meaning: Meaning;
  readonly code: RosterCode;
}

/** `type:number`, the same for the three papers that carry one citizen's number; '' without a document. What the register hashes. */
export const paperKey = (row: Pick<RosterRow, 'documentType' | 'document'>): string => documentKey(row.documentType, row.document);

/** Who a row is about: the document, or failing that phone and name. */
export const personKey = (row: RosterRow): string => (row.document === '' ? `phone:${row.phone}:${row.name}` : paperKey(row));

/** The tenancy a row belongs to: home and first day. */
export const tenancyKey = (row: RosterRow): string => `${row.room.room}@${row.startAt}`;

/** Notes each row in turn; says what it contradicts of the rows before. */
function createComparison(clashes: Clash[]): { take(row: RosterRow): void; readonly holders: ReadonlyMap<string, readonly RosterRow[]> } {
  const names = new Map<string, string>();
  const seen = new Set<string>();
  const ends = new Map<string, number>();
  const holders = new Map<string, RosterRow[]>();
  function take(row: RosterRow): void {
    const [person, tenancy] = [personKey(row), tenancyKey(row)];
    const name = names.get(person) ?? row.name;
    names.set(person, name);
    if (name !== row.name) clashes.push({ row: row.row, meaning: 'name', code: 'PERSON_NAME_CLASH' });
    const place = `${tenancy} ${person}`;
    if (seen.has(place)) clashes.push({ row: row.row, meaning: 'name', code: 'PERSON_TWICE' });
    seen.add(place);
    const end = ends.get(tenancy) ?? row.termEnd;
    if (end !== null) ends.set(tenancy, end);
    if (end !== null && row.termEnd !== null && end !== row.termEnd) clashes.push({ row: row.row, meaning: 'end', code: 'TERM_DIFFERS' });
    for (const card of row.cards) holders.set(cardKey(card), [...(holders.get(cardKey(card)) ?? []), row]);
  }
  return { take, holders };
}

/** What contradicts inside one file: a person twice in a home, one document under two names, a card of two people, two ends of one contract. */
export async function findClashes(rows: readonly RosterRow[]): Promise<Clash[]> {
  const clashes: Clash[] = [];
  const comparison = createComparison(clashes);
  const breathe = createBreath();
  for (const row of rows) {
    await breathe();
    comparison.take(row);
  }
  for (const holders of comparison.holders.values()) {
    if (holders.length < 2 || new Set(holders.map(personKey)).size < 2) continue;
    clashes.push(...holders.map((row) => ({ row: row.row, meaning: 'card', code: 'CARD_TWICE' }) as const));
  }
  return clashes;
}
