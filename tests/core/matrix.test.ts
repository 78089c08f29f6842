import { describe, expect, test } from 'vitest';
import { ANYBODY, type Data, type Letter, MATRIX, pairsOf, readRight, rightsOf, rightTo } from '../../gateway/core/matrix.ts';
import { ROLES, type Role } from '../../gateway/core/roles.ts';
import { DIFFERENCES, OWN, ROWS, TABLE, VERBAL } from './matrix-table.ts';

/** What a cell of the table in domain.md 5.8 allows, as letters in one order; '' is nothing. */
function lettersOf(cell: string): string {
  if (cell === '–') return '';
  const verbal = VERBAL[cell];
  if (verbal !== undefined) return verbal;
  const letters = /^[CRUXD]+(?= |$|,)/.exec(cell)?.[0];
  if (letters === undefined) throw new Error(`cannot read "${cell}"`);
  return letters;
}

const sorted = (letters: string): string => [...new Set(letters)].sort().join('');
const ours = (data: Data, role: Role): string =>
  sorted(
    rightsOf(data, role)
      .flatMap((right) => [...right.letters])
      .join(''),
  );

describe('the permission matrix', () => {
  const rows = TABLE.trim()
    .split('\n')
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

  test('is the table of domain.md 5.8, but for the differences that are listed', () => {
    expect(rows).toHaveLength(28);
    const found: string[] = [];
    for (const [name = '', ...cells] of rows) {
      expect(cells, name).toHaveLength(ROLES.length);
      for (const data of ROWS[name] ?? [])
        for (const [at, role] of ROLES.entries()) {
          const [table, code] = [sorted(lettersOf(cells[at] ?? '')), ours(data, role)];
          if (table !== code) found.push(`${data} ${role}: ${table || '–'} → ${code || '–'}`);
        }
    }
    expect(found.sort()).toEqual([...DIFFERENCES].sort());
  });

  test('gives nothing but numbers where the table says so', () => {
    for (const [name = '', ...cells] of rows)
      for (const data of ROWS[name] ?? [])
        for (const [at, role] of ROLES.entries())
          if (/^(R )?a\b/.test(cells[at] ?? '')) {
            expect(rightTo(data, role, 'R'), `${data} ${role}`).toBeUndefined();
            expect(rightTo(data, role, 'R', true)?.form, `${data} ${role}`).toBe('aggregate');
          }
  });

  test('gives the log of a thing and not the thing where the table says so', () => {
    for (const [name = '', ...cells] of rows)
      for (const data of ROWS[name] ?? [])
        for (const [at, role] of ROLES.entries())
          if (cells[at] === 'R log') expect([rightTo(data, role, 'R'), rightTo(data, role, 'R', true)], `${data} ${role}`).toEqual([undefined, undefined]);
  });

  test('masks where the table says so', () => {
    const masked = rows.flatMap(([name = '', ...cells]) =>
      (ROWS[name] ?? []).flatMap((data) => ROLES.flatMap((role, at) => (/(^m | m$)/.test(cells[at] ?? '') ? [[data, role] as const] : []))),
    );
    expect(masked.length).toBeGreaterThan(4);
    for (const [data, role] of masked) expect(rightsOf(data, role)[0]?.form, `${data} ${role}`).toBe('masked');
  });

  test('has a row for every row of the table; the rest are rows of our own, which are listed, too', () => {
    const theirs = new Set<string>(rows.flatMap(([name = '']) => ROWS[name] ?? []));
    expect(
      Object.keys(MATRIX)
        .filter((data) => !theirs.has(data))
        .sort(),
    ).toEqual([...OWN].sort());
  });

  test('a count and the health of a thing are numbers too', () => {
    for (const [data, role, form] of [
      ['occupants', 'BL', 'count'],
      ['unitCounts', 'SA', 'health'],
    ] as const)
      expect([rightTo(data, role, 'R'), rightTo(data, role, 'R', true)?.form]).toEqual([undefined, form]);
  });

  test('what needs no account has no right of any role', () => {
    expect(MATRIX.signIn).toBe('anybody');
    for (const role of ROLES) expect(rightsOf('signIn', role)).toEqual([]);
  });

  test('a cell is letters, a reach and a form', () => {
    expect(readRight(' CRU own masked')).toEqual({ letters: new Set(['C', 'R', 'U']), reach: 'own', form: 'masked' });
    expect(readRight('XD all')).toEqual({ letters: new Set(['X', 'D']), reach: 'all', form: '' });
  });

  test.each(['', 'R', 'own', 'own R', 'Q own', 'xR own', 'R nowhere', 'R own nonsense', 'R own masked twice', 'r own'])('the cell "%s" cannot be read', (cell) => {
    expect(() => readRight(cell)).toThrow(/^permission matrix/);
  });

  test('denies by default: a role has no right that no cell gives it', () => {
    const letters: readonly Letter[] = ['C', 'R', 'U', 'X', 'D'];
    for (const role of ROLES) {
      const pairs = new Set(pairsOf(role));
      for (const [data, row] of Object.entries(MATRIX)) {
        const cell: string = row === ANYBODY ? '' : (Object(row)[role] ?? '');
        for (const letter of letters) {
          const given = cell.split(';').some((part) => part.trim().split(' ')[0]?.includes(letter) === true);
          expect(pairs.has(`${data}:${letter}`), `${role} ${data}:${letter}`).toBe(given);
        }
      }
    }
  });
});
