import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createAlarms } from '../../gateway/alarms.ts';
import { readConfig } from '../../gateway/config.ts';
import { openStores } from '../../gateway/open-stores.ts';
import { createWaitingRoom } from '../../gateway/waiting-room.ts';

const data = mkdtempSync(path.join(tmpdir(), 'doorbook-open-'));
afterEach(() => rmSync(data, { recursive: true, force: true }));

test('a register that is gone while its log is there is not made anew', async () => {
  writeFileSync(path.join(data, 'journal.sqlite'), '');
  const config = readConfig({ DOORBOOK_DATA: data }, data);
  const log = { error: () => undefined, warn: () => undefined };
  const opening = openStores(config, { alarms: createAlarms(Date.now, log), room: createWaitingRoom(config), say: () => undefined });
  await expect(opening).rejects.toThrow(/register\.sqlite is not there, but its log journal\.sqlite is\. Put it back, or restore it/);
});
