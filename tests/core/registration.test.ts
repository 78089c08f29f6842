import { describe, expect, test } from 'vitest';
import {
  needsWords,
  REGISTRATION_STATES,
  REGISTRATION_STEPS,
  registrationAfter,
  registrationDueAt,
  registrationSteps,
  type RegistrationState,
  stateNow,
} from '../../gateway/core/registration.ts';
import { certificateText, readCertificate, splitCertificate } from '../../gateway/core/certificate.ts';
import { dateAt } from '../../gateway/core/local-date.ts';

const NOTHING = { holidays: new Set<string>(), makeUpDays: new Set<string>(), lastYear: 2026 };
/** Wednesday, 1 July 2026, noon in China. */
const WEDNESDAY = Date.UTC(2026, 6, 1, 4);

describe('the ladder of a registration', () => {
  const TABLE: Readonly<Record<RegistrationState, readonly [declarer: string, station: string]>> = {
    none: ['submit', ''],
    submitted: ['', 'accept supplement refuse'],
    supplement: ['submit', ''],
    registered: ['', 'cancel'],
    refused: ['submit', ''],
    cancelled: ['submit', ''],
  };
  test.each(REGISTRATION_STATES)('from %s', (state) => {
    const stand = { state, supplemented: false, over: false };
    expect([registrationSteps(stand, 'declarer').join(' '), registrationSteps(stand, 'station').join(' ')]).toEqual(TABLE[state]);
    for (const actor of ['declarer', 'station'] as const) expect(registrationSteps({ ...stand, over: true }, actor)).toEqual([]);
  });

  test('a supplement is asked for once', () => {
    expect(registrationSteps({ state: 'submitted', supplemented: true, over: false }, 'station')).toEqual(['accept', 'refuse']);
  });

  test('each step leads somewhere, and what takes something away needs words', () => {
    expect(REGISTRATION_STEPS.map((step) => [step, registrationAfter(step), needsWords(step)])).toEqual([
      ['submit', 'submitted', false],
      ['accept', 'registered', false],
      ['supplement', 'supplement', true],
      ['refuse', 'refused', true],
      ['cancel', 'cancelled', true],
    ]);
  });

  test.each([
    [undefined, true, false, 'registered'],
    [undefined, false, false, 'none'],
    ['registered', true, true, 'cancelled'],
    ['registered', false, false, 'registered'],
    [undefined, true, true, 'cancelled'],
    ['submitted', false, true, 'submitted'],
    ['refused', true, false, 'refused'],
  ] as const)('kept %s, known as accepted %s, moved out %s: %s', (kept, accepted, over, state) => {
    expect(stateNow(kept, { accepted, over })).toBe(state);
  });

  test.each([
    ['submitted', '2026-07-08'],
    ['supplement', '2026-07-15'],
    ['registered', null],
    ['refused', null],
  ] as const)('%s is due %s', (state, day) => {
    const due = registrationDueAt(state, WEDNESDAY, NOTHING);
    expect(due === null ? null : dateAt(due)).toBe(day);
  });
});

describe('what a certificate says', () => {
  const statement = { number: '0123456789ABCDEF', name: '李*', place: '样板社区', until: '2027-06-30' };
  const text = certificateText(statement);
  test('is read as it was written', () => {
    expect(readCertificate(text)).toEqual(statement);
  });
  test.each([
    ['another context', text.replace('/1', '/2')],
    ['a number that is none', text.replace('0123', 'xyz!')],
    ['no name', text.replace('李*', '')],
    ['no place', text.replace('样板社区', '')],
    ['no day', text.replace('2027-06-30', '2027-02-30')],
    ['one line more', `${text}\nmore`],
  ])('%s is not a statement', (_what, other) => {
    expect(readCertificate(other)).toBeUndefined();
  });
  test.each(['', 'a', `a.${'b'.repeat(85)}`, `${'a'.repeat(801)}.${'b'.repeat(86)}`, `a b.${'b'.repeat(86)}`])('%s has not the form of one', (code) => {
    expect(splitCertificate(code)).toBeUndefined();
  });
});
