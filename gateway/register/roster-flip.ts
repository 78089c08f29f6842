import { createBreath } from '../exchange/slice.ts';
import type { WriteDb } from '../store/register.ts';
import { readingBytes, type Vault } from '../store/vault.ts';
import type { Plan } from './roster-plan.ts';

/** A statement that takes one JSON list of rows. */
interface Batch {
  readonly sql: string;
  readonly json: string;
}

/** How a roster is applied: which staged import, the building, the moment (epoch ms), and the landlord's statement. */
export interface Flip {
  readonly importId: number;
  readonly buildingId: number;
  readonly now: number;
  readonly attested: boolean;
}

type Cell = string | number | null;

// Some ten milliseconds a statement; the desk answers others in between.
const ROWS_IN_BATCH = 500;
const ROWS = (columns: number): string => Array.from({ length: columns }, (_, at) => `"value"->>${at}`).join(', ');
const tail = (text: string): string => text.slice(-4);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const UNITS = `INSERT INTO "RentalUnit" ("id", "code", "floor", "room", "buildingId") SELECT ${ROWS(5)} FROM json_each(?)`;
const PEOPLE = `INSERT INTO "Person" ("id", "sex", "createdAt", "documentType", "documentTail", "phoneTail", "documentCheckedBy", "documentCheckedAt",
  "nameSealed", "documentSealed", "documentHash", "phoneSealed", "phoneHash", "birthSealed")
  SELECT ${ROWS(8)}, unhex("value"->>8), unhex("value"->>9), unhex("value"->>10), unhex("value"->>11), unhex("value"->>12), unhex("value"->>13) FROM json_each(?)`;
const PAPERS = `UPDATE "Person" SET "documentType" = j."value"->>1, "documentTail" = j."value"->>2, "documentSealed" = unhex(j."value"->>3), "documentHash" = unhex(j."value"->>4),
  "birthSealed" = unhex(j."value"->>5), "termForm" = 0 FROM json_each(?) AS j WHERE "Person"."id" = j."value"->>0 AND "Person"."documentHash" IS NULL`;
const CHECKS = `UPDATE "Person" SET "documentCheckedBy" = 'landlord', "documentCheckedAt" = j."value"->>1 FROM json_each(?) AS j WHERE "Person"."id" = j."value"->>0 AND "Person"."documentCheckedBy" = ''`;
const TENANCIES = `INSERT INTO "Tenancy" ("id", "unitId", "startAt", "termEnd", "createdAt") SELECT ${ROWS(5)} FROM json_each(?)`;
const OCCUPANTS = `INSERT INTO "Occupant" ("tenancyId", "personId", "role", "fromAt", "registrationState", "registrationDue", "registrationRuleId") SELECT ${ROWS(7)} FROM json_each(?)`;
const CARDS = `INSERT INTO "Credential" ("personId", "tail", "createdAt", "fingerprint", "valueSealed") SELECT ${ROWS(3)}, unhex("value"->>3), unhex("value"->>4) FROM json_each(?)`;
const HANDED = `UPDATE "Credential" SET "personId" = j."value"->>1, "kind" = 'tenant', "pinVerifier" = NULL FROM json_each(?) AS j WHERE "Credential"."id" = j."value"->>0 AND "Credential"."personId" IS NULL`;
const DONE = `UPDATE "RosterImport" SET "state" = 'applied', "bodySealed" = NULL, "appliedAt" = j."value"->>1 FROM json_each(?) AS j WHERE "RosterImport"."id" = j."value"->>0 AND "state" = 'previewed'`;

function batches(sql: string, rows: readonly (readonly Cell[])[]): Batch[] {
  const parts: Batch[] = [];
  for (let at = 0; at < rows.length; at += ROWS_IN_BATCH) parts.push({ sql, json: JSON.stringify(rows.slice(at, at + ROWS_IN_BATCH)) });
  return parts;
}

/** The document's columns: sealed, hashed, and the birth date it tells. */
function paperCells(vault: Vault, { row, keys }: Plan['people'][number]): { readonly sealed: Cell; readonly hash: Cell; readonly birth: Cell } {
  return {
    sealed: row.document === '' ? null : hex(vault.seal('person.document', row.document)),
    hash: keys.paperHash === '' ? null : keys.paperHash,
    birth: row.birth === '' ? null : hex(vault.seal('person.birth', row.birth)),
  };
}

function personRow(vault: Vault, person: Plan['people'][number], flip: Flip): Cell[] {
  const { row, keys } = person;
  const paper = paperCells(vault, person);
  const checked = flip.attested && row.document !== '';
  return [
    person.id,
    row.sex,
    flip.now,
    row.documentType,
    tail(row.document),
    tail(row.phone),
    checked ? 'landlord' : '',
    checked ? flip.now : null,
    hex(vault.seal('person.name', row.name)),
    paper.sealed,
    paper.hash,
    row.phone === '' ? null : hex(vault.seal('person.phone', row.phone)),
    keys.phoneHash === '' ? null : keys.phoneHash,
    paper.birth,
  ];
}

/** Makes rows one by one, giving the thread away between them: sealing thousands takes a while. */
async function slowly<T>(items: readonly T[], make: (item: T) => Cell[]): Promise<Cell[][]> {
  const breathe = createBreath();
  const rows: Cell[][] = [];
  for (const item of items) {
    await breathe();
    rows.push(make(item));
  }
  return rows;
}

/** Carries out a plan in one transaction of set-based statements: all of it, or nothing. Call inside `Register.write`. */
export async function flipRoster(db: WriteDb, vault: Vault, plan: Plan, flip: Flip): Promise<void> {
  const people = await slowly(plan.people, (person) => personRow(vault, person, flip));
  const papers = await slowly(plan.papers, (person) => {
    const paper = paperCells(vault, person);
    return [person.id, person.row.documentType, tail(person.row.document), paper.sealed, paper.hash, paper.birth];
  });
  const cards = await slowly(plan.cards, ({ personId, fingerprint, reading }) => [
    personId,
    tail(reading.hex),
    flip.now,
    fingerprint,
    hex(vault.sealBytes('credential.value', readingBytes(reading))),
  ]);
  const parts = [
    ...batches(
      UNITS,
      plan.units.map(({ id, code, room }) => [id, code, room.floor, room.room, flip.buildingId]),
    ),
    ...batches(PEOPLE, people),
    ...batches(PAPERS, papers),
    ...batches(CHECKS, flip.attested ? plan.checks.map((id) => [id, flip.now]) : []),
    ...batches(
      TENANCIES,
      plan.tenancies.map(({ id, unitId, startAt, termEnd }) => [id, unitId, startAt, termEnd, flip.now]),
    ),
    ...batches(
      OCCUPANTS,
      plan.occupants.map(({ tenancyId, personId, role, fromAt, due }) => [tenancyId, personId, role, fromAt, 'pending', due?.dueAt ?? null, due?.ruleId ?? null]),
    ),
    ...batches(CARDS, cards),
    ...batches(
      HANDED,
      plan.handed.map(({ cardId, personId }) => [cardId, personId]),
    ),
    ...batches(DONE, [[flip.importId, flip.now]]),
  ];
  await db.$transaction(parts.map((part) => db.$executeRawUnsafe(part.sql, part.json)));
}
