import { describe, expect, test } from 'vitest';
import { isDay, isJurisdiction, modeOf, readRule, RuleError, type RuleText, subjectOf, SUBJECTS, unitsOf, WORDS } from '../../gateway/core/rules/rule.ts';
import { readLine, SHIPPED_RULES } from '../../gateway/core/rules/shipped.ts';

const LINE = ['CN-33', 'registration.landlord', 'L-30', '3 workingDay', 'landlord', 'policeStation', 'hotel relatives', 'compound'];
const good: RuleText = readLine(LINE, 9);
const fieldOf = (change: Partial<RuleText>): string => {
  try {
    readRule({ ...good, ...change });
    return 'taken';
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    expect(error.message).toBe(`${error.field}: expected ${error.expected}`);
    return error.field;
  }
};

describe('a line of the table', () => {
  test('says all of a rule', () => {
    expect(good).toEqual({
      ...{ id: 9, jurisdiction: 'CN-33', subject: 'registration.landlord', mode: 'compound', law: 'L-30', amount: 3, most: null, unit: 'workingDay' },
      ...{ actor: 'landlord', recipient: 'policeStation', exemptions: ['hotel', 'relatives'], article: '9', verified: 'text', effectiveFrom: null, effectiveTo: null },
      source: { zh: expect.stringContaining('浙江'), en: expect.stringContaining('Zhejiang') },
    });
  });
  test('a range, an open value, a law with an end', () => {
    expect(readLine(['CN', 'penalty.landlordNoRecord', 'L-21', '200–500 yuan', 'none', 'none'], 1)).toMatchObject({
      amount: 200,
      most: 500,
      mode: '',
      exemptions: [],
      effectiveFrom: null,
      effectiveTo: '2026-01-01',
    });
    expect(readLine(['CN', 'penalty.landlordNoRecord', 'L-21b', 'open yuan', 'none', 'none'], 1)).toMatchObject({ amount: null, most: null, effectiveFrom: '2026-01-01' });
  });
  test.each([
    ['law', ['CN', 'tax.report', 'L-99', '30 calendarDay', 'landlord', 'taxOffice']],
    ['amount', ['CN', 'tax.report', 'L-29', 'thirty calendarDay', 'landlord', 'taxOffice']],
    ['amount', ['CN', 'tax.report', 'L-29', 'x30 calendarDay', 'landlord', 'taxOffice']],
    ['amount', ['CN', 'tax.report', 'L-29', '30 calendarDay.', 'landlord', 'taxOffice']],
    ['law', []],
    ['jurisdiction', ['', 'tax.report', 'L-29', '30 calendarDay', 'landlord', 'taxOffice']],
    ['subject', ['CN', '', 'L-29', '30 calendarDay', 'landlord', 'taxOffice']],
    ['actor', ['CN', 'tax.report', 'L-29', '30 calendarDay']],
    ['recipient', ['CN', 'tax.report', 'L-29', '30 calendarDay', 'landlord']],
  ])('that is none names %s', (field, line) => {
    expect(() => readLine(line, 1)).toThrow(expect.objectContaining({ field, name: 'RuleError' }));
  });
  test('without a value names it', () => expect(() => readLine(['CN', 'tax.report', 'L-29'], 1)).toThrow(expect.objectContaining({ field: 'amount' })));
});

describe('a rule that cannot be so names its field', () => {
  test.each<[string, Partial<RuleText>]>([
    ['jurisdiction', { jurisdiction: 'CN-3' }],
    ['jurisdiction', { jurisdiction: 'US' }],
    ['jurisdiction', { jurisdiction: 'xCN' }],
    ['jurisdiction', { jurisdiction: 'CN-33x' }],
    ['jurisdiction', { jurisdiction: 'CN-33010600' }],
    ['subject', { subject: 'registration.dog' }],
    ['subject', { subject: 'toString' }],
    ['unit', { unit: 'fortnight' }],
    ['unit', { unit: 'yuan' }],
    ['amount', { amount: -1 }],
    ['amount', { amount: 2.5 }],
    ['amount', { amount: 61 }],
    ['taken', { amount: 60 }],
    ['taken', { amount: 0 }],
    ['most', { most: 3 }],
    ['most', { most: 2 }],
    ['most', { most: 4.5 }],
    ['most', { most: 61 }],
    ['taken', { most: 60 }],
    ['most', { amount: null, most: 5 }],
    ['actor', { actor: 'dog' }],
    ['actor', { actor: 'none' }],
    ['taken', { actor: 'none', amount: null }],
    ['taken', { actor: 'none', subject: 'lease.longest', unit: 'year' }],
    ['recipient', { recipient: 'dog' }],
    ['mode', { mode: 'castle' }],
    ['exemptions', { exemptions: ['dog'] }],
    ['exemptions', { exemptions: ['hotel', 'hotel'] }],
    ['verified', { verified: 'surely' }],
    ['effectiveFrom', { effectiveFrom: '2026-02-29' }],
    ['effectiveTo', { effectiveTo: '2026-2-1' }],
    ['effectiveTo', { effectiveFrom: '2026-02-02', effectiveTo: '2026-02-01' }],
    ['taken', { effectiveFrom: '2026-02-02', effectiveTo: '2026-02-02' }],
    ['taken', { effectiveFrom: null, effectiveTo: '2026-02-02' }],
    ['source', { source: { zh: ' ', en: 'a' } }],
    ['source', { source: { zh: '某', en: 'x'.repeat(161) } }],
    ['taken', { source: { zh: '某', en: 'x'.repeat(160) } }],
    ['article', { article: 'x'.repeat(61) }],
    ['taken', { article: 'x'.repeat(60) }],
    ['law', { law: '' }],
    ['law', { law: 'x'.repeat(21) }],
    ['taken', { law: 'x'.repeat(20) }],
  ])('%s: %j', (field, change) => expect(fieldOf(change)).toBe(field));

  test('days and jurisdictions, as they are written', () => {
    expect(['2026-07-01', '2024-02-29', 'x2026-07-01', '2026-07-011', '2026-13-01', ''].map(isDay)).toEqual([true, true, false, false, false, false]);
    expect(['CN', 'CN-33', 'CN-3301', 'CN-330106', 'CLASSIC', 'CLASSIC-33'].map(isJurisdiction)).toEqual([true, true, true, true, true, false]);
  });
});

