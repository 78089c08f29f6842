/** What the division table says of a county-level code (GB/T 2260, six digits). */
export type DivisionStatus = 'listed' | 'historical' | 'unlisted';

/** Looks up a county-level code. The table is data: a site may bring a full one with abolished codes. */
export type DivisionTable = (county: string) => DivisionStatus;

/** The 31 province prefixes of GB/T 2260. 71, 81 and 82 are not among them: see `documents.ts`, type 1000. */
const PROVINCES: ReadonlySet<string> = new Set('11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65'.split(' '));

/**
 * Province prefixes alone. County codes change and old numbers keep codes that are gone, so a table that does
 * not know every abolished code must not call one wrong (domain.md 3.1): a county of a real province is listed.
 */
export const MAINLAND_DIVISIONS: DivisionTable = (county) => (PROVINCES.has(county.slice(0, 2)) && county.slice(2, 4) !== '00' ? 'listed' : 'unlisted');

/** Prefix of the test province, which is allocated to nobody (domain.md 3). */
export const TEST_PROVINCE = '89';

/** The mainland and the test province's counties 890101 to 890109; its 890110 stands for an abolished one. */
export const TEST_DIVISIONS: DivisionTable = (county) => {
  if (!county.startsWith(TEST_PROVINCE)) return MAINLAND_DIVISIONS(county);
  if (county === '890110') return 'historical';
  return /^89010[1-9]$/.test(county) ? 'listed' : 'unlisted';
};
