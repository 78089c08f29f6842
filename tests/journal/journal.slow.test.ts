import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ControllerId } from '../../gateway/core/ids.ts';
import { type JournalClient, openJournal } from '../../gateway/journal/client.ts';
import { JournalUnavailable, NO_PERSON } from '../../gateway/journal/entry.ts';
import { commitment } from '../../gateway/journal/leaf.ts';
import { type LogPlace, unsealRow } from '../../gateway/journal/log.ts';
import { openReader } from '../../gateway/journal/reader.ts';
import { keysOf } from '../../gateway/journal/seal.ts';
import { openSlotReader } from '../../gateway/journal/slots.ts';
import type { Alarm } from '../../gateway/journal/writer-messages.ts';
import type { EntryRow } from '../../gateway/store/journal-store.ts';
import { newPlace, plainEntry, tapEntry, WRITER } from './samples.ts';

let place: LogPlace;
let journal: JournalClient;
const open = (writer = WRITER): Promise<JournalClient> => openJournal({ ...place, writer });

/** Rows as they lie in the file, through a connection of the test's own. */
function rows(): EntryRow[] {
  const db = new Database(place.file, { readonly: true });
  const all = db.prepare<[], EntryRow>('SELECT * FROM entry ORDER BY idx').all();
  db.close();
  return all;
}

beforeEach(async () => {
  place = newPlace();
  journal = await open();
});
afterEach(async () => {
  await journal.close();
  rmSync(dirname(place.file), { recursive: true, force: true });
});

describe('the journal', () => {
  test('a log begins with an entry of its own, and indexes follow one another from there', async () => {
    expect(journal.last()).toBe(0);
    const answers = await Promise.all(Array.from({ length: 1000 }, (_, seq) => journal.append(tapEntry(seq))));
    expect(answers).toEqual(Array.from({ length: 1000 }, (_, seq) => ({ index: seq + 1, duplicate: false })));
    expect(journal.last()).toBe(1000);
  });

  test('the answer comes after the commit: another connection sees the row at that moment', async () => {
    const { index } = await journal.append(tapEntry(1));
    expect(rows().map((row) => row.idx)).toContain(index);
  });

  test('a repeat with the same digest gets the first answer, also within one batch', async () => {
    const [first, second] = await Promise.all([journal.append(tapEntry(1)), journal.append(tapEntry(1)), journal.append(tapEntry(2))]);
    expect(first).toEqual({ index: 1, duplicate: false });
    expect(second).toEqual({ index: 1, duplicate: true, same: true, stored: tapEntry(1).event });
    expect(await journal.append(tapEntry(2))).toMatchObject({ index: 2, duplicate: true, same: true });
    expect(rows()).toHaveLength(3);
  });

  test('another request under a used key is told apart and not stored', async () => {
    await journal.append(tapEntry(1));
    const again = await journal.append(tapEntry(1, { digest: 'ffffffffffffffff', granted: false }));
    expect(again).toEqual({ index: 1, duplicate: true, same: false, stored: tapEntry(1).event });
    expect(rows()).toHaveLength(2);
  });

  test('the key is controller, instance, boot and seq, each of them', async () => {
    const key = { controllerId: ControllerId(3), instance: '00112233445566ff', boot: 2, seq: 1 };
    for (const other of [{}, { controllerId: ControllerId(4) }, { instance: '00112233445566fe' }, { boot: 3 }, { seq: 2 }]) {
      expect((await journal.append(tapEntry(1, { key: { ...key, ...other } }))).duplicate).toBe(false);
    }
  });

  test('entries without a device key are never duplicates', async () => {
    const answers = await Promise.all([journal.append(plainEntry()), journal.append(plainEntry())]);
    expect(answers.map((answer) => answer.index)).toEqual([1, 2]);
  });

  test('what was appended before is found by its key, also after a restart', async () => {
    void journal.append(tapEntry(7));
    const { key } = tapEntry(7).event;
    if (key === undefined) throw new Error('the sample has a key');
    expect(await journal.find(key)).toEqual({ index: 1, ...tapEntry(7) });
    expect(await journal.find({ ...key, seq: 8 })).toBeUndefined();
    await journal.close();
    journal = await open();
    expect(await journal.find(key)).toEqual({ index: 1, ...tapEntry(7) });
  });

  test('closing stores what was appended before', async () => {
    const appended = Array.from({ length: 600 }, (_, seq) => journal.append(tapEntry(seq)));
    await journal.close();
    expect((await Promise.all(appended)).every((answer) => !answer.duplicate)).toBe(true);
    expect(rows()).toHaveLength(601);
    await expect(journal.append(tapEntry(1))).rejects.toThrow(JournalUnavailable);
    expect(journal.status()).toBe('unavailable');
  });

  test('beyond ten thousand entries on their way, nothing more is taken, and nothing is lost', async () => {
    const appended = Array.from({ length: 10_050 }, (_, seq) => journal.append(tapEntry(seq)).catch((error: unknown) => error));
    const answers = await Promise.all(appended);
    const refused = answers.filter((answer) => answer instanceof JournalUnavailable);
    expect(refused).toHaveLength(50);
    expect(rows()).toHaveLength(10_001);
  }, 30_000);

  test('an entry that cannot be encoded is refused alone, by name', async () => {
    const good = journal.append(tapEntry(1));
    await expect(journal.append(plainEntry('x'.repeat(121)))).rejects.toThrow(/words/);
    await expect(journal.append(tapEntry(2, { openMs: 0.5 }))).rejects.toThrow(/whole numbers/);
    await expect(journal.append(tapEntry(3, { key: { controllerId: ControllerId(1), instance: 'XYZ', boot: 1, seq: 1 } }))).rejects.toThrow(/instance/);
    expect(await good).toEqual({ index: 1, duplicate: false });
  });

  test('listeners hear of every commit', async () => {
    const heard: number[] = [];
    journal.onDurable((index) => heard.push(index));
    await Promise.all(Array.from({ length: 700 }, (_, seq) => journal.append(tapEntry(seq))));
    expect(heard.at(-1)).toBe(700);
    expect(heard.length).toBeGreaterThanOrEqual(3); // at most 256 at once
    expect([...heard].sort((a, b) => a - b)).toEqual(heard);
  });
});

