import type { Sentence } from './reasons.ts';

/** Levels of the country's divisions, from the top (domain.md 3.3). */
export const DIVISION_LEVELS = ['province', 'prefecture', 'county', 'township', 'community'] as const;
/** One of `DIVISION_LEVELS`. */
export type DivisionLevel = (typeof DIVISION_LEVELS)[number];
/** Which body a township or community code names; '' above them, or outside the known ranges. */
export type DivisionKind = 'street' | 'town' | 'township' | 'residents' | 'villagers' | '';

/** What a 12-digit code says of itself. */
export interface DivisionCode {
  readonly level: DivisionLevel;
  readonly kind: DivisionKind;
  /** Code of the division above; null for a province. */
  readonly parent: string | null;
  /** What is unusual. Real codes fall outside the ranges in a few per cent of cases, so this never refuses. */
  readonly warnings: readonly Sentence[];
}

/** Digits up to and including each level. */
const ENDS: readonly number[] = [2, 4, 6, 9, 12];

interface Range {
  readonly upTo: number;
  readonly kind: DivisionKind;
}
const TOWNSHIPS: readonly Range[] = [
  { upTo: 99, kind: 'street' },
  { upTo: 199, kind: 'town' },
  { upTo: 399, kind: 'township' },
  { upTo: 599, kind: '' },
];
const COMMUNITIES: readonly Range[] = [
  { upTo: 199, kind: 'residents' },
  { upTo: 399, kind: 'villagers' },
  { upTo: 499, kind: 'residents' },
  { upTo: 599, kind: 'villagers' },
];

const OUTSIDE: Sentence = { zh: '末几位不在常见的范围里，请核对代码。', en: 'The last digits are outside the usual ranges. Please check the code.' };
const GAP: Sentence = { zh: '中间有一级是 0，请核对代码。', en: 'A level in the middle is 0. Please check the code.' };

/** The digits of a division code that say where it is; what lies below it begins with the same ones. */
export function divisionPrefix(code: string): string {
  for (const length of ENDS) if (/^0*$/.test(code.slice(length))) return code.slice(0, length);
  return code;
}

/** Reads a 12-digit division code; undefined when it cannot be one. Some prefectures have no counties, so a level of zeros is only a warning. */
export function readDivisionCode(code: string): DivisionCode | undefined {
  const prefix = divisionPrefix(code);
  const at = /^(?!00)\d{12}$/.test(code) ? ENDS.indexOf(prefix.length) : -1;
  const level = DIVISION_LEVELS[at];
  if (level === undefined) return undefined;
  const above = ENDS[at - 1];
  const ranges = level === 'township' ? TOWNSHIPS : level === 'community' ? COMMUNITIES : undefined;
  const range = ranges?.find(({ upTo }) => Number(prefix.slice(-3)) <= upTo);
  const gap = ENDS.some((end, level) => /^0+$/.test(prefix.slice(ENDS[level - 1], end)));
  return {
    level,
    kind: range?.kind ?? '',
    parent: above === undefined ? null : prefix.slice(0, above).padEnd(12, '0'),
    warnings: [...(ranges !== undefined && range === undefined ? [OUTSIDE] : []), ...(gap ? [GAP] : [])],
  };
}

/** True for the code of a community or village, the level grids and buildings lie in. */
export const isCommunityCode = (code: string): boolean => readDivisionCode(code)?.level === 'community';
