import { type CardReading, type ReaderProfile, readCardNumber } from '../core/cards.ts';
import { readRoom, readUnitCode, type RoomNumber } from '../core/codes.ts';
import { type DivisionTable, MAINLAND_DIVISIONS, TEST_DIVISIONS, TEST_PROVINCE } from '../core/division.ts';
import { checkDocument, documentKind } from '../core/documents.ts';
import { dateAt, endOfDay, type LocalDate, startOfDay } from '../core/local-date.ts';
import { readPhone } from '../core/phone.ts';
import { readRosterDate } from '../core/roster-date.ts';
import { halfWidth } from '../core/text.ts';
import type { Meaning } from './roster-columns.ts';
import { isRosterCode, type RosterCode } from './roster-words.ts';

/** One person in one home, as a row of the roster says, every field checked. Times are epoch ms. */
export interface RosterRow {
  readonly row: number;
  readonly name: string;
  /** domain.md 3.2 code; '' with an empty document. */
  readonly documentType: string;
  readonly document: string;
  readonly birth: LocalDate | '';
  /** GB/T 2261.1 */
  readonly sex: 0 | 1 | 2;
  /** E.164, or ''. */
  readonly phone: string;
  readonly room: RoomNumber;
  readonly startAt: number;
  /** Last millisecond of the contract's last day; null: none given. */
  readonly termEnd: number | null;
  readonly role: 'tenant' | 'coOccupant';
  readonly cards: readonly CardReading[];
}

/** Against what a roster is read: the building it is for, the day, and what numbers are taken. */
export interface RosterContext {
  readonly buildingCode: string;
  readonly readers: ReaderProfile;
  readonly today: LocalDate;
  readonly divisions: DivisionTable;
  readonly testPrefixes: readonly string[];
}

/** Prefixes of invented phone numbers, taken only in the test province, where nobody can live (domain.md 3.7). */
const TEST_PHONES = ['120'];

/** Against what a roster of this building is read at a moment, epoch ms. */
export function rosterContext(buildingCode: string, readers: ReaderProfile, now: number): RosterContext {
  const invented = buildingCode.startsWith(TEST_PROVINCE);
  return { buildingCode, today: dateAt(now), readers, divisions: invented ? TEST_DIVISIONS : MAINLAND_DIVISIONS, testPrefixes: invented ? TEST_PHONES : [] };
}

/** A row being read: its cells by meaning ('' when absent), and where to say what is wrong. */
export interface RowCells {
  readonly row: number;
  cell(meaning: Meaning): string;
  say(meaning: Meaning, code: RosterCode, warning?: boolean): void;
}

const MAX_NAME = 50;
const MAX_CARDS = 8;
const EARLIEST: LocalDate = '1980-01-01';
const START_YEARS_AHEAD = 5;
const END_YEARS_AHEAD = 30;

