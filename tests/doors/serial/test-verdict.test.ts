import { expect, test } from 'vitest';
import { verdictOn } from '../../../gateway/doors/serial/test-verdict.ts';
import { type DeviceTest, newDeviceTest } from '../../../gateway/wire/osdp/test-counts.ts';

const SENT = 10_000;
const whole = { sent: SENT, answered: SENT };
test.each<readonly [string, Partial<DeviceTest>, string, number]>([
  ['all answered', whole, 'good', 0],
  ['one lost in 10,000 is chance', { sent: SENT, answered: SENT - 1, unanswered: 1 }, 'good', 0],
  ['bent answers', { sent: SENT, answered: 9975, bent: 20, unanswered: 5 }, 'noise', 400],
  ['only lost ones', { sent: SENT, answered: 9900, unanswered: 100 }, 'lost', 100],
  ['wrong codes under right checks', { sent: SENT, answered: 9990, badMacs: 10 }, 'codes', 1000],
  ['late ones, asked for again', { sent: SENT, answered: 8000, slow: 500, unanswered: 2000 }, 'late', 20],
  ['BUSY', { sent: SENT, answered: 9000, busy: 1000 }, 'busy', 10],
  ['now and then BUSY', { sent: SENT, answered: 9990, busy: 10 }, 'good', 0],
  ['nothing comes', { sent: 60, unanswered: 60 }, 'silent', 0],
  ['what comes cannot be read', { sent: 60, bent: 60, badChecks: 80 }, 'unreadable', 0],
  ['nothing but BUSY', { sent: 60, busy: 60 }, 'busy', 1],
  ['hardly begun', { sent: 20, answered: 20 }, 'few', 0],
  ['not begun', {}, 'few', 0],
])('%s', (_, counts, word, oneIn) => {
  expect(verdictOn({ ...newDeviceTest(), ...counts }, true)).toEqual({ word, oneIn });
});

test('nothing is said to a device without a key', () => {
  expect(verdictOn(newDeviceTest(), false)).toEqual({ word: 'not-asked', oneIn: 0 });
});
