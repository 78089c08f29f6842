import type { RosterRow } from '../exchange/roster-row.ts';
import { paperKey } from '../exchange/roster-twice.ts';
import { createBreath } from '../exchange/slice.ts';
import type { ReadDb } from '../store/register.ts';
import type { Vault } from '../store/vault.ts';

/** Row numbers and keys the register finds a roster's row by. Hashes and fingerprints are upper-case hex, '' for none. */
export interface RowKeys {
  readonly paperHash: string;
  readonly phoneHash: string;
  /** In the order of the row's cards. */
  readonly fingerprints: readonly string[];
}

/** Somebody in the register. `name` is unsealed only when it is asked for. */
export interface KnownPerson {
  readonly id: number;
  readonly hasPaper: boolean;
  readonly checked: boolean;
  name(): string;
}

/** A card in the register. `personId` null: a stock card, of the building it names. */
export interface KnownCard {
  readonly id: number;
  readonly personId: number | null;
  readonly active: boolean;
  readonly buildingId: number | null;
}

/** What the register already holds of the homes, people and cards a roster speaks of. */
export interface Known {
  /** Unit code → id. */
  readonly units: ReadonlyMap<string, number>;
  readonly byPaper: ReadonlyMap<string, KnownPerson>;
  /** People who live or lived in this building. */
  readonly byPhone: ReadonlyMap<string, readonly KnownPerson[]>;
  /** `unitId@startAt` → tenancy. */
  readonly tenancies: ReadonlyMap<string, { readonly id: number; readonly termEnd: number | null; readonly ended: boolean }>;
  /** `tenancyId:personId` */
  readonly occupants: ReadonlySet<string>;
  /** Fingerprint → card. */
  readonly cards: ReadonlyMap<string, KnownCard>;
  /** First row numbers not yet used, by table. */
  readonly next: { readonly unit: number; readonly person: number; readonly tenancy: number };
}

/** Part of a database handle this file needs. */
type Asking = Pick<ReadDb, '$queryRawUnsafe'>;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase();
type Whole = number | bigint;
const whole = (value: Whole): number => Number(value);
const wholeOrNull = (value: Whole | null): number | null => (value === null ? null : Number(value));

/** Hashes and fingerprints of every row, made in slices. */
export async function keysOf(vault: Vault, rows: readonly RosterRow[]): Promise<RowKeys[]> {
  const breathe = createBreath();
  const keys: RowKeys[] = [];
  for (const row of rows) {
    await breathe();
    keys.push({
      paperHash: row.document === '' ? '' : hex(vault.hash('document', paperKey(row))),
      phoneHash: row.phone === '' ? '' : hex(vault.hash('phone', row.phone)),
      fingerprints: row.cards.map((card) => hex(vault.fingerprint(card))),
    });
  }
  return keys;
}

const PERSON = `SELECT p."id", p."nameSealed", p."documentHash" IS NOT NULL AS "hasPaper", p."documentCheckedBy" <> '' AS "checked"`;
const HASHES = '(SELECT unhex("value") FROM json_each(?))';
const BY_PAPER = `${PERSON}, hex(p."documentHash") AS "key" FROM "Person" p WHERE p."documentHash" IN ${HASHES} ORDER BY p."id" DESC`;
const BY_PHONE = `${PERSON}, hex(p."phoneHash") AS "key" FROM "Person" p WHERE p."phoneHash" IN ${HASHES} AND EXISTS (
  SELECT 1 FROM "Occupant" o JOIN "Tenancy" t ON t."id" = o."tenancyId" JOIN "RentalUnit" u ON u."id" = t."unitId" WHERE o."personId" = p."id" AND u."buildingId" = ?) ORDER BY p."id"`;
const CARDS = `SELECT c."id", c."personId", c."status", c."buildingId", hex(c."fingerprint") AS "key" FROM "Credential" c WHERE c."fingerprint" IN ${HASHES}`;
const UNITS = 'SELECT "id", "code" FROM "RentalUnit" WHERE "buildingId" = ?';
const TENANCIES = `SELECT t."id", t."unitId", t."startAt", t."termEnd", t."endedBy" FROM "Tenancy" t JOIN "RentalUnit" u ON u."id" = t."unitId" WHERE u."buildingId" = ?`;
const OCCUPANTS = `SELECT o."tenancyId", o."personId" FROM "Occupant" o JOIN "Tenancy" t ON t."id" = o."tenancyId" JOIN "RentalUnit" u ON u."id" = t."unitId" WHERE u."buildingId" = ?`;
// AUTOINCREMENT never gives a number twice, also when its row is gone: ours must not either.
const NEXT = `SELECT (SELECT COALESCE(MAX("seq"), 0) + 1 FROM "sqlite_sequence" WHERE "name" = 'RentalUnit') AS "unit",
  (SELECT COALESCE(MAX("seq"), 0) + 1 FROM "sqlite_sequence" WHERE "name" = 'Person') AS "person", (SELECT COALESCE(MAX("seq"), 0) + 1 FROM "sqlite_sequence" WHERE "name" = 'Tenancy') AS "tenancy"`;

