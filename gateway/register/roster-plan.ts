import type { CardReading } from '../core/cards.ts';
import { type RoomNumber, unitCode } from '../core/codes.ts';
import type { Due } from '../core/rules/count.ts';
import type { Meaning } from '../exchange/roster-columns.ts';
import type { RosterRow } from '../exchange/roster-row.ts';
import { personKey, tenancyKey } from '../exchange/roster-twice.ts';
import type { RosterCode } from '../exchange/roster-words.ts';
import { createBreath } from '../exchange/slice.ts';
import type { Known, RowKeys } from './roster-known.ts';
import { cardRefusal, type Matched, matchPerson } from './roster-match.ts';

/** Something the register says about a row. */
export interface Note {
  readonly row: number;
  readonly meaning: Meaning;
  readonly value: string;
  readonly code: RosterCode;
  readonly warning: boolean;
}

/** Every row the register will gain or change. Ids are already given; times are epoch ms. */
export interface Plan {
  readonly units: { readonly id: number; readonly code: string; readonly room: RoomNumber }[];
  readonly people: { readonly id: number; readonly row: RosterRow; readonly keys: RowKeys }[];
  /** People who were there without a document and now have one. */
  readonly papers: { readonly id: number; readonly row: RosterRow; readonly keys: RowKeys }[];
  /** People with a document nobody has checked yet; changed only when the landlord states that he did. */
  readonly checks: number[];
  readonly tenancies: { readonly id: number; readonly unitId: number; readonly startAt: number; readonly termEnd: number | null }[];
  readonly occupants: { readonly tenancyId: number; readonly personId: number; readonly role: string; readonly fromAt: number; readonly due: Counted | undefined }[];
  readonly cards: { readonly personId: number; readonly fingerprint: string; readonly reading: CardReading }[];
  /** Stock cards that are given to somebody. */
  readonly handed: { readonly cardId: number; readonly personId: number }[];
  readonly notes: Note[];
  /** Rows that change nothing. */
  unchanged: number;
}

/** A deadline (epoch ms) and the rule it was counted by. */
export type Counted = Pick<Due, 'dueAt' | 'ruleId'>;

/** Where the roster goes, and whether the landlord states that he checked the documents. */
export interface PlanTarget {
  readonly buildingId: number;
  readonly buildingCode: string;
  readonly attested: boolean;
  /** By when the residence of somebody who moved in then (epoch ms) is to be registered; undefined: no rule says. */
  readonly registrationDue: (movedInAt: number) => Counted | undefined;
}

/** A plan in the making: what is known, and what the rows before this one have added. */
interface Planning {
  readonly plan: Plan;
  readonly known: Known;
  readonly target: PlanTarget;
  readonly next: { unit: number; person: number; tenancy: number };
  readonly units: Map<string, number>;
  readonly tenancies: Map<string, number>;
  readonly people: Map<string, number>;
  readonly cards: Set<string>;
  readonly papers: Set<number>;
  readonly checks: Set<number>;
  /** Contract end by tenancy key: any row of a tenancy may give it. */
  readonly termEnds: ReadonlyMap<string, number>;
}

function startPlanning(rows: readonly RosterRow[], known: Known, target: PlanTarget): Planning {
  const plan: Plan = { units: [], people: [], papers: [], checks: [], tenancies: [], occupants: [], cards: [], handed: [], notes: [], unchanged: 0 };
  const termEnds = new Map<string, number>();
  for (const row of rows) if (row.termEnd !== null) termEnds.set(tenancyKey(row), row.termEnd);
  return {
    plan,
    known,
    target,
    termEnds,
    next: { ...known.next },
    units: new Map(),
    tenancies: new Map(),
    people: new Map(),
    cards: new Set(),
    papers: new Set(),
    checks: new Set(),
  };
}

const warn = (row: RosterRow, meaning: Meaning, code: RosterCode): Note => ({ row: row.row, meaning, code, value: row.room.room, warning: true });

function planUnit({ plan, known, target, next, units }: Planning, row: RosterRow): number {
  const code = unitCode(target.buildingCode, row.room);
  const there = known.units.get(code) ?? units.get(code);
  if (there !== undefined) return there;
  const id = next.unit++;
  units.set(code, id);
  plan.units.push({ id, code, room: row.room });
  plan.notes.push(warn(row, 'room', 'UNIT_NEW'));
  return id;
}

