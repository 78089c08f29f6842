import { readCardNumber } from '../core/cards.ts';
import { accessEnd } from '../core/decide.ts';
import type { Relation } from '../core/household.ts';
import type { Deadline } from '../core/rules/resolve.ts';
import { type RosterCode, rosterWords } from '../exchange/roster-words.ts';
import type { WriteDb } from '../store/register.ts';
import { msOrNull } from '../store/values.ts';
import { type Reading, readingBytes, type Vault } from '../store/vault.ts';
import { workerOf, type WorkerWish } from './new-worker.ts';
import { cardRefusal } from './roster-match.ts';
import { RuleRefused } from './rule-refused.ts';

/** Somebody who is to live in a home, his document in the hand of whoever enters him. */
export interface NewcomerWish extends WorkerWish {
  readonly role: 'tenant' | 'coOccupant';
  /** '' of a tenant. */
  readonly relation: Relation | '';
  /** Whoever enters him has looked at the document. */
  readonly checked: boolean;
  /** Numbers as printed on his cards. */
  readonly cards: readonly string[];
}

/** The home somebody moves into, and among whose people his document is looked up (decision 18). `now`: epoch ms. */
export interface NewHome {
  readonly unitId: number;
  readonly within: readonly number[] | undefined;
  readonly now: number;
}

/** A home as moving in needs it. */
export interface UnitPlace {
  readonly id: number;
  readonly buildingId: number;
  readonly building: {
    readonly code: string;
    readonly mode: string;
    readonly jurisdiction: string;
    readonly readerBits: number;
    readonly readerOrder: string;
    readonly holdoverDays: number | null;
  };
}

/** What of a unit a move-in reads. */
export const UNIT_PLACE = {
  id: true,
  buildingId: true,
  building: { select: { code: true, mode: true, jurisdiction: true, readerBits: true, readerOrder: true, holdoverDays: true } },
} as const;

/** One person has at most so many cards that work. */
const MOST_CARDS = 8;

interface NewCard {
  /** A card of the building's stock; undefined: one the register did not know. */
  readonly stockId: number | undefined;
  readonly reading: Reading;
}

/** Somebody who was checked and can move in. `personId` undefined: he is new to the register. */
export interface Newcomer {
  readonly personId: number | undefined;
  readonly person: Awaited<ReturnType<typeof workerOf>>;
  readonly role: string;
  readonly relation: string;
  readonly cards: readonly NewCard[];
}

type Reads = Pick<WriteDb, 'person' | 'credential' | 'occupant'>;

const cardWrong = (field: string, code: RosterCode): RuleRefused => {
  const { zh, en } = rosterWords(code);
  return new RuleRefused('wrong', { field, expected: `${zh} / ${en}` });
};

/** A refusal, with the field named from the top of the request. */
async function under<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RuleRefused) || error.detail.field === undefined) throw error;
    throw new RuleRefused(error.why, { ...error.detail, field: `${path}${error.detail.field}` });
  }
}

/** Does somebody live in this home, or is he to, under a tenancy that is not over? */
async function livesIn(db: Reads, personId: number, unit: UnitPlace, now: number): Promise<boolean> {
  const stays = await db.occupant.findMany({
    where: { personId, tenancy: { unitId: unit.id } },
    select: { untilAt: true, tenancy: { select: { accessUntil: true, termEnd: true } } },
  });
  return stays.some(({ untilAt, tenancy }) => {
    const end = accessEnd({ accessUntil: msOrNull(tenancy.accessUntil) ?? 0, termEnd: msOrNull(tenancy.termEnd) ?? 0 }, unit.building.holdoverDays);
    return Math.min(end, msOrNull(untilAt) ?? Number.POSITIVE_INFINITY) > now;
  });
}

/** The cards of one person, each read from its number. Throws RuleRefused under `cards.n`. */
async function cardsOf(db: Reads, vault: Vault, { wish, personId, unit }: { wish: NewcomerWish; personId: number; unit: UnitPlace }): Promise<NewCard[]> {
  const { readerBits: bits, readerOrder } = unit.building;
  const cards: NewCard[] = [];
  for (const [at, number] of wish.cards.entries()) {
    const field = `cards.${at}`;
    const read = readCardNumber(number, { bits, order: readerOrder === 'lsb' ? 'lsb' : 'msb' });
    if (!read.ok) throw cardWrong(field, read.code);
    const known = await db.credential.findUnique({
      where: { fingerprint: vault.fingerprint(read.reading) },
      select: { id: true, personId: true, status: true, buildingId: true },
    });
    const card = known === null ? undefined : { ...known, active: known.status === 'active' };
    const code = cardRefusal(card, personId, unit.buildingId) ?? (card?.active === false ? 'CARD_STOPPED' : undefined);
    if (code !== undefined) throw cardWrong(field, code);
    if (card?.personId !== personId) cards.push({ stockId: card?.id, reading: read.reading });
  }
  const held = personId === 0 ? 0 : await db.credential.count({ where: { personId, status: 'active' } });
  if (held + cards.length > MOST_CARDS) throw cardWrong('cards', 'CARD_MANY');
  return cards;
}

