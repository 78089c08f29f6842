import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type JournalClient, openJournal } from '../../gateway/journal/client.ts';
import { JournalUnavailable } from '../../gateway/journal/entry.ts';
import type { LogPlace } from '../../gateway/journal/log.ts';
import { newPlace, tapEntry } from './samples.ts';

const HELD = { logId: '0'.repeat(32), size: 1, root: '0'.repeat(64) };
let place: LogPlace;
let journal: JournalClient;

beforeEach(async () => {
  place = newPlace();
  journal = await openJournal({ ...place, writer: new URL('./hung-writer.mjs', import.meta.url) });
});
afterEach(async () => {
  await journal.close();
  rmSync(dirname(place.file), { recursive: true, force: true });
});

test('a disk that hangs keeps nobody waiting longer than five seconds, raises an alarm, and is believed again when it answers', async () => {
  const alarms: string[] = [];
  journal.onAlarm(({ what }) => void alarms.push(what));
  const since = performance.now();
  const first = journal.append(tapEntry(1)).catch((error: unknown) => error);
  await new Promise((resolve) => setTimeout(resolve, 2500));
  const second = journal.append(tapEntry(2)).catch((error: unknown) => error);
  expect(await first).toBeInstanceOf(JournalUnavailable);
  expect(performance.now() - since).toBeLessThan(5000);
  expect(alarms).toEqual(['stalled']);
  expect(journal.status()).toBe('unavailable');
  await expect(journal.append(tapEntry(3))).rejects.toThrow('the disk hangs');
  // The writer answers: who still waited has the right place, though the one before gave up.
  expect(await journal.judge(HELD)).toBe('agrees');
  expect(await second).toEqual({ index: 2, duplicate: false });
  await expect.poll(() => alarms).toEqual(['stalled', 'recovered']);
  expect(await journal.append(tapEntry(4))).toEqual({ index: 3, duplicate: false });
});