/** The tenancy of a row, made when it is new; undefined when it has ended: then nothing of the row is touched. */
function planTenancy(planning: Planning, row: RosterRow): { readonly id: number; readonly isNew: boolean } | undefined {
  const { plan, known, next, tenancies, termEnds } = planning;
  const unitId = planUnit(planning, row);
  const key = `${unitId}@${row.startAt}`;
  const there = known.tenancies.get(key);
  if (there?.ended === true) {
    plan.notes.push(warn(row, 'start', 'TENANCY_ENDED'));
    return undefined;
  }
  if (there !== undefined && row.termEnd !== null && row.termEnd !== there.termEnd) plan.notes.push(warn(row, 'end', 'TERM_KEPT'));
  const before = there?.id ?? tenancies.get(key);
  if (before !== undefined) return { id: before, isNew: false };
  const id = next.tenancy++;
  tenancies.set(key, id);
  plan.tenancies.push({ id, unitId, startAt: row.startAt, termEnd: termEnds.get(tenancyKey(row)) ?? null });
  return { id, isNew: true };
}

/** Adds or completes the person; true when that changes anything. */
function planPerson(planning: Planning, row: RosterRow, keys: RowKeys, person: Matched): boolean {
  const { plan, next, people, papers, checks, target } = planning;
  if (person.isNew) {
    people.set(personKey(row), person.id);
    next.person += 1;
    plan.people.push({ id: person.id, row, keys });
  }
  const gains = person.gainsPaper && !papers.has(person.id);
  if (gains) {
    papers.add(person.id);
    plan.papers.push({ id: person.id, row, keys });
  }
  if (person.needsCheck && !checks.has(person.id)) {
    checks.add(person.id);
    plan.checks.push(person.id);
  }
  return person.isNew || gains || (person.needsCheck && target.attested);
}

/** Gives the row's cards to the person; true when that changes anything. */
function planCards({ plan, known, cards }: Planning, row: RosterRow, keys: RowKeys, personId: number): boolean {
  const before = cards.size;
  for (const [at, fingerprint] of keys.fingerprints.entries()) {
    const reading = row.cards[at];
    const card = known.cards.get(fingerprint);
    if (reading === undefined) continue;
    if (card?.personId === personId) {
      if (!card.active) plan.notes.push({ ...warn(row, 'card', 'CARD_STOPPED'), value: reading.hex });
      continue;
    }
    if (cards.has(fingerprint)) continue;
    cards.add(fingerprint);
    if (card === undefined) plan.cards.push({ personId, fingerprint, reading });
    else plan.handed.push({ cardId: card.id, personId });
  }
  return cards.size > before;
}

/** What keeps the row out; empty: nothing. */
function refusals({ known, target }: Planning, row: RosterRow, keys: RowKeys, person: Matched | 'PERSON_NAME_DIFFERS'): Note[] {
  if (person === 'PERSON_NAME_DIFFERS') return [{ row: row.row, meaning: 'document', value: row.name, code: person, warning: false }];
  return keys.fingerprints.flatMap((fingerprint, at) => {
    const code = cardRefusal(known.cards.get(fingerprint), person.id, target.buildingId);
    return code === undefined ? [] : [{ row: row.row, meaning: 'card', value: row.cards[at]?.hex ?? '', code, warning: false } as const];
  });
}

function planRow(planning: Planning, row: RosterRow, keys: RowKeys): void {
  const { plan, known } = planning;
  const person = matchPerson(row, keys, known, { people: planning.people, nextId: planning.next.person });
  const refused = refusals(planning, row, keys, person);
  plan.notes.push(...refused);
  if (refused.length > 0 || person === 'PERSON_NAME_DIFFERS') return;
  const tenancy = planTenancy(planning, row);
  if (tenancy === undefined) {
    plan.unchanged += 1;
    return;
  }
  const movesIn = !known.occupants.has(`${tenancy.id}:${person.id}`);
  if (movesIn) plan.occupants.push({ tenancyId: tenancy.id, personId: person.id, role: row.role, fromAt: row.startAt, due: planning.target.registrationDue(row.startAt) });
  const changes = [tenancy.isNew, movesIn, planPerson(planning, row, keys, person), planCards(planning, row, keys, person.id)];
  if (!changes.includes(true)) plan.unchanged += 1;
}

/**
 * What applying these rows would change, in the order of the file. A row that contradicts the register gets a note
 * and changes nothing. `keys` goes with `rows`, one for each.
 */
export async function planRoster(rows: readonly RosterRow[], keys: readonly RowKeys[], known: Known, target: PlanTarget): Promise<Plan> {
  const planning = startPlanning(rows, known, target);
  const breathe = createBreath();
  for (const [at, row] of rows.entries()) {
    await breathe();
    const key = keys[at];
    if (key !== undefined) planRow(planning, row, key);
  }
  return planning.plan;
}
