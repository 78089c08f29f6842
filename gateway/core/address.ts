import type { RoomNumber } from './codes.ts';
import { isCommunityCode } from './division-code.ts';
import { halfWidth } from './text.ts';

/** The parts of a building's standard address below the community (domain.md 3.5), as people type them; '' where there is none. */
export interface AddressParts {
  /** Villagers' group. */
  readonly group: string;
  /** Street, road or lane. */
  readonly street: string;
  /** 42, 42号, 42-1号 */
  readonly doorNumber: string;
  readonly compound: string;
  /** Block within the compound: 3栋, 3幢, 3号楼, A座 */
  readonly block: string;
  /** Entrance of the block: 2单元. A house with one street door is one entrance. */
  readonly entrance: string;
}

/** One field that cannot be read, and what was expected there in both languages. */
export interface AddressTrouble<F extends string = keyof AddressParts> {
  readonly field: F;
  readonly expected: string;
}

/** An address in the one form that is kept. */
export interface StandardAddress extends AddressParts {
  /** The number by which the street dictionary finds it; undefined: it has no door number. */
  readonly number: number | undefined;
}

const MOST_TEXT = 40;
const DOOR = /^(\d{1,5})(-\d{1,4})?号?$/;
const BLOCK = /^0*([1-9]\d{0,3}|[A-Z]{1,2}\d{0,3})(幢|栋|号楼|座)?$/;
const ENTRANCE = /^0*([1-9]\d?)(?:单元)?$/;
const MARKS = /[\p{Cc}\p{Cf}\u2028\u2029]/u;
const TEXTS = ['group', 'street', 'compound'] as const;

const plain = (text: string): string => halfWidth(text).toUpperCase().replace(/\s/g, '');

/** Brings the parts of an address to the form that is kept, or names the first that cannot be read. */
export function readAddress(typed: AddressParts): StandardAddress | AddressTrouble {
  const [group, street, compound] = [typed.group.trim(), typed.street.trim(), typed.compound.trim()];
  const texts = { group, street, compound };
  const long = TEXTS.find((field) => texts[field].length > MOST_TEXT || MARKS.test(texts[field]));
  if (long !== undefined) return { field: long, expected: `最多 ${MOST_TEXT} 个普通字 / at most ${MOST_TEXT} plain characters` };
  if (street === '' && compound === '' && group === '') return { field: 'street', expected: '街路巷、小区或村民小组至少一项 / a street, a compound or a group' };
  const door = DOOR.exec(plain(typed.doorNumber));
  if (door === null && typed.doorNumber.trim() !== '') return { field: 'doorNumber', expected: '门牌号，如 42号、42-1号 / a number such as 42 or 42-1' };
  if (door !== null && street === '') return { field: 'street', expected: '门牌号所在的街路巷 / the street of the door number' };
  const block = BLOCK.exec(plain(typed.block));
  if (block === null && typed.block.trim() !== '') return { field: 'block', expected: '楼号，如 3栋、3幢、3号楼、A座 / a block such as 3栋 or A座' };
  const entrance = ENTRANCE.exec(plain(typed.entrance));
  if (entrance === null && typed.entrance.trim() !== '') return { field: 'entrance', expected: '单元，如 2单元 / an entrance such as 2' };
  return {
    ...texts,
    doorNumber: door === null ? '' : `${Number(door[1])}${door[2] ?? ''}号`,
    block: block === null ? '' : `${block[1]}${block[2] ?? '栋'}`,
    entrance: entrance === null ? '' : `${entrance[1]}单元`,
    number: door === null ? undefined : Number(door[1]),
  };
}

const storeyOf = (floor: number): string => (floor < 0 ? `地下${-floor}层` : `${floor}层`);

