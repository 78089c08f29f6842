import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { PersonId } from '../../gateway/core/ids.ts';
import { openLog } from '../../gateway/journal/log.ts';
import { stage } from '../../gateway/journal/packet.ts';
import { dayOf } from '../../gateway/journal/seal.ts';
import { clockAt, newPlace, NOON, tapEntry } from '../journal/samples.ts';
import { exported, remove } from './logs.ts';

const PEOPLE = 10_000;
const DAY = 86_400_000;
const VERIFIER = fileURLToPath(new URL('../../docs/verify.mjs', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'doorbook-destroyed-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('a log verifies against the checkpoint from before, after the keys of 10,000 people were destroyed', { timeout: 300_000 }, async () => {
  const place = newPlace();
  let now = NOON;
  const log = openLog(
    place,
    clockAt(() => now),
  );
  // Three entries for each of them, then a day later other people.
  for (const [day, first, people] of [
    [0, 1, PEOPLE],
    [1, PEOPLE + 1, 100],
  ] as const) {
    now = NOON + day * DAY;
    for (let from = 0; from < people * 3; from += 250)
      log.append(
        Array.from({ length: Math.min(250, people * 3 - from) }, (_, n) =>
          stage(tapEntry(day * 1_000_000 + from + n, { gatewayTime: now }, { personId: PersonId(first + ((from + n) % people)) })),
        ),
      );
  }
  now += 60_000;
  log.signIfDue();
  const note = log.checkpoint()?.note ?? '';
  expect(await log.destroy({ before: dayOf(NOON) + 1, auditBefore: dayOf(NOON) + 1, held: { days: [], persons: [] } })).toMatchObject({ persons: PEOPLE });
  log.close();
  const { lines, exported: made } = exported(place, { at: now });
  const states = new Map<string, number>();
  for (const line of lines) if (line.startsWith('[')) states.set(line.slice(-4, -2), (states.get(line.slice(-4, -2)) ?? 0) + 1);
  expect([made.faults, states.get('gg'), states.get('mm')]).toEqual([[], PEOPLE * 3 + 1, 300]);
  writeFileSync(join(dir, 'log.export'), `${lines.join('\n')}\n`);
  writeFileSync(join(dir, 'note.txt'), note);
  const { status, stdout } = spawnSync(process.execPath, [VERIFIER, join(dir, 'log.export'), '--checkpoint', join(dir, 'note.txt'), '--lang', 'en'], { encoding: 'utf8' });
  expect(stdout).toContain('nobody changed the first 30,301 entries of log 1');
  expect(stdout).toContain('30,001 with their keys destroyed');
  expect(status).toBe(0);
  remove(place);
});
