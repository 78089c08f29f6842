import { describe, expect, test, type TestContext } from 'vitest';
import { failEach } from './failing-io.ts';
import { fillDisk } from './full-disk.ts';
import { lockedLog, lockedRegister, startsLocked, startsOnFailingDisk } from './locked.ts';
import { randomOf } from './random.ts';
import { noStrace } from './strace.ts';

/** Night runs set more (security.md 5: 20 full disks in CI, 500 at night). */
const FULL = Number(process.env['CRASH_FULL'] ?? 20);
const REPEAT = Number(process.env['CRASH_IO_REPEAT'] ?? 1);
const SEED = Number(process.env['CRASH_SEED'] ?? 1);
const LOCK_MS = Number(process.env['CRASH_LOCK_MS'] ?? 10_000);
const LONG_LOCK_MS = 60_000;
const SOME_MINUTES = 300_000;

/** What cannot be tried here is said; on CI it is a failure. */
function unlessImpossible(why: string | undefined, context: TestContext): void {
  if (why === undefined) return;
  context.expect(process.env['CI'], why).not.toBe('true');
  context.skip(why);
}

// Most of these wait: for a lock, for an alarm, for a door to tell what it kept. Each has a gateway of its own.
describe.concurrent('storage in trouble', () => {
  test(
    `log and register locked for ${LONG_LOCK_MS / 1000} s: doors go by their lists, keep what happened and tell it afterwards`,
    () => lockedLog(['journal.sqlite', 'register.sqlite'], LONG_LOCK_MS),
    SOME_MINUTES,
  );

  test(
    'each of the first 200 writes and flushes fails: nothing acknowledged is lost, nothing fails open, somebody is told',
    async (context) => {
      unlessImpossible(noStrace(), context);
      const { wrong, failed, wanted } = await failEach(REPEAT);
      expect(wrong).toEqual([]);
      expect(wanted).toBe(200 * REPEAT);
      expect(failed).toBeGreaterThan(wanted * 0.8);
    },
    SOME_MINUTES * REPEAT,
  );

  test(
    `the disk is full ${FULL} times, at different moments: doors go on, somebody is told within 5 s, room brings everything back`,
    async (context) => {
      unlessImpossible(await fillDisk(FULL, randomOf(SEED)), context);
    },
    SOME_MINUTES + FULL * 15_000,
  );

  test(`the log is locked for ${LOCK_MS / 1000} s`, () => lockedLog(['journal.sqlite'], LOCK_MS), SOME_MINUTES + LOCK_MS);
  test(`the register is locked for ${LOCK_MS / 1000} s: no door notices`, () => lockedRegister(LOCK_MS), SOME_MINUTES + LOCK_MS);
  test('a start while both databases are locked waits and says so', startsLocked, SOME_MINUTES);
  test(
    'a start while every write fails waits and says so',
    async (context) => {
      unlessImpossible(noStrace(), context);
      await startsOnFailingDisk();
    },
    SOME_MINUTES,
  );
});