/**
 * Who is to move in, checked one by one: in the register by his document, or new to it; his cards his to have. Throws
 * RuleRefused under `people.n.…`: a document, a number, a card, or somebody who lives in this home already.
 */
export async function newcomersOf(
  db: Reads,
  vault: Vault,
  wishes: readonly NewcomerWish[],
  { unit, within, now }: Omit<NewHome, 'unitId'> & { unit: UnitPlace },
): Promise<Newcomer[]> {
  const [papers, numbers] = [new Set<string>(), new Set<string>()];
  const one = async (wish: NewcomerWish): Promise<Newcomer> => {
    if (!wish.checked) throw new RuleRefused('wrong', { field: 'checked', expected: 'true：先看过证件原件 / true: look at the document first' });
    const person = await workerOf(db, vault, wish, { buildingCode: unit.building.code, within, now });
    const paper = Buffer.from(person.data.documentHash).toString('hex');
    if (papers.has(paper) || (person.id !== undefined && (await livesIn(db, person.id, unit, now)))) throw new RuleRefused('duplicate', { field: 'documentNumber' });
    papers.add(paper);
    const cards = await cardsOf(db, vault, { wish, personId: person.id ?? 0, unit });
    for (const [at, { reading }] of cards.entries()) {
      if (numbers.has(reading.hex)) throw cardWrong(`cards.${at}`, 'CARD_TWICE');
      numbers.add(reading.hex);
    }
    return { personId: person.id, person, role: wish.role, relation: wish.relation, cards };
  };
  const newcomers: Newcomer[] = [];
  for (const [at, wish] of wishes.entries()) newcomers.push(await under(`people.${at}.`, () => one(wish)));
  return newcomers;
}

const cardData = (vault: Vault, { reading }: NewCard, now: number) => ({
  fingerprint: vault.fingerprint(reading),
  tail: reading.hex.slice(-4),
  valueSealed: vault.sealBytes('credential.value', readingBytes(reading)),
  createdAt: BigInt(now),
});
const fresh = (cards: readonly NewCard[]): readonly NewCard[] => cards.filter(({ stockId }) => stockId === undefined);
const stock = (cards: readonly NewCard[]): { id: number }[] => cards.flatMap(({ stockId }) => (stockId === undefined ? [] : [{ id: stockId }]));

/** When somebody moves in, and when his registration is due by which rule. Epoch ms. */
export interface MoveIn {
  readonly fromAt: number;
  readonly due: Deadline | undefined;
  readonly now: number;
}

/** The columns of an occupant, his person with his cards made where he is new. */
export const occupantData = (vault: Vault, { personId, person, role, relation, cards }: Newcomer, { fromAt, due, now }: MoveIn) => ({
  role,
  relation,
  fromAt: BigInt(fromAt),
  registrationState: 'pending',
  registrationDue: due === undefined ? null : BigInt(due.dueAt),
  registrationRuleId: due?.ruleId ?? null,
  person:
    personId === undefined
      ? { create: { ...person.data, credentials: { create: fresh(cards).map((card) => cardData(vault, card, now)), connect: stock(cards) } } }
      : { connect: { id: personId } },
});

/** What goes with it: that the document was seen, cards of those the register knew, and stock cards as a tenant's. To be run before `occupantData`'s row is made. */
export const cardStatements = (db: WriteDb, vault: Vault, { personId, person, cards }: Newcomer, now: number) => [
  ...stock(cards).map(({ id }) =>
    db.credential.updateMany({ where: { id }, data: { kind: 'tenant', pinVerifier: null, createdAt: BigInt(now), ...(personId === undefined ? {} : { personId }) } }),
  ),
  ...(personId === undefined
    ? []
    : [
        db.person.updateMany({ where: { id: personId, documentCheckedBy: '' }, data: person.checked }),
        db.credential.createMany({ data: fresh(cards).map((card) => ({ ...cardData(vault, card, now), personId })) }),
      ]),
];
