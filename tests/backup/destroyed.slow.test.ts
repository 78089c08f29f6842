import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { restoreBackup } from '../../gateway/backup/restore.ts';
import { stage } from '../../gateway/journal/packet.ts';
import { openReader } from '../../gateway/journal/reader.ts';
import { dayOf } from '../../gateway/journal/seal.ts';
import { SLOT } from '../../gateway/journal/slot-file.ts';
import { openSlotReader } from '../../gateway/journal/slots.ts';
import { DAY_MS } from '../../gateway/core/local-date.ts';
import { readKeys } from '../../gateway/store/keys.ts';
import { createSearch, findBelow } from '../helpers/byte-search.ts';
import { type BackupSite, backupSite, entryAbout, journalPlace } from './backup-site.ts';

let here: BackupSite;
beforeEach(async () => {
  here = await backupSite(3);
});
afterEach(() => here.remove());

const canary = (name: string): string => `${name} ${randomBytes(12).toString('hex')}`;

test('a backup from before keys were destroyed says nothing of what they sealed, with the keys kept after it', async () => {
  const [old, now] = [Date.now() - 300 * DAY_MS, Date.now()];
  const [gone, stays] = [canary('long ago'), canary('today')];
  await here.open(async (_register, log) => {
    for (let n = 0; n < 50; n += 1) log.append([stage(entryAbout(1000, `${gone} ${n}`, old)), stage(entryAbout(1, `${stays} ${n}`, now))]);
  });
  const before = await here.back();
  const slots = (folder: string) => openSlotReader(folder, readKeys(folder).journalRoot);
  const kept = { day: slots(before.keysFolder).key({ type: SLOT.day, id: dayOf(old) }), person: slots(before.keysFolder).key({ type: SLOT.person, id: 1000 }) };
  if (kept.day === undefined || kept.person === undefined) throw new Error('the keys of the old entries are not in the first copy');

  const words = (data: string): string[] => {
    const reader = openReader(journalPlace(data));
    const found = reader.since(-1, 10_000).map(({ person }) => person.words);
    reader.close();
    return found;
  };
  const readable = (name: string): number[] => {
    const data = path.join(here.root, name);
    restoreBackup({ data, dir: before.folder, keysDir: here.keysDir, replace: false }, now);
    return [gone, stays].map((text) => words(data).filter((each) => each.startsWith(text)).length);
  };
  expect(readable('then')).toEqual([50, 50]);
  rmSync(path.join(here.root, 'then'), { recursive: true });
  const root = Buffer.from(readKeys(before.keysFolder).journalRoot);

  await here.open(async (_register, log) => {
    expect(await log.destroy({ before: dayOf(now) - 184, held: { days: [], persons: [] } })).toEqual({ days: 1, persons: 1 });
  });
  const after = await here.back();
  expect(readdirSync(here.keysDir)).toEqual([path.basename(after.keysFolder)]);

  // Nothing of the old entries can be read out of the backup from before, and what may be read still can.
  expect(readable('restored')).toEqual([0, 50]);

  // Neither the words nor the keys lie anywhere any more: databases, logs of theirs, free pages, keys, restored copies.
  const search = createSearch(
    new Map<string, string | Buffer>([
      ['words', gone],
      ['words that stay', stays],
      ['day key', kept.day],
      ['person key', kept.person],
      ['root of that time', root],
    ]),
  );
  expect(findBelow(here.root, search)).toEqual([]);
});
