import { DOCUMENT_KINDS, documentKey } from '../core/documents.ts';
import { readPhone } from '../core/phone.ts';
import type { Scope } from '../core/scope.ts';
import { foldName } from '../core/search-text.ts';
import { halfWidth } from '../core/text.ts';
import { PERSON, personRow, type PersonRow } from './homes.ts';
import { type PersonTerms, personTermsOf } from './person-terms.ts';
import type { Register } from './register.ts';
import type { Vault } from './vault.ts';

/** How much is wanted of what is found. */
export interface Find {
  readonly limit: number;
  /** Only people who live or lived in one of these places; left out: anywhere. The limit counts those in scope. */
  readonly scope?: Pick<Scope, 'all' | 'buildings' | 'units'>;
  /** With `scope`: also who works or worked in one of its buildings. */
  readonly workers?: boolean;
  /** Goes on behind this person, for the next page. */
  readonly after?: number;
}

/** People of the register, by what somebody types to find them. Rows hold personal data in the clear: for the disclosure gate alone. */
export interface People extends PersonTerms {
  /**
   * By full name, given name, surname with the next character, pinyin, initials, whole document or phone number, or the
   * last four of either; a name and a last four together narrow each other down. In the order of their numbers.
   * Nothing for a query without letters or digits.
   */
  find(query: string, options: Find): Promise<readonly { readonly id: number }[]>;
  byId(id: number): Promise<PersonRow | undefined>;
}

/** Part of a question: a condition on `p`, and what stands for its `?`. */
interface Condition {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

const TAIL = /^\d{3}[\dX]$/;
/** Prefixes of invented numbers, which a register may hold (domain.md 3.7). */
const TEST_PHONES = ['120'];
/** Document numbers of the kinds the register takes. */
const NUMBER = /^(?=.*\d)[\p{L}\p{N}-]{5,50}$/u;

const list = (values: Iterable<string | number>): string => JSON.stringify([...values]);
const anyOf = (hashes: readonly Uint8Array[]): string => list(hashes.map((hash) => Buffer.from(hash).toString('hex')));
const HASHES = '(SELECT unhex("value") FROM json_each(?))';

const tailIs = (tail: string): Condition => ({
  sql: 'p."id" IN (SELECT "id" FROM "Person" WHERE "documentTail" = ? UNION SELECT "id" FROM "Person" WHERE "phoneTail" = ?)',
  values: [tail, tail],
});

/** A whole number: any kind of document, and a phone. */
function numberIs(vault: Vault, text: string): string[] {
  const number = halfWidth(text).toUpperCase().replace(/\s/g, '');
  const phone = readPhone(number, TEST_PHONES);
  const keys = NUMBER.test(number) ? new Set(DOCUMENT_KINDS.map(({ code }) => documentKey(code, number))) : [];
  const under = (kind: 'document' | 'phone', texts: Iterable<string>): string => anyOf([...texts].flatMap((each) => vault.hashes(kind, each)));
  return [under('document', keys), under('phone', phone.ok ? [phone.e164] : [])];
}

/** What people call somebody, or one of his numbers. */
function calledOr(vault: Vault, text: string): Condition {
  const name = foldName(text);
  return {
    sql: `p."id" IN (SELECT "personId" FROM "PersonTerm" WHERE "hash" IN ${HASHES}
      UNION SELECT "id" FROM "Person" WHERE "documentHash" IN ${HASHES} UNION SELECT "id" FROM "Person" WHERE "phoneHash" IN ${HASHES})`,
    values: [anyOf(name === '' ? [] : vault.hashes('term', name)), ...numberIs(vault, text)],
  };
}

/** The conditions of a query, which must all hold; none: nothing can be found by it. */
function conditionsOf(vault: Vault, query: string): Condition[] {
  const words = halfWidth(query)
    .split(/\s+/)
    .filter((word) => foldName(word) !== '');
  const tails = words.map((word) => word.toUpperCase()).filter((word) => TAIL.test(word));
  const rest = words.filter((word) => !TAIL.test(word.toUpperCase()));
  // Digits in groups of four are a number as it is written on a card.
  if (rest.every((word) => /^\+?[\d-]+$/.test(word)) && words.length > 1) return [calledOr(vault, words.join(''))];
  return [...(rest.length > 0 ? [calledOr(vault, rest.join(' '))] : []), ...tails.map(tailIs)];
}

const inScope = ({ buildings, units }: Pick<Scope, 'buildings' | 'units'>): Condition => ({
  sql: `EXISTS (SELECT 1 FROM "Occupant" o JOIN "Tenancy" t ON t."id" = o."tenancyId" JOIN "RentalUnit" u ON u."id" = t."unitId" WHERE o."personId" = p."id"
    AND (u."buildingId" IN (SELECT "value" FROM json_each(?)) OR u."id" IN (SELECT "value" FROM json_each(?))))`,
  values: [list(buildings), list(units.keys())],
});

const workIn = ({ buildings }: Pick<Scope, 'buildings'>): Condition => ({
  sql: 'EXISTS (SELECT 1 FROM "AccessGrant" g WHERE g."personId" = p."id" AND g."buildingId" IN (SELECT "value" FROM json_each(?)))',
  values: [list(buildings)],
});

const either = (a: Condition, b: Condition): Condition => ({ sql: `(${a.sql} OR ${b.sql})`, values: [...a.values, ...b.values] });

/** People of the register. */
export function peopleOf(register: Register): People {
  const { read, vault } = register;
  return {
    ...personTermsOf(register),
    async find(query, { limit, scope, workers = false, after = 0 }) {
      const asked = conditionsOf(vault, query);
      if (asked.length === 0) return [];
      const near = scope === undefined || scope.all ? [] : [workers ? either(inScope(scope), workIn(scope)) : inScope(scope)];
      const conditions = [...asked, ...near];
      const sql = `SELECT p."id" FROM "Person" p WHERE ${conditions.map((each) => each.sql).join(' AND ')} AND p."id" > ? ORDER BY p."id" LIMIT ?`;
      const rows = await read.$queryRawUnsafe<{ id: number | bigint }[]>(sql, ...conditions.flatMap((each) => each.values), after, limit);
      return rows.map(({ id }) => ({ id: Number(id) }));
    },
    async byId(id) {
      const row = await read.person.findUnique({ where: { id }, select: PERSON });
      return row === null ? undefined : personRow(vault, row);
    },
  };
}