describe('the closed list of subjects', () => {
  test('a name that is none is none', () => {
    expect([subjectOf('tax.report'), subjectOf('toString'), modeOf('hotel'), modeOf('castle')]).toEqual(['tax.report', undefined, 'hotel', '']);
  });
  test('units fit what a subject is about', () => {
    const of = (name: string): readonly string[] => {
      const spec = SUBJECTS.get(name);
      return spec === undefined ? [] : unitsOf(spec);
    };
    const period = ['hour', 'calendarDay', 'workingDay', 'month', 'year'];
    expect([of('tax.report'), of('lease.longest'), of('permit.fee'), of('counting.rollWeekend')]).toEqual([period, period, ['yuan'], ['yesNo']]);
  });
  test('every word is said in both languages, and every subject has a group of units, a trigger and a limit', () => {
    for (const table of ['jurisdictions', 'units', 'triggers', 'actors', 'recipients', 'exemptions', 'verified', 'modes'] as const)
      for (const [code, { zh, en }] of Object.entries(WORDS[table]))
        if (zh !== '' || en !== '') expect([zh, en], `${table} ${code}`).toEqual([expect.stringMatching(/[一-鿿]/), expect.stringMatching(/[a-z]|m²/)]);
    for (const [name, spec] of SUBJECTS) {
      expect(Object.keys(WORDS.triggers), name).toContain(spec.trigger);
      for (const unit of unitsOf(spec)) expect(Object.keys(WORDS.units), name).toContain(unit);
      for (const other of [spec.open, spec.consequence]) if (other !== undefined) expect(SUBJECTS.has(other), `${name} ${other}`).toBe(true);
    }
  });
});

describe('the shipped table', () => {
  const of = (jurisdiction: string): string[] =>
    SHIPPED_RULES.filter((rule) => rule.jurisdiction === jurisdiction).map(
      ({ law, subject, mode, amount, most, unit, actor }) => `${law} ${subject}${mode} ${amount ?? 'open'}${most === null ? '' : `–${most}`} ${unit} ${actor}`,
    );
  test('ids are places, and no two rules of one subject hold on one day', () => {
    expect(SHIPPED_RULES.map(({ id }) => id)).toEqual(SHIPPED_RULES.map((_, at) => at + 1));
    const twice = SHIPPED_RULES.filter((one) =>
      SHIPPED_RULES.some((other) => other.id < one.id && other.jurisdiction === one.jurisdiction && other.subject === one.subject && other.mode === one.mode),
    );
    expect(twice.map(({ law }) => law)).toEqual(['L-21b']);
  });
  test('what the source documents say (CLASSIC)', () => {
    expect(of('CLASSIC')).toEqual([
      'L-01b registration.landlord 2 calendarDay landlord',
      'S2.08 registration.landlordcompound 3 workingDay propertyManager',
      'S2.08 registration.landlordhotel 0 hour operator',
      'L-01c registration.guest 3 calendarDay host',
      'L-01 permit.apply 3 calendarDay person',
      'L-01 permit.minAge 16 age none',
      'L-01 permit.residence 1 month none',
      'L-01 permit.validity 1 year person',
      'L-01 permit.fee 0 yuan none',
      'L-01 permit.photos 2 count none',
    ]);
  });
  test('every row of domain.md 2.2 that is a period or a number is there', () => {
    const rows = [
      'L-01',
      'L-01b',
      'L-01c',
      'L-02',
      'L-03',
      'L-04',
      'L-06',
      'L-07',
      'L-08',
      'L-09',
      'L-11',
      'L-13',
      'L-16',
      'L-17',
      'L-18',
      'L-20',
      'L-21',
      'L-21b',
      'L-22',
      'L-24',
    ];
    const more = [
      'L-25',
      'L-26',
      'L-27',
      'L-29',
      'L-30',
      'L-31',
      'L-32',
      'L-33',
      'L-34',
      'L-35',
      'L-36',
      'L-37',
      'L-38',
      'L-39',
      'L-41',
      'L-42',
      'L-43',
      'L-44',
      'L-45',
      'L-46',
      'L-48',
      'L-49',
      'L-50',
      'L-51',
    ];
    const there = new Set(SHIPPED_RULES.map(({ law }) => law));
    expect([...rows, ...more].filter((row) => !there.has(row))).toEqual([]);
  });
  test('what is not verified says so', () => {
    expect(SHIPPED_RULES.filter(({ verified }) => verified === 'unverified').map(({ law }) => law)).toEqual(['203', 'L-21b']);
    expect(SHIPPED_RULES.filter(({ jurisdiction }) => jurisdiction.startsWith('CN-33')).every(({ verified }) => verified === 'text')).toBe(true);
    expect(SHIPPED_RULES.filter(({ jurisdiction }) => jurisdiction === 'CN-4403').every(({ verified }) => verified === 'excerpt')).toBe(true);
  });
});
