import type { ReaderProfile } from '../core/cards.ts';
import { buildingCodesIn } from '../exchange/district-file.ts';
import { findingOf } from '../exchange/roster-file.ts';
import { cardKey } from '../exchange/roster-row.ts';
import type { DistrictApplied } from '../http/schemas/district-import.ts';
import type { RosterFinding } from '../http/schemas/roster.ts';
import type { Register, WriteDb } from '../store/register.ts';
import type { SealedPart, SealedRow, SealPart } from './district-rows.ts';
import { registrationDues } from './registration-due.ts';
import { flipPlans, type Planned, type Sealing } from './roster-flip.ts';
import { type Known, type KnownCard, knownIn, type KnownOf, type KnownPerson, readKnown } from './roster-known.ts';
import { type Counted, type Plan, planRoster } from './roster-plan.ts';

/** A piece of a district's roster, with its header line. */
export interface DistrictUpload {
  readonly bytes: Uint8Array;
  /** It is stated that somebody checked the documents (design.md 2). */
  readonly attested: boolean;
  /** Buildings that are not in the register are made. */
  readonly makeBuildings: boolean;
}

/** A building as a roster needs it. */
const BUILDING = { id: true, code: true, readerBits: true, readerOrder: true, jurisdiction: true, mode: true } as const;
interface Building {
  readonly id: number;
  readonly code: string;
  readonly readerBits: number;
  readonly readerOrder: string;
  readonly jurisdiction: string;
  readonly mode: string;
}

/** What most readers give, until somebody says otherwise. */
const USUAL_READERS: ReaderProfile = { bits: 32, order: 'msb' };
/** Keys change once in years, and each change takes a moment: a piece that met one is made again. */
const TRIES = 3;

const readersOf = (buildings: readonly Building[]): Map<string, ReaderProfile> =>
  new Map(buildings.map(({ code, readerBits, readerOrder }) => [code, { bits: readerBits, order: readerOrder === 'lsb' ? 'lsb' : 'msb' }]));

/** Files buildings of these codes, each a site of its own called by its whole code: the end of one is not unique in a district. */
async function makeBuildings(db: WriteDb, codes: readonly string[]): Promise<number> {
  const missing = new Set(codes);
  for (const { code } of await db.building.findMany({ where: { code: { in: [...codes] } }, select: { code: true } })) missing.delete(code);
  if (missing.size === 0) return 0;
  const list = [...missing];
  await db.site.createMany({ data: list.map((code) => ({ code: code.toLowerCase(), name: code })) });
  const sites = await db.site.findMany({ where: { code: { in: list.map((code) => code.toLowerCase()) } }, select: { id: true, code: true } });
  await db.building.createMany({ data: sites.map(({ id, code }) => ({ code: code.toUpperCase(), siteId: id, name: code.toUpperCase() })) });
  return list.length;
}

/** What is known of a part's buildings, kept up as each of them is planned: the next one may have the same people. */
class Growing {
  readonly #known: KnownOf;
  readonly #byPaper: Map<string, KnownPerson>;
  readonly #cards: Map<string, KnownCard>;
  #next: Known['next'];

  constructor(known: KnownOf) {
    this.#known = known;
    this.#byPaper = new Map(known.byPaper);
    this.#cards = new Map(known.cards);
    this.#next = known.next;
  }