/** The whole address as one line, built from its parts: names of divisions from the province down, then the building, then a home in it. */
export function addressText(divisions: readonly string[], address: AddressParts, home?: RoomNumber): string {
  const { group, street, doorNumber, compound, block, entrance } = address;
  const below = home === undefined ? [] : [storeyOf(home.floor), `${home.room}室`];
  return [divisions.join(''), group, street, doorNumber, compound, block, entrance, ...below].filter((part) => part !== '').join(' ');
}

/** Which numbers of a street a row of the dictionary holds. */
export const SIDES = ['odd', 'even', 'both'] as const;
/** One of `SIDES`. */
export type Side = (typeof SIDES)[number];

/** A row of the street–community dictionary (domain.md S2.17): these numbers of this street lie in this community. */
export interface StreetRange {
  readonly streetCode: string;
  readonly street: string;
  readonly fromNo: number;
  readonly toNo: number;
  readonly side: Side;
  /** 12 digits. */
  readonly communityCode: string;
  /** Code of the police station; '' when the file does not say. */
  readonly stationCode: string;
}

/** Does the row hold this number of its street? */
const holds = ({ fromNo, toNo, side }: StreetRange, number: number): boolean => number >= fromNo && number <= toNo && (side === 'both' || (number % 2 === 0) === (side === 'even'));

/** The communities a number of a street may lie in, each with its row: none, one, or several, and then a person is asked. */
export function communitiesOf<R extends StreetRange>(rows: readonly R[], number: number): R[] {
  const found = new Map<string, R>();
  for (const row of rows) if (holds(row, number) && !found.has(row.communityCode)) found.set(row.communityCode, row);
  return [...found.values()];
}

/** The columns of a dictionary file, in any order. */
export const RANGE_COLUMNS = ['streetCode', 'street', 'fromNo', 'toNo', 'side', 'communityCode', 'stationCode'] as const;
/** One of `RANGE_COLUMNS`. */
export type RangeColumn = (typeof RANGE_COLUMNS)[number];

const NUMBER = /^\d{1,5}$/;
const CODE = /^[0-9A-Z-]{1,20}$/;
const SIDE_WORDS: Readonly<Record<string, Side>> = { ODD: 'odd', EVEN: 'even', BOTH: 'both', 单: 'odd', 双: 'even', 全: 'both', '': 'both' };

/** Reads a row of a dictionary file, or names the first column that is wrong. */
export function readRange(cells: Readonly<Record<RangeColumn, string>>): StreetRange | AddressTrouble<RangeColumn> {
  const [streetCode, street, from, to] = [plain(cells.streetCode), cells.street.trim(), plain(cells.fromNo), plain(cells.toNo)];
  const [communityCode, stationCode] = [plain(cells.communityCode), plain(cells.stationCode)];
  const side = SIDE_WORDS[plain(cells.side)];
  const code = '1–20 个字母、数字或 - / 1 to 20 of A-Z 0-9 -';
  const number = '0 到 99999 的门牌号 / a door number from 0 to 99999';
  if (!CODE.test(streetCode)) return { field: 'streetCode', expected: code };
  if (street === '' || street.length > MOST_TEXT) return { field: 'street', expected: `街路巷名，最多 ${MOST_TEXT} 个字 / a street, at most ${MOST_TEXT} characters` };
  if (!NUMBER.test(from)) return { field: 'fromNo', expected: number };
  if (!NUMBER.test(to)) return { field: 'toNo', expected: number };
  if (Number(to) < Number(from)) return { field: 'toNo', expected: `不小于 ${Number(from)} / not below ${Number(from)}` };
  if (side === undefined) return { field: 'side', expected: 'odd | even | both（单 | 双 | 全）' };
  if (!isCommunityCode(communityCode)) return { field: 'communityCode', expected: '12 位社区代码 / the 12 digits of a community' };
  if (stationCode !== '' && !CODE.test(stationCode)) return { field: 'stationCode', expected: code };
  return { streetCode, street, fromNo: Number(from), toNo: Number(to), side, communityCode, stationCode };
}
