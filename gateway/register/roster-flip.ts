import type { CardReading } from '../core/cards.ts';
import type { RosterRow } from '../exchange/roster-row.ts';
import { createBreath } from '../exchange/slice.ts';
import type { WriteDb } from '../store/register.ts';
import { readingBytes, type Vault } from '../store/vault.ts';
import type { Plan } from './roster-plan.ts';

/** A statement that takes one JSON list of rows. */
interface Batch {
  readonly sql: string;
  readonly json: string;
}

/** How a roster is applied: the moment (epoch ms), and the landlord's statement. */
export interface Flip {
  readonly now: number;
  readonly attested: boolean;
}

/** What a roster changes in one building. */
export interface Planned {
  readonly buildingId: number;
  readonly plan: Plan;
}

/** A person's sealed columns, upper or lower case hex; null: the row gives none. */
export interface PersonSeals {
  readonly name: string;
  readonly document: string | null;
  readonly phone: string | null;
  readonly birth: string | null;
}

/** Where sealed columns come from: made here and now, or by another thread before. */
export interface Sealing {
  person(row: RosterRow): PersonSeals;
  card(reading: CardReading): string;
}

/** Seals under the newest key, when it is asked to. */
export const sealingWith = (vault: Vault): Sealing => ({
  person: (row) => ({
    name: hex(vault.seal('person.name', row.name)),
    document: row.document === '' ? null : hex(vault.seal('person.document', row.document)),
    phone: row.phone === '' ? null : hex(vault.seal('person.phone', row.phone)),
    birth: row.birth === '' ? null : hex(vault.seal('person.birth', row.birth)),
  }),
  card: (reading) => hex(vault.sealBytes('credential.value', readingBytes(reading))),
});

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

const orNull = (hash: string): Cell => (hash === '' ? null : hash);

function personRow(sealing: Sealing, { id, row, keys }: Plan['people'][number], flip: Flip): Cell[] {
  const seals = sealing.person(row);
  const checked = flip.attested && row.document !== '';
  return [
    id,
    row.sex,
    flip.now,
    row.documentType,
    tail(row.document),
    tail(row.phone),
    checked ? 'landlord' : '',
    checked ? flip.now : null,
    seals.name,
    seals.document,
    orNull(keys.paperHash),
    seals.phone,
    orNull(keys.phoneHash),
    seals.birth,
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

/** The statements that carry out plans for one building or many, in the order they hang on each other. */
async function statementsOf(sealing: Sealing, planned: readonly Planned[], flip: Flip): Promise<Batch[]> {
  const all = <T>(part: (plan: Plan) => readonly T[]): T[] => planned.flatMap(({ plan }) => part(plan));
  const people = await slowly(
    all((plan) => plan.people),
    (person) => personRow(sealing, person, flip),
  );
  const papers = await slowly(
    all((plan) => plan.papers),
    ({ id, row, keys }) => {
      const { document, birth } = sealing.person(row);
      return [id, row.documentType, tail(row.document), document, orNull(keys.paperHash), birth];
    },
  );
  const cards = await slowly(
    all((plan) => plan.cards),
    ({ personId, fingerprint, reading }) => [personId, tail(reading.hex), flip.now, fingerprint, sealing.card(reading)],
  );
  const units = planned.flatMap(({ plan, buildingId }) => plan.units.map(({ id, code, room }) => [id, code, room.floor, room.room, buildingId]));
  const tenancies = all((plan) => plan.tenancies).map(({ id, unitId, startAt, termEnd }) => [id, unitId, startAt, termEnd, flip.now]);
  const occupants = all((plan) => plan.occupants).map(({ tenancyId, personId, role, fromAt, due }) => [
    ...[tenancyId, personId, role, fromAt],
    ...['pending', due?.dueAt ?? null, due?.ruleId ?? null],
  ]);
  const checks = flip.attested ? all((plan) => plan.checks).map((id) => [id, flip.now]) : [];
  const handed = all((plan) => plan.handed).map(({ cardId, personId }) => [cardId, personId]);
  return [
    ...[...batches(UNITS, units), ...batches(PEOPLE, people), ...batches(PAPERS, papers), ...batches(CHECKS, checks)],
    ...[...batches(TENANCIES, tenancies), ...batches(OCCUPANTS, occupants), ...batches(CARDS, cards), ...batches(HANDED, handed)],
  ];
}

/** Carries out plans in one transaction of set-based statements: all of it, or nothing. Call inside `Register.write`. */
export async function flipPlans(db: WriteDb, sealing: Sealing, planned: readonly Planned[], flip: Flip & { readonly importId?: number }): Promise<void> {
  const parts = await statementsOf(sealing, planned, flip);
  if (flip.importId !== undefined) parts.push(...batches(DONE, [[flip.importId, flip.now]]));
  await db.$transaction(parts.map((part) => db.$executeRawUnsafe(part.sql, part.json)));
}