// A spreadsheet writes long numbers as 8.90101E+17 and their last digits are gone.
const SHORTENED = /^\d(?:\.\d+)?E\+?\d+$/i;
const number = (cells: RowCells, meaning: Meaning): string => halfWidth(cells.cell(meaning)).replace(/^'/, '');

function shortened(cells: RowCells, meaning: Meaning): boolean {
  if (!SHORTENED.test(number(cells, meaning))) return false;
  cells.say(meaning, 'CELL_SHORTENED');
  return true;
}

function readName(cells: RowCells): string {
  const name = cells.cell('name').trim().normalize('NFC');
  if (name === '' || [...name].length > MAX_NAME || /\p{Cc}/u.test(name)) cells.say('name', 'NAME_FORMAT');
  return name;
}

type Paper = Pick<RosterRow, 'documentType' | 'document' | 'birth' | 'sex'>;
const NO_PAPER: Paper = { documentType: '', document: '', birth: '', sex: 0 };

function readPaper(cells: RowCells, context: RosterContext): Paper {
  const text = number(cells, 'document');
  const type = cells.cell('documentType').trim();
  if (text === '') {
    cells.say('document', 'DOC_MISSING', true);
    return NO_PAPER;
  }
  if (shortened(cells, 'document')) return NO_PAPER;
  // Rosters of one kind of document often leave the kind out.
  const kind = documentKind(type === '' ? '111' : type);
  if (type === '' && !/^\d{14,18}[\dXx]?$/.test(text)) cells.say('documentType', 'DOC_TYPE_MISSING');
  else if (kind === undefined) cells.say('documentType', 'DOC_TYPE_UNKNOWN');
  else {
    const check = checkDocument(kind, text, context);
    const [first] = check.findings.filter((finding) => !finding.warning).concat(check.findings);
    if (first !== undefined) cells.say('document', isRosterCode(first.code) ? first.code : 'DOC_NUMBER_FORMAT', first.warning);
    return { documentType: kind.code, document: check.number, birth: check.birth, sex: check.sex };
  }
  return NO_PAPER;
}

const SEXES: Readonly<Record<string, 1 | 2>> = { 男: 1, 男性: 1, m: 1, male: 1, '1': 1, 女: 2, 女性: 2, f: 2, female: 2, '2': 2 };

function readSex(cells: RowCells, paper: Paper): 0 | 1 | 2 {
  const text = halfWidth(cells.cell('sex')).toLowerCase();
  const given = Object.hasOwn(SEXES, text) ? (SEXES[text] ?? 0) : 0;
  if (text !== '' && given === 0) cells.say('sex', 'SEX_UNKNOWN', true);
  if (given !== 0 && paper.sex !== 0 && given !== paper.sex) cells.say('sex', 'SEX_DIFFERS');
  return paper.sex === 0 ? given : paper.sex;
}

function readPhoneCell(cells: RowCells, context: RosterContext): string {
  const text = number(cells, 'phone');
  if (text === '' || shortened(cells, 'phone')) return '';
  const phone = readPhone(text, context.testPrefixes);
  if (!phone.ok) cells.say('phone', phone.code);
  return phone.ok ? phone.e164 : '';
}

function readRoomCell(cells: RowCells, context: RosterContext): RoomNumber | undefined {
  const text = number(cells, 'room').toUpperCase();
  const coded = readUnitCode(text);
  if (coded !== undefined && coded.building !== context.buildingCode) {
    cells.say('room', 'UNIT_OTHER_BUILDING');
    return undefined;
  }
  const room = coded === undefined ? readRoom(text) : { floor: coded.floor, room: coded.room };
  if (room === undefined) cells.say('room', 'ROOM_FORMAT');
  return room;
}

function readDay(cells: RowCells, meaning: 'start' | 'end', context: RosterContext): LocalDate | undefined {
  const text = number(cells, meaning);
  if (text === '') {
    if (meaning === 'start') cells.say('start', 'DATE_MISSING');
    return undefined;
  }
  const read = readRosterDate(text);
  const ahead = meaning === 'start' ? START_YEARS_AHEAD : END_YEARS_AHEAD;
  if (!read.ok) cells.say(meaning, read.code);
  else if (read.date < EARLIEST || Number(read.date.slice(0, 4)) > Number(context.today.slice(0, 4)) + ahead) cells.say(meaning, 'DATE_RANGE');
  else return read.date;
  return undefined;
}

function readCards(cells: RowCells, context: RosterContext, bare: 'decimal' | 'hex'): CardReading[] {
  const texts = number(cells, 'card')
    .split(/[;、|/\n]+/)
    .map((text) => text.trim())
    .filter((text) => text !== '');
  if (texts.length > MAX_CARDS) cells.say('card', 'CARD_MANY');
  const cards = new Map<string, CardReading>();
  for (const text of texts.slice(0, MAX_CARDS)) {
    const card = SHORTENED.test(text) && text.includes('+') ? undefined : readCardNumber(text, context.readers, bare);
    if (card === undefined) cells.say('card', 'CELL_SHORTENED');
    else if (!card.ok) cells.say('card', card.code);
    else cards.set(cardKey(card.reading), card.reading);
  }
  return [...cards.values()];
}

/** Tells one card from another inside a file. */
export const cardKey = (card: CardReading): string => `${card.bits}:${card.hex}`;

const MAIN_TENANT = /^(?:本人|租客|承租人|承租|租户|户主|主租人?|主承租人|tenant|main tenant|lessee|self|holder)?$/;
const readRole = (cells: RowCells): RosterRow['role'] => (MAIN_TENANT.test(halfWidth(cells.cell('role')).toLowerCase()) ? 'tenant' : 'coOccupant');

/** Reads one row, saying everything that is wrong with it. Undefined when it cannot be taken in this form at all. */
export function readRow(cells: RowCells, context: RosterContext, bare: 'decimal' | 'hex'): RosterRow | undefined {
  const name = readName(cells);
  const paper = readPaper(cells, context);
  const sex = readSex(cells, paper);
  const phone = readPhoneCell(cells, context);
  if (cells.cell('document').trim() === '' && cells.cell('phone').trim() === '') cells.say('document', 'PERSON_UNIDENTIFIED');
  const room = readRoomCell(cells, context);
  const start = readDay(cells, 'start', context);
  const end = readDay(cells, 'end', context);
  if (start !== undefined && end !== undefined && end < start) cells.say('end', 'DATE_ORDER');
  const cards = readCards(cells, context, bare);
  const role = readRole(cells);
  if (room === undefined || start === undefined) return undefined;
  return { row: cells.row, name, ...paper, sex, phone, room, startAt: startOfDay(start), termEnd: end === undefined ? null : endOfDay(end), role, cards };
}
