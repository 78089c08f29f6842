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
  /** While keys are being changed: paper and phone hash as rows not yet hashed anew have them; else ''. */
  readonly olderPaper: string;
  readonly olderPhone: string;
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

/** Which buildings a roster is for. `within`: buildings among whose people a document number is looked up; undefined: everywhere. */
export interface Whereabouts {
  readonly buildingIds: readonly number[];
  readonly within: readonly number[] | undefined;
}

/** Part of a database handle this file needs. */
type Asking = Pick<ReadDb, '$queryRawUnsafe'>;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase();
/** Hashes and fingerprints of every row, made in slices. */
export async function keysOf(vault: Vault, rows: readonly RosterRow[]): Promise<RowKeys[]> {
  const breathe = createBreath();
  const keys: RowKeys[] = [];
  for (const row of rows) {
    await breathe();
    const [paperHash = '', olderPaper = ''] = row.document === '' ? [] : vault.hashes('document', paperKey(row)).map(hex);
    const [phoneHash = '', olderPhone = ''] = row.phone === '' ? [] : vault.hashes('phone', row.phone).map(hex);
    keys.push({
      paperHash,
      phoneHash,
      olderPaper,
      olderPhone,
      fingerprints: row.cards.map((card) => hex(vault.fingerprint(card))),
    });
  }
  return keys;
}

// Each question answers with one JSON list of rows: Prisma takes some twenty microseconds for every row it hands over itself.
const PERSON = `json_array(p."id", hex(p."nameSealed"), p."documentHash" IS NOT NULL, p."documentCheckedBy" <> ''`;
const HASHES = '(SELECT unhex("value") FROM json_each(?))';
const BUILDINGS = '(SELECT "value" FROM json_each(?))';
const IN_BUILDINGS = `JOIN "RentalUnit" u ON u."id" = t."unitId" WHERE u."buildingId" IN ${BUILDINGS}`;
const BY_PAPER = `SELECT json_group_array(${PERSON}, hex(p."documentHash")) ORDER BY p."id" DESC) AS "rows" FROM "Person" p WHERE p."documentHash" IN ${HASHES}`;
// Whoever gives in a document number learns nothing of people elsewhere: for him they are not there (security.md 4, curious landlord).
const BY_PAPER_WITHIN = `${BY_PAPER} AND EXISTS (SELECT 1 FROM "Occupant" o JOIN "Tenancy" t ON t."id" = o."tenancyId" JOIN "RentalUnit" u ON u."id" = t."unitId"
  WHERE o."personId" = p."id" AND u."buildingId" IN (SELECT "value" FROM json_each(?)))`;
const BY_PHONE = `SELECT json_group_array(${PERSON}, hex(p."phoneHash"), b."buildingId") ORDER BY p."id") AS "rows" FROM (
  SELECT DISTINCT o."personId", u."buildingId" FROM "Person" p JOIN "Occupant" o ON o."personId" = p."id" JOIN "Tenancy" t ON t."id" = o."tenancyId"
  ${IN_BUILDINGS} AND p."phoneHash" IN ${HASHES}) b JOIN "Person" p ON p."id" = b."personId"`;
const CARDS = `SELECT json_group_array(json_array(c."id", c."personId", c."status", c."buildingId", hex(c."fingerprint"))) AS "rows" FROM "Credential" c WHERE c."fingerprint" IN ${HASHES}`;
const UNITS = `SELECT json_group_array(json_array("id", "code")) AS "rows" FROM "RentalUnit" WHERE "buildingId" IN ${BUILDINGS}`;
const TENANCIES = `SELECT json_group_array(json_array(t."id", t."unitId", t."startAt", t."termEnd", t."endedBy")) AS "rows" FROM "Tenancy" t ${IN_BUILDINGS}`;
const OCCUPANTS = `SELECT json_group_array(json_array(o."tenancyId", o."personId")) AS "rows" FROM "Occupant" o JOIN "Tenancy" t ON t."id" = o."tenancyId" ${IN_BUILDINGS}`;
// AUTOINCREMENT never gives a number twice, also when its row is gone: ours must not either.
const NEXT = `SELECT json_array(COALESCE(MAX("seq") FILTER (WHERE "name" = 'RentalUnit'), 0) + 1, COALESCE(MAX("seq") FILTER (WHERE "name" = 'Person'), 0) + 1,
  COALESCE(MAX("seq") FILTER (WHERE "name" = 'Tenancy'), 0) + 1) AS "rows" FROM "sqlite_sequence"`;

type PersonRecord = readonly [id: number, nameSealed: string, hasPaper: 0 | 1, checked: 0 | 1, key: string];
type HousedRecord = readonly [...PersonRecord, buildingId: number];
type CardRecord = readonly [id: number, personId: number | null, status: string, buildingId: number | null, key: string];
type TenancyRecord = readonly [id: number, unitId: number, startAt: number, termEnd: number | null, endedBy: string];