describe('what lies in the file', () => {
  test('commitments and leaf hashes recompute from the sealed halves', async () => {
    await Promise.all(Array.from({ length: 40 }, (_, seq) => journal.append(tapEntry(seq))));
    const reader = openReader(place);
    const db = new Database(place.file, { readonly: true });
    const logId = db.prepare<[], Buffer>('SELECT logId FROM log').pluck().get();
    db.close();
    reader.close();
    if (logId === undefined) throw new Error('the log has an id');
    const keys = keysOf(openSlotReader(place.keysDir, place.root));
    for (const row of rows()) {
      const { event, person } = unsealRow(row, { logId, first: 0 }, keys);
      if (event === undefined || person === undefined) throw new Error(`entry ${row.idx} does not open`);
      expect(commitment('event', event).equals(row.cEvent)).toBe(true);
      expect(commitment('person', person).equals(row.cPerson)).toBe(true);
      const index = Buffer.alloc(8);
      index.writeBigUInt64BE(BigInt(row.idx));
      const leaf = Buffer.concat([Buffer.of(1, row.kind, 0, 0), logId, index, row.cEvent, row.cPerson]);
      expect(createHash('sha256').update(Buffer.of(0)).update(leaf).digest().equals(row.leafHash)).toBe(true);
    }
  });

  test('r is fresh: two entries of one content have no bytes in common but kind, time and tags', async () => {
    await Promise.all([journal.append(plainEntry()), journal.append(plainEntry())]);
    const [, first, second] = rows();
    for (const column of ['cEvent', 'cPerson', 'leafHash', 'event', 'person'] as const) expect(first?.[column].equals(second?.[column] ?? Buffer.alloc(0))).toBe(false);
  });

  test('nothing about person, unit, door or building can be read from the database or the slots', async () => {
    const marks = { personId: 0x5a5b5c5d, unitId: 0x6a6b6c6d, doorId: 0x7a7b7c7d, buildingId: 0x4a4b4c4d } as const;
    await journal.append(tapEntry(1, { doorId: tapEntry(1).event.doorId, what: 'a-very-plain-word' }, { fingerprint: 'ab'.repeat(12), words: '查询用途' }));
    await journal.append({
      event: { ...tapEntry(2).event, doorId: Object(marks.doorId).valueOf(), buildingId: Object(marks.buildingId).valueOf() },
      person: { ...NO_PERSON, personId: Object(marks.personId).valueOf(), unitId: Object(marks.unitId).valueOf() },
    });
    await journal.close();
    const file = Buffer.concat(
      [place.file, `${place.file}-wal`].flatMap((path) => {
        try {
          return [readFileSync(path)];
        } catch {
          return [];
        }
      }),
    );
    expect(file.length).toBeGreaterThan(8192);
    const big = (value: number): Buffer => Buffer.from(value.toString(16).padStart(8, '0'), 'hex');
    const plain = [
      ...Object.values(marks).flatMap((value) => [big(value), big(value).reverse()]),
      Buffer.from('a-very-plain-word'),
      Buffer.from('查询用途'),
      Buffer.alloc(12, 0xab),
    ];
    for (const secret of plain) expect(file.includes(secret)).toBe(false);
  });

  test('rows cannot be changed, deleted or replaced', async () => {
    await journal.append(tapEntry(1));
    const db = new Database(place.file);
    db.pragma('recursive_triggers = ON');
    const columns = db.prepare<[], string>("SELECT name FROM pragma_table_info('entry')").pluck().all();
    expect(columns).toHaveLength(16);
    for (const column of columns) expect(() => db.exec(`UPDATE entry SET ${column} = ${column}`)).toThrow(/append-only/);
    expect(() => db.exec('DELETE FROM entry')).toThrow(/append-only/);
    expect(() => db.exec('INSERT OR REPLACE INTO entry SELECT * FROM entry WHERE idx = 1')).toThrow(/append-only/);
    expect(() => db.exec('DELETE FROM log')).toThrow(/append-only/);
    db.close();
  });

  test('a log of a newer version is left alone', async () => {
    await journal.close();
    const db = new Database(place.file);
    db.pragma('user_version = 99');
    db.close();
    await expect(open()).rejects.toThrow(/start the newer program/);
  });
});

