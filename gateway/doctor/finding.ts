import type { Sentence } from '../core/reasons.ts';

/** `well`: nothing to do. `warn`: have it in mind. `fail`: must be done. */
export type Level = 'well' | 'warn' | 'fail';

/** One thing that was looked at: what was found, and what to do about it. */
export interface Finding {
  readonly level: Level;
  readonly found: Sentence;
  readonly act?: Sentence;
}

/** All is well with this. */
export const well = (zh: string, en: string): Finding => ({ level: 'well', found: { zh, en } });

/** Something to have in mind, or to do. Both sentences in Chinese and English. */
export const trouble = (level: 'warn' | 'fail', found: Sentence, act: Sentence): Finding => ({ level, found, act });

const MARKS: Readonly<Record<Level, string>> = { well: '✓', warn: '!', fail: '✗' };

/** A finding as a person reads it. */
export function line({ level, found, act }: Finding, language: 'zh' | 'en'): string {
  const text = `${MARKS[level]} ${found[language]}`;
  return act === undefined ? text : `${text}\n    → ${act[language]}`;
}

/** Bytes as people say them. */
export const bytes = (count: number): string => (count >= 1e9 ? `${(count / 1e9).toFixed(1)} GB` : `${Math.round(count / 1e6)} MB`);
