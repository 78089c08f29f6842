import type { DeviceTest } from '../../wire/osdp/test-counts.ts';
import type { TestVerdict } from './status.ts';

/** From so few answers nothing can be said of how rare faults are. */
const ENOUGH = 100;
/** A line that is well loses no frame in an hour: one in so many is chance. */
const RARE = 5000;
/** More than one in so many answers late, or BUSY, is more than chance. */
const SOME_LATE = 50;
const SOME_BUSY = 20;

const oneIn = (count: number, sent: number): number => Math.max(1, Math.round(sent / count));

/** What a person is to make of a device's counts; `isAsked`: it has a key, or need not, so that something was said to it. */
export function verdictOn(test: DeviceTest, isAsked: boolean): TestVerdict {
  const { sent, answered, busy, bent, unanswered, badMacs, badChecks, slow } = test;
  const wrong = bent + unanswered + badMacs;
  if (!isAsked) return { word: 'not-asked', oneIn: 0 };
  if (answered === 0 && busy > 0) return { word: 'busy', oneIn: 1 };
  if (answered === 0) return { word: sent === 0 ? 'few' : bent + badChecks > 0 ? 'unreadable' : 'silent', oneIn: 0 };
  // A late answer is asked for again, and looks like a lost one: said first.
  if (slow * SOME_LATE > answered) return { word: 'late', oneIn: oneIn(slow, sent) };
  if (busy * SOME_BUSY > sent) return { word: 'busy', oneIn: oneIn(busy, sent) };
  if (wrong > 0 && sent / wrong < RARE) {
    // Whole frames with a wrong code are no noise: noise does not make a check right.
    if (badMacs > bent) return { word: 'codes', oneIn: oneIn(badMacs, sent) };
    return { word: bent + badMacs === 0 ? 'lost' : 'noise', oneIn: oneIn(wrong, sent) };
  }
  return { word: answered < ENOUGH ? 'few' : 'good', oneIn: 0 };
}