  of(buildingId: number): Known {
    return { ...knownIn(this.#known, buildingId), byPaper: this.#byPaper, cards: this.#cards, next: this.#next };
  }

  add(plan: Plan, attested: boolean): void {
    const { unit, person, tenancy } = this.#next;
    this.#next = { unit: unit + plan.units.length, person: person + plan.people.length, tenancy: tenancy + plan.tenancies.length };
    for (const { id, row, keys } of [...plan.people, ...plan.papers])
      if (keys.paperHash !== '') this.#byPaper.set(keys.paperHash, { id, hasPaper: true, checked: attested, name: () => row.name });
    for (const { personId, fingerprint } of plan.cards) this.#cards.set(fingerprint, { id: 0, personId, active: true, buildingId: null });
    const handed = new Map(plan.handed.map(({ cardId, personId }) => [cardId, personId]));
    if (handed.size === 0) return;
    for (const [fingerprint, card] of this.#cards) this.#cards.set(fingerprint, { ...card, personId: handed.get(card.id) ?? card.personId });
  }
}

/** The sealed columns as the other thread made them. */
function sealingOf(rows: readonly SealedRow[]): Sealing {
  const people = new Map(rows.map(({ row, person }) => [row, person]));
  const cards = new Map(rows.flatMap(({ row, cards: seals }) => row.cards.map((card, at) => [cardKey(card), seals[at] ?? ''] as const)));
  return {
    person: (row) => people.get(row) ?? { name: '', document: null, phone: null, birth: null },
    card: (reading) => cards.get(cardKey(reading)) ?? '',
  };
}

/** When people are to be registered, counted once for each place and mode. */
function duesBy(db: WriteDb): (building: Building) => Promise<(movedInAt: number) => Counted | undefined> {
  const counted = new Map<string, ReturnType<typeof registrationDues>>();
  return (building) => {
    const key = `${building.jurisdiction} ${building.mode}`;
    const there = counted.get(key) ?? registrationDues(db, building);
    counted.set(key, there);
    return there;
  };
}

interface Written {
  readonly planned: readonly Planned[];
  readonly made: number;
}

/** Plans and writes a part in one transaction. Undefined: the keys have changed since it was sealed. */
function write(register: Register, part: SealedPart, { attested, makeBuildings: mayMake }: DistrictUpload, now: number): Promise<Written | undefined> {
  return register.write(async (db) => {
    const { vault } = register;
    if (vault.hashKey !== part.hashKey || Buffer.compare(vault.sealHead, part.sealHead) !== 0) return undefined;
    const codes = part.buildings.map(({ code }) => code);
    const made = mayMake ? await makeBuildings(db, codes) : 0;
    const buildings = new Map((await db.building.findMany({ where: { code: { in: codes } }, select: BUILDING })).map((building) => [building.code, building]));
    const rows = part.buildings.flatMap((each) => each.rows);
    const keys = rows.map((row) => row.keys);
    const growing = new Growing(await readKnown(db, vault, { buildingIds: [...buildings.values()].map(({ id }) => id), within: undefined }, keys));
    const dues = duesBy(db);
    const planned: Planned[] = [];
    for (const { code, rows: own } of part.buildings) {
      const building = buildings.get(code);
      if (building === undefined) continue;
      const target = { buildingId: building.id, buildingCode: code, attested, registrationDue: await dues(building) };
      const plan = await planRoster(
        own.map(({ row }) => row),
        own.map((row) => row.keys),
        growing.of(building.id),
        target,
      );
      growing.add(plan, attested);
      planned.push({ buildingId: building.id, plan });
    }
    await flipPlans(db, sealingOf(rows), planned, { now, attested });
    return { planned, made };
  });
}

/** What the register says of rows, but for homes that are new: in a district's first file that is every one. */
const findingsOf = ({ headers }: SealedPart, { planned }: Written): RosterFinding[] =>
  planned.flatMap(({ plan }) =>
    plan.notes.filter(({ code }) => code !== 'UNIT_NEW').map(({ row, meaning, value, code, warning }) => findingOf({ row, column: headers[meaning], value }, code, warning)),
  );

function appliedOf(part: SealedPart, written: Written): Omit<DistrictApplied, 'entry'> {
  const sum = (count: (plan: Plan) => number): number => written.planned.reduce((all, { plan }) => all + count(plan), 0);
  const taken = part.buildings.reduce((all, { rows }) => all + rows.length, 0);
  const refused = sum((plan) => new Set(plan.notes.filter(({ warning }) => !warning).map(({ row }) => row)).size);
  return {
    usable: true,
    rows: part.rowCount,
    buildings: written.made,
    people: sum((plan) => plan.people.length),
    tenancies: sum((plan) => plan.tenancies.length),
    credentials: sum((plan) => plan.cards.length + plan.handed.length),
    units: sum((plan) => plan.units.length),
    unchanged: sum((plan) => plan.unchanged),
    skipped: part.rowCount - taken + refused,
    findings: [...part.findings, ...findingsOf(part, written)].sort((a, b) => a.row - b.row),
  };
}

const UNUSABLE = { usable: false, rows: 0, buildings: 0, people: 0, tenancies: 0, credentials: 0, units: 0, unchanged: 0, skipped: 0 } as const;

/**
 * Brings in a piece of a district's roster: its sound rows in one transaction; the others are told of, and come in by
 * the same file once they are put right, since a row that is there changes nothing. Throws when the keys go on changing.
 */
export async function importDistrictPart(register: Register, seal: SealPart, upload: DistrictUpload, now: number): Promise<Omit<DistrictApplied, 'entry'>> {
  const codes = buildingCodesIn(upload.bytes);
  const readers = readersOf(await register.read.building.findMany({ where: { code: { in: codes } }, select: BUILDING }));
  if (upload.makeBuildings) for (const code of codes) readers.set(code, readers.get(code) ?? USUAL_READERS);
  for (let tries = 0; tries < TRIES; tries += 1) {
    const part = await seal(upload.bytes, { readers, now });
    if (!part.usable) return { ...UNUSABLE, findings: [...part.findings] };
    const written = await write(register, part, upload, now);
    if (written !== undefined) return appliedOf(part, written);
  }
  throw new Error('the keys were changed again and again while a district came in');
}
