import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { judge, nameOf } from '../../scripts/lib/mutants.mjs';
import { areas } from '../../scripts/mutation.mjs';
import { root } from '../repo/files.ts';

const SOURCE = 'export const late = (age: number): boolean => age > 10;\nexport const at = (\n  now: number,\n) => now;\n';
type Mutant = Parameters<typeof judge>[1]['mutants'][number];
const mutant = (line: number, columns: readonly [number, number], rest: Partial<Mutant>): Mutant => ({
  status: 'Killed',
  location: { start: { line, column: columns[0] }, end: { line, column: columns[1] } },
  replacement: 'age >= 10',
  ...rest,
});
const edge = (rest: Partial<Mutant>): Mutant => mutant(1, [47, 55], rest);
/** Another place that a test notices. */
const dead = (killedBy: string[] = []): Mutant => mutant(1, [54, 55], { status: 'Killed', killedBy });
const EDGE = 'export const late = (age: number): boolean => ⟦age > 10 ⇒ age >= 10⟧;';
const verdict = (mutants: Mutant[], listed: { equivalent: boolean; mutants: string[] }[] = [], floor = 90) =>
  judge('late.ts', { source: SOURCE, mutants }, { floor, listed, testFile: (id: string) => `tests/${id}.test.ts` });

describe('a mutant', () => {
  test('is named by its line with the change in it, wherever the line is', () => {
    expect(nameOf(SOURCE, edge({}))).toBe(EDGE);
    const below = { location: { start: { line: 4, column: 47 }, end: { line: 4, column: 55 } }, replacement: 'age >= 10' };
    expect(nameOf(`\n\n\n${SOURCE}`, below)).toBe(EDGE);
  });

  test('over several lines is named by its first', () => {
    expect(nameOf(SOURCE, { location: { start: { line: 2, column: 19 }, end: { line: 4, column: 9 } }, replacement: '() =>\n  undefined' })).toBe(
      'export const at = ⟦( … ⇒ () => undefined⟧',
    );
  });
});

describe('the gate', () => {
  test('is content when a test noticed every mutant, and knows which files those tests are in', () => {
    const read = verdict([dead(['b']), edge({ status: 'Timeout' }), dead(['a', 'b']), edge({ status: 'Ignored' })]);
    expect(read).toEqual({ file: 'late.ts', tests: ['tests/a.test.ts', 'tests/b.test.ts'], killed: 3, alive: 0, equivalent: 0, score: 100, problems: [] });
  });

  test('fails on a survivor that is not listed, whatever the score', () => {
    const others = Array.from({ length: 99 }, () => dead());
    expect(verdict([...others, edge({ status: 'Survived', testsCompleted: 3 })])).toMatchObject({ score: 99, problems: [`survives and is not listed: ${EDGE}`] });
    expect(verdict([...others, edge({ status: 'NoCoverage' })]).problems).toEqual([`survives and is not listed: ${EDGE}`]);
  });

  test('takes one that is listed; one that changes nothing does not count, any other does', () => {
    const both = [dead(), edge({ status: 'Survived', testsCompleted: 3 })];
    expect(verdict(both, [{ equivalent: true, mutants: [EDGE] }])).toMatchObject({ score: 100, equivalent: 1, problems: [] });
    expect(verdict(both, [{ equivalent: false, mutants: [EDGE] }])).toMatchObject({ score: 50, equivalent: 0, problems: ['score 50 is below the floor of 90'] });
  });

  test('tells two mutants that read alike apart', () => {
    const twice = [edge({ status: 'Survived', testsCompleted: 1 }), edge({ status: 'Survived', testsCompleted: 1 })];
    expect(verdict(twice, [{ equivalent: true, mutants: [EDGE] }], 0).problems).toEqual([`survives and is not listed: ${EDGE} (2)`]);
  });

  test('fails on a listed survivor that is gone, so that the list stays true', () => {
    expect(verdict([edge({ status: 'Killed' })], [{ equivalent: true, mutants: [EDGE] }]).problems).toEqual([`is listed and does not survive: ${EDGE}`]);
  });

  test('takes a listed survivor that ran out of time on a busy machine', () => {
    expect(verdict([dead(), edge({ status: 'Timeout' })], [{ equivalent: true, mutants: [EDGE] }])).toMatchObject({ score: 100, problems: [] });
  });

  test('counts a module that does not load as noticed: none of its tests could run', () => {
    expect(verdict([edge({ status: 'Survived', testsCompleted: 0 })])).toMatchObject({ killed: 1, problems: [] });
  });

  test('never rounds a score up to its floor', () => {
    const mutants = [...Array.from({ length: 19_999 }, () => dead()), edge({ status: 'Survived', testsCompleted: 1 })];
    expect(verdict(mutants, [{ equivalent: false, mutants: [EDGE] }], 100)).toMatchObject({ score: 99.99, problems: ['score 99.99 is below the floor of 100'] });
  });
});

describe('what is measured', () => {
  const read = (file: string): unknown => JSON.parse(readFileSync(path.join(root, 'tests/mutation', file), 'utf8'));

  test('every file of the folders is in one area, or left out with a reason', () => {
    for (const { area, missed, twice } of areas()) expect({ area, missed, twice }).toEqual({ area, missed: [], twice: [] });
    expect(areas().find(({ area }) => area === 'core')?.files.length).toBeGreaterThan(25);
  });

  test('every survivor on the list has a reason of some words, and a file that is measured', () => {
    const files = new Set(areas().flatMap((area) => area.files));
    const list = read('survivors.json');
    if (!Array.isArray(list)) throw new Error('survivors.json: expected a list');
    for (const { file, equivalent, because, mutants } of list) {
      expect(files, file).toContain(file);
      expect([typeof equivalent, because.split(' ').length > 4, mutants.length > 0], because).toEqual(['boolean', true, true]);
    }
  });
});
