import { describe, expect, test } from 'vitest';
import { EMPTY_SHEET, isDayOrEmpty, type SheetBody, sheetFault, TEST_STEPS } from '../../gateway/register/commissioning.ts';
import { SHEET_DAY, WHOLE_SHEET } from '../helpers/sheet.ts';

describe('a sheet', () => {
  test('that is whole can be signed, from the day of the test on', () => {
    expect(sheetFault(WHOLE_SHEET, SHEET_DAY)).toBeUndefined();
    expect(sheetFault(WHOLE_SHEET, '2026-06-30')?.field).toBe('power.testedOn');
  });

  test('that is empty names its first field, and each further one when that is filled in', () => {
    expect(sheetFault(EMPTY_SHEET, SHEET_DAY)?.field).toBe('lock.kind');
    expect(sheetFault({ ...EMPTY_SHEET, lock: WHOLE_SHEET.lock }, SHEET_DAY)?.field).toBe('fire.relay');
  });

  test('needs every step of the test, tried and passed', () => {
    for (const step of TEST_STEPS)
      for (const result of ['', 'fail', 'none'] as const)
        expect(sheetFault({ ...WHOLE_SHEET, steps: { ...WHOLE_SHEET.steps, [step]: result } }, SHEET_DAY)?.field).toBe(`steps.${step}`);
  });

  test.each([
    ['lock.failMode', { lock: { ...WHOLE_SHEET.lock, failMode: '' } }],
    ['fire.relay', { fire: { relay: 'no', tested: true } }],
    ['fire.tested', { fire: { relay: 'series', tested: false } }],
    ['exit.way', { exit: { way: 'no', tested: true } }],
    ['exit.tested', { exit: { way: 'handle', tested: false } }],
    ['contact.tested', { contact: { fitted: 'yes', tested: false } }],
    ['reader.bits', { reader: { kind: 'x', bits: null } }],
    ['wiring.fire', { wiring: { ...WHOLE_SHEET.wiring, fire: '' } }],
    ['power.hours', { power: { ...WHOLE_SHEET.power, hours: null } }],
    ['steps.battery', { steps: { ...WHOLE_SHEET.steps, battery: 'none' } }],
    ['steps.offline', { steps: { ...WHOLE_SHEET.steps, offline: 'fail' } }],
    ['steps.card', { steps: { ...WHOLE_SHEET.steps, card: 'none' } }],
    ['witness', { witness: '周师傅' }],
    ['testedOn', { testedOn: '2026-07-02' }],
    ['retestOn', { retestOn: SHEET_DAY }],
    ['retestOn', { retestOn: '2029-07-01' }],
  ] as const)('without %s as it must be cannot be signed, and says so in both languages', (field, change) => {
    const body: SheetBody = { ...WHOLE_SHEET, ...change };
    expect(sheetFault(body, SHEET_DAY)).toEqual({ field, expected: expect.stringMatching(/.+ \/ .+/) });
  });
});

test('a day is one of the calendar, or empty', () => {
  expect(['', '2026-11-23', '2028-02-29'].map(isDayOrEmpty)).toEqual([true, true, true]);
  expect(['2026-02-29', '2026-13-01', '23.11.2026', '2026-1-1', 'today'].map(isDayOrEmpty)).toEqual([false, false, false, false, false]);
});