describe('when the writer fails', () => {
  /** A writer that stores and then falls over in the way the text says, when it is sent an entry. */
  async function falling(how: string): Promise<{ fallen: JournalClient; alarms: Alarm[] }> {
    await journal.close();
    const file = join(dirname(place.file), 'falling.mjs');
    writeFileSync(file, `import { parentPort } from 'node:worker_threads';\nparentPort.postMessage({ t: 'ready', last: 0 });\nparentPort.on('message', (m) => { ${how} });\n`);
    const alarms: Alarm[] = [];
    const fallen = await open(pathToFileURL(file));
    fallen.onAlarm((alarm) => alarms.push(alarm));
    return { fallen, alarms };
  }

  test('a writer that dies rejects what was on its way, raises an alarm, and is started again', async () => {
    const { fallen, alarms } = await falling("if (m.t === 'append') process.exit(3); else process.exit(0);");
    const answers = await Promise.allSettled([fallen.append(tapEntry(1)), fallen.append(tapEntry(2))]);
    expect(answers.map((answer) => answer.status === 'rejected' && answer.reason instanceof JournalUnavailable)).toEqual([true, true]);
    expect(alarms.map((alarm) => alarm.what)).toEqual(['writer-ended']);
    expect(fallen.status()).toBe('unavailable');
    await expect(fallen.append(tapEntry(3))).rejects.toThrow(JournalUnavailable);
    await expect.poll(() => fallen.status(), { timeout: 5000 }).toBe('ok');
    await fallen.close();
  });

  test('a writer that throws is started again too', async () => {
    const { fallen, alarms } = await falling("if (m.t === 'stop') process.exit(0); throw new Error('a bug');");
    await expect(fallen.append(tapEntry(1))).rejects.toThrow(JournalUnavailable);
    expect(alarms[0]?.message).toContain('a bug');
    await expect.poll(() => fallen.status(), { timeout: 5000 }).toBe('ok');
    await fallen.close();
  });

  test('a writer that answers nothing is an alarm within five seconds', async () => {
    const { fallen, alarms } = await falling("if (m.t === 'stop') process.exit(0);");
    const appended = fallen.append(tapEntry(1)).catch((error: unknown) => error);
    await expect.poll(() => alarms.map((alarm) => alarm.what), { timeout: 5000 }).toEqual(['stalled']);
    expect(fallen.status()).toBe('unavailable');
    await fallen.close();
    expect(await appended).toBeInstanceOf(JournalUnavailable);
  });

  test('a log that cannot be opened is said so at the start', async () => {
    await journal.close();
    writeFileSync(place.file, 'this is not a database, and much longer than a header of one hundred bytes would be, so that it is looked at');
    await expect(open()).rejects.toThrow(JournalUnavailable);
  });

  test('a database locked by somebody else refuses the batch with an alarm, and goes on afterwards', async () => {
    const alarms: Alarm[] = [];
    journal.onAlarm((alarm) => alarms.push(alarm));
    const db = new Database(place.file);
    db.exec('BEGIN IMMEDIATE');
    await expect(journal.append(tapEntry(1))).rejects.toThrow(/locked/);
    expect(journal.status()).toBe('unavailable');
    expect(alarms.map((alarm) => alarm.what)).toEqual(['storage-failing']);
    db.exec('ROLLBACK');
    db.close();
    expect(await journal.append(tapEntry(1))).toEqual({ index: 1, duplicate: false });
    expect(journal.status()).toBe('ok');
    expect(alarms.map((alarm) => alarm.what)).toEqual(['storage-failing', 'recovered']);
  });
});