const knownPerson = (vault: Vault, [id, nameSealed, hasPaper, checked]: PersonRecord): KnownPerson => ({
  id,
  hasPaper: hasPaper === 1,
  checked: checked === 1,
  name: () => vault.open('person.name', Buffer.from(nameSealed, 'hex')),
});

async function rowsOf<R>(db: Asking, sql: string, ...values: (string | number)[]): Promise<R> {
  const [answer] = await db.$queryRawUnsafe<{ rows: string }[]>(sql, ...values);
  return JSON.parse(answer?.rows ?? '[]');
}

const BATCH = 2000;

/** Asks for keys in batches, so that no single question holds the thread for long. */
async function inBatches<R>(keys: readonly string[], ask: (json: string) => Promise<readonly R[]>): Promise<R[]> {
  const wanted = [...new Set(keys)].filter((key) => key !== '');
  const found: R[] = [];
  for (let at = 0; at < wanted.length; at += BATCH) found.push(...(await ask(JSON.stringify(wanted.slice(at, at + BATCH)))));
  return found;
}

/** People by document, and by phone in each building. */
interface KnownPeople extends Pick<Known, 'byPaper'> {
  readonly byPhone: ReadonlyMap<number, ReadonlyMap<string, readonly KnownPerson[]>>;
}

async function readPeople(db: Asking, vault: Vault, { buildingIds, within }: Whereabouts, keys: readonly RowKeys[]): Promise<KnownPeople> {
  const papers = await inBatches(
    keys.flatMap((key) => [key.paperHash, key.olderPaper]),
    (json) => (within === undefined ? rowsOf<PersonRecord[]>(db, BY_PAPER, json) : rowsOf<PersonRecord[]>(db, BY_PAPER_WITHIN, json, JSON.stringify(within))),
  );
  const phones = await inBatches(
    keys.flatMap((key) => [key.phoneHash, key.olderPhone]),
    (json) => rowsOf<HousedRecord[]>(db, BY_PHONE, JSON.stringify(buildingIds), json),
  );
  const newer = new Map(
    keys.flatMap((key): [string, string][] => [
      [key.olderPaper, key.paperHash],
      [key.olderPhone, key.phoneHash],
    ]),
  );
  const asNow = (key: string): string => newer.get(key) ?? key;
  const byPhone = new Map<number, Map<string, KnownPerson[]>>();
  for (const [id, nameSealed, hasPaper, checked, key, buildingId] of phones) {
    const people = byPhone.get(buildingId) ?? new Map<string, KnownPerson[]>();
    byPhone.set(buildingId, people.set(asNow(key), [...(people.get(asNow(key)) ?? []), knownPerson(vault, [id, nameSealed, hasPaper, checked, key])]));
  }
  return { byPaper: new Map(papers.map((record) => [asNow(record[4]), knownPerson(vault, record)])), byPhone };
}

/** What the register holds of some buildings together; `byPhone` is a building's own. */
export interface KnownOf extends Omit<Known, 'byPhone'>, Pick<KnownPeople, 'byPhone'> {}

/** What of it concerns one building. */
export const knownIn = (known: KnownOf, buildingId: number): Known => ({ ...known, byPhone: known.byPhone.get(buildingId) ?? new Map() });

/** Reads what the register holds, through whichever handle: a look before, and again inside the write that flips. */
export async function readKnown(db: Asking, vault: Vault, where: Whereabouts, keys: readonly RowKeys[]): Promise<KnownOf> {
  const buildings = JSON.stringify(where.buildingIds);
  const people = await readPeople(db, vault, where, keys);
  const cards = await inBatches(
    keys.flatMap((key) => key.fingerprints),
    (json) => rowsOf<CardRecord[]>(db, CARDS, json),
  );
  const units = await rowsOf<[id: number, code: string][]>(db, UNITS, buildings);
  const tenancies = await rowsOf<TenancyRecord[]>(db, TENANCIES, buildings);
  const occupants = await rowsOf<[tenancyId: number, personId: number][]>(db, OCCUPANTS, buildings);
  const [unit = 1, person = 1, tenancy = 1] = await rowsOf<number[]>(db, NEXT);
  return {
    ...people,
    units: new Map(units.map(([id, code]) => [code, id])),
    tenancies: new Map(tenancies.map(([id, unitId, startAt, termEnd, endedBy]) => [`${unitId}@${startAt}`, { id, termEnd, ended: endedBy !== '' }])),
    occupants: new Set(occupants.map((one) => one.join(':'))),
    cards: new Map(cards.map(([id, personId, status, inBuilding, key]) => [key, { id, personId, active: status === 'active', buildingId: inBuilding }])),
    next: { unit, person, tenancy },
  };
}