interface PersonRecord {
  readonly id: Whole;
  readonly nameSealed: Uint8Array;
  readonly hasPaper: Whole;
  readonly checked: Whole;
  readonly key: string;
}

const knownPerson = (vault: Vault, record: PersonRecord): KnownPerson => ({
  id: whole(record.id), hasPaper: whole(record.hasPaper) === 1, checked: whole(record.checked) === 1, name: () => vault.open('person.name', record.nameSealed),
});

const BATCH = 2000;

/** Asks for keys in batches, so that no single question holds the thread for long. */
async function inBatches<R>(keys: readonly string[], ask: (json: string) => Promise<R[]>): Promise<R[]> {
  const wanted = [...new Set(keys)].filter((key) => key !== '');
  const found: R[] = [];
  for (let at = 0; at < wanted.length; at += BATCH) found.push(...(await ask(JSON.stringify(wanted.slice(at, at + BATCH)))));
  return found;
}

async function readPeople(db: Asking, vault: Vault, buildingId: number, keys: readonly RowKeys[]): Promise<Pick<Known, 'byPaper' | 'byPhone'>> {
  const papers = await inBatches(keys.map((key) => key.paperHash), (json) => db.$queryRawUnsafe<PersonRecord[]>(BY_PAPER, json));
  const phones = await inBatches(keys.map((key) => key.phoneHash), (json) => db.$queryRawUnsafe<PersonRecord[]>(BY_PHONE, json, buildingId));
  const byPhone = new Map<string, KnownPerson[]>();
  for (const record of phones) byPhone.set(record.key, [...(byPhone.get(record.key) ?? []), knownPerson(vault, record)]);
  return { byPaper: new Map(papers.map((record) => [record.key, knownPerson(vault, record)])), byPhone };
}

type TenancyRecord = { readonly id: Whole; readonly unitId: Whole; readonly startAt: Whole; readonly termEnd: Whole | null; readonly endedBy: string };
type CardRecord = { readonly id: Whole; readonly personId: Whole | null; readonly status: string; readonly buildingId: Whole | null; readonly key: string };

/** Reads what the register holds, through whichever handle: a look before, and again inside the write that flips. */
export async function readKnown(db: Asking, vault: Vault, buildingId: number, keys: readonly RowKeys[]): Promise<Known> {
  const people = await readPeople(db, vault, buildingId, keys);
  const cards = await inBatches(keys.flatMap((key) => key.fingerprints), (json) => db.$queryRawUnsafe<CardRecord[]>(CARDS, json));
  const units = await db.$queryRawUnsafe<{ id: Whole; code: string }[]>(UNITS, buildingId);
  const tenancies = await db.$queryRawUnsafe<TenancyRecord[]>(TENANCIES, buildingId);
  const occupants = await db.$queryRawUnsafe<{ tenancyId: Whole; personId: Whole }[]>(OCCUPANTS, buildingId);
  const [next] = await db.$queryRawUnsafe<{ unit: Whole; person: Whole; tenancy: Whole }[]>(NEXT);
  return {
    ...people,
    units: new Map(units.map((unit) => [unit.code, whole(unit.id)])),
    tenancies: new Map(tenancies.map((one) => [`${one.unitId}@${one.startAt}`, { id: whole(one.id), termEnd: wholeOrNull(one.termEnd), ended: one.endedBy !== '' }])),
    occupants: new Set(occupants.map((one) => `${one.tenancyId}:${one.personId}`)),
    cards: new Map(cards.map((card) => [card.key, { id: whole(card.id), personId: wholeOrNull(card.personId), active: card.status === 'active', buildingId: wholeOrNull(card.buildingId) }])),
    next: { unit: whole(next?.unit ?? 1), person: whole(next?.person ?? 1), tenancy: whole(next?.tenancy ?? 1) },
  };
}
