import { createHash } from 'node:crypto';
import { DAY_MS } from '../core/local-date.ts';
import { findingOf, readRosterFile, type RosterFile, sound } from '../exchange/roster-file.ts';
import { type RosterContext, type RosterRow, rosterContext } from '../exchange/roster-row.ts';
import type { RosterApplied, RosterApply, RosterFinding, RosterPreview } from '../http/schemas/roster.ts';
import type { ReadDb, Register, WriteDb } from '../store/register.ts';
import { registrationDues } from './registration-due.ts';
import { flipPlans, sealingWith } from './roster-flip.ts';
import { keysOf, knownIn, readKnown } from './roster-known.ts';
import { type Note, type Plan, planRoster, type PlanTarget } from './roster-plan.ts';

/** A file somebody hands in for a building. `now` is epoch ms. */
export interface RosterUpload {
  readonly buildingId: number;
  /** Buildings among whose people a document number may be found again; undefined: everywhere. */
  readonly within?: readonly number[] | undefined;
  /** Null: the gateway's own operator. */
  readonly accountId: number | null;
  readonly fileName: string;
  readonly bytes: Uint8Array;
}

/** What is kept, sealed, between looking and applying. */
interface Staged {
  readonly rows: readonly RosterRow[];
}

interface Building {
  readonly id: number;
  readonly code: string;
  readonly readerBits: number;
  readonly readerOrder: string;
  readonly jurisdiction: string;
  readonly mode: string;
}

/** A looked-at file is forgotten after this time, ms. */
const KEPT_MS = DAY_MS;

const contextOf = ({ code, readerBits, readerOrder }: Building, now: number): RosterContext =>
  rosterContext(code, { bits: readerBits, order: readerOrder === 'lsb' ? 'lsb' : 'msb' }, now);

const targetOf = async (db: ReadDb | WriteDb, building: Building, attested: boolean): Promise<PlanTarget> => ({
  buildingId: building.id,
  buildingCode: building.code,
  attested,
  registrationDue: await registrationDues(db, building),
});

const findingsOf = (file: RosterFile, notes: readonly Note[]): RosterFinding[] =>
  notes.map((note) => findingOf({ row: note.row, column: file.header(note.meaning), value: note.value }, note.code, note.warning));

/** Rows the file or the register refuses, warnings left out; at least one for a file that cannot be used at all. */
function countBad(file: RosterFile, findings: readonly RosterFinding[]): number {
  const rows = new Set(findings.filter((finding) => !finding.warning).map((finding) => finding.row));
  return file.usable ? rows.size : Math.max(1, file.rowCount);
}

function previewOf(file: RosterFile, plan: Plan, findings: RosterFinding[]): Omit<RosterPreview, 'id' | 'fileName'> {
  const bad = countBad(file, findings);
  return {
    encoding: file.encoding,
    rows: file.rowCount,
    good: sound(file.rows, findings).length,
    bad,
    columns: [...file.columns],
    newPeople: plan.people.length,
    newTenancies: plan.tenancies.length,
    newCredentials: plan.cards.length + plan.handed.length,
    newUnits: plan.units.length,
    unchanged: plan.unchanged,
    findings: findings.sort((a, b) => a.row - b.row),
  };
}

const buildingOf = (register: Register, id: number): Promise<Building> =>
  register.read.building.findUniqueOrThrow({ where: { id }, select: { id: true, code: true, readerBits: true, readerOrder: true, jurisdiction: true, mode: true } });

/**
 * Reads a roster and says what applying it would do; the register's people, homes and cards stay as they are. The
 * rows are kept, sealed, for a day under the id returned.
 */
export async function previewRoster(register: Register, upload: RosterUpload, now: number): Promise<RosterPreview> {
  const { read, vault } = register;
  const building = await buildingOf(register, upload.buildingId);
  const file = await readRosterFile(upload.bytes, contextOf(building, now));
  const keys = await keysOf(vault, file.rows);
  const known = await readKnown(read, vault, { buildingIds: [building.id], within: upload.within }, keys);
  const plan = await planRoster(file.rows, keys, knownIn(known, building.id), await targetOf(read, building, false));
  const preview = previewOf(file, plan, [...file.findings, ...findingsOf(file, plan.notes)]);
  const staged: Staged = { rows: file.rows };
  const data = {
    buildingId: building.id,
    accountId: upload.accountId,
    fileName: upload.fileName,
    state: 'previewed',
    goodRows: preview.good,
    badRows: preview.bad,
    createdAt: BigInt(now),
    fileHash: Uint8Array.from(createHash('sha256').update(upload.bytes).digest()),
    bodySealed: vault.seal('import.body', JSON.stringify(staged)),
  };
  const { id } = await register.write(async (db) => {
    await db.rosterImport.updateMany({ where: { createdAt: { lt: BigInt(now - KEPT_MS) }, bodySealed: { not: null } }, data: { bodySealed: null } });
    return db.rosterImport.create({ data, select: { id: true } });
  });
  return { id, fileName: upload.fileName, ...preview };
}

/** An import that was looked at or applied; undefined when there is none of this id, or it was forgotten after a day. */
export async function findRoster(register: Register, id: number): Promise<{ readonly buildingId: number; readonly fileName: string; readonly state: string } | undefined> {
  const row = await register.read.rosterImport.findUnique({ where: { id }, select: { buildingId: true, fileName: true, state: true, bodySealed: true } });
  if (row === null || (row.state === 'previewed' && row.bodySealed === null)) return undefined;
  return { buildingId: row.buildingId, fileName: row.fileName, state: row.state };
}

function openStaged(register: Register, sealed: Uint8Array): readonly RosterRow[] {
  const staged: Staged = JSON.parse(register.vault.open('import.body', sealed));
  return staged.rows;
}

const appliedOf = (plan: Plan, skipped: number): Omit<RosterApplied, 'entry'> => ({
  people: plan.people.length,
  tenancies: plan.tenancies.length,
  credentials: plan.cards.length + plan.handed.length,
  units: plan.units.length,
  unchanged: plan.unchanged,
  skipped,
});

/**
 * Applies a roster that was looked at: everything in one transaction, or nothing. It is held against the register as
 * it stands now, not as it stood at the look. Undefined, with nothing changed: there are bad rows and the person did
 * not choose `goodRowsOnly`. Throws when the import is not there, was applied, or was forgotten.
 */
export async function applyRoster(
  register: Register,
  id: number,
  choice: RosterApply & Pick<RosterUpload, 'within'> & { readonly now: number },
): Promise<Omit<RosterApplied, 'entry'> | undefined> {
  const { vault } = register;
  const found = await register.read.rosterImport.findUniqueOrThrow({ where: { id } });
  if (found.bodySealed === null) throw new Error(`import ${id}: applied already, or older than a day`);
  const fileRows = found.goodRows + found.badRows;
  if (found.badRows > 0 && !choice.goodRowsOnly) return undefined;
  const rows = openStaged(register, found.bodySealed);
  const [under, before] = [vault.hashKey, await keysOf(vault, rows)];
  const building = await buildingOf(register, found.buildingId);
  return register.write(async (db) => {
    // The keys may have been changed while this waited for its turn; they are not while it runs.
    const keys = vault.hashKey === under ? before : await keysOf(vault, rows);
    const still = await db.rosterImport.count({ where: { id, state: 'previewed' } });
    if (still === 0) throw new Error(`import ${id}: applied already`);
    const known = await readKnown(db, vault, { buildingIds: [building.id], within: choice.within }, keys);
    const plan = await planRoster(rows, keys, knownIn(known, building.id), await targetOf(db, building, choice.attested));
    const refused = new Set(plan.notes.filter((note) => !note.warning).map((note) => note.row)).size;
    if (refused > 0 && !choice.goodRowsOnly) return undefined;
    await flipPlans(db, sealingWith(vault), [{ plan, buildingId: building.id }], { importId: id, now: choice.now, attested: choice.attested });
    return appliedOf(plan, fileRows - rows.length + refused);
  });
}
