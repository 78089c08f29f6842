import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { beginExport, checkpointsIn, endExport, explain, readLine } from '../../docs/verify.mjs';
import type { LogPlace } from '../../gateway/journal/log.ts';
import { exported, makeJournal, remove, tamper } from './logs.ts';

let place: LogPlace;
let note: string;
beforeAll(async () => {
  place = await makeJournal({ sizes: [300, 150], days: 6, destroyDays: 2 });
  note = exported(place).newest.note;
});
afterAll(() => remove(place));

/** What is found after somebody who can write the database changed it: by the export, and by the verifier with the outside checkpoint. */
function foundAfter(change: (db: Database.Database) => void): { readonly exporter: string[]; readonly verifier: string[]; readonly words: string[] } {
  const dir = mkdtempSync(join(tmpdir(), 'doorbook-verify-'));
  try {
    cpSync(dirname(place.file), dir, { recursive: true });
    const copy = { ...place, file: join(dir, 'journal.sqlite'), keysDir: join(dir, 'keys') };
    tamper(copy, change);
    const { lines, exported: made } = exported(copy);
    const state = beginExport({ checkpoints: checkpointsIn(note).map((checkpoint) => ({ from: 'a controller', checkpoint })) });
    for (const line of lines) readLine(state, line);
    endExport(state);
    return { exporter: made.faults.map(({ what }) => what), verifier: state.faults.list.map(({ code }) => code), words: state.faults.list.map((fault) => explain(fault, 'en')) };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const sql = (text: string) => (db: Database.Database) => void db.exec(text);
/** The newest entry's row, and one in each log; the keys of the first are destroyed. */
const [GONE, OLD, NEW, LAST] = [5, 250, 400, 449];

describe('the export of a database in which somebody changed', () => {
  test.each([
    ['nothing', sql('SELECT 1'), [], []],
    ['the commitment to an event', sql(`UPDATE entry SET cEvent = zeroblob(32) WHERE idx = ${OLD}`), ['contents', 'leaf-hash'], ['contents', 'checkpoint-root']],
    ['the commitment to a person', sql(`UPDATE entry SET cPerson = zeroblob(32) WHERE idx = ${NEW}`), ['contents', 'leaf-hash'], ['contents', 'forked']],
    [
      'a commitment and the leaf hash of an entry whose keys are gone',
      sql(`UPDATE entry SET cEvent = zeroblob(32), leafHash = zeroblob(32) WHERE idx = ${GONE}`),
      ['leaf-hash', 'tile'],
      ['checkpoint-root'],
    ],
    ['the kind of an entry', sql(`UPDATE entry SET kind = 3 WHERE idx = ${OLD}`), ['leaf-hash'], ['checkpoint-root']],
    ['the stored leaf hash', sql(`UPDATE entry SET leafHash = zeroblob(32) WHERE idx = ${NEW}`), ['leaf-hash'], ['exporter']],
    ['a byte of a sealed event', sql(`UPDATE entry SET event = CAST(substr(event, 1, 60) || X'00' || substr(event, 62) AS BLOB) WHERE idx = ${OLD}`), ['contents'], ['contents']],
    ['a sealed event for nothing', sql(`UPDATE entry SET event = X'' WHERE idx = ${LAST}`), ['contents'], ['contents']],
    [
      'a byte of a sealed person',
      sql(`UPDATE entry SET person = CAST(substr(person, 1, 60) || X'FFFF' || substr(person, 63) AS BLOB) WHERE idx = ${OLD}`),
      ['contents'],
      ['contents'],
    ],
    ['the contents of two entries', sql(`UPDATE entry SET event = (SELECT event FROM entry WHERE idx = ${NEW}) WHERE idx = ${OLD}`), ['contents'], ['contents']],
    ['the time of an entry, by an hour', sql(`UPDATE entry SET at = at + 3600000 WHERE idx = ${OLD}`), ['columns'], ['exporter']],
    ['the time of an entry, to a day whose keys are gone', sql(`UPDATE entry SET at = (SELECT at FROM entry WHERE idx = ${GONE}) WHERE idx = ${OLD}`), ['columns'], ['exporter']],
    ['the result of an entry', sql('UPDATE entry SET result = 3 - result WHERE idx = (SELECT max(idx) FROM entry WHERE result = 1)'), ['columns'], ['exporter']],
    ['a node of the tree', sql('UPDATE tile SET hash = zeroblob(32) WHERE log = 1 AND n = 0'), ['tile'], ['exporter']],
    ['which nodes of the tree there are', sql('DELETE FROM tile WHERE log = 1'), ['tile'], ['exporter']],
    [
      'the root of a checkpoint',
      sql('UPDATE checkpoint SET root = zeroblob(32) WHERE log = 1 AND size = (SELECT min(size) FROM checkpoint WHERE log = 1)'),
      ['checkpoint'],
      ['exporter'],
    ],
    [
      'the note of the newest checkpoint',
      sql("UPDATE checkpoint SET note = replace(note, substr(note, -20, 4), 'AAAA') WHERE log = 2 AND size = 150"),
      ['checkpoint'],
      ['exporter', 'checkpoint-signature'],
    ],
    [
      'a checkpoint for an older one',
      sql('UPDATE checkpoint SET note = (SELECT note FROM checkpoint WHERE log = 1 ORDER BY size LIMIT 1) WHERE log = 1 AND size = 300'),
      ['checkpoint'],
      ['checkpoint-place'],
    ],
    ['the key of a log', sql('UPDATE signer SET key = (SELECT zeroblob(32)) WHERE log = 1'), ['checkpoint'], ['exporter']],
    ['the id of a log', sql('UPDATE log SET logId = randomblob(16) WHERE id = 1'), ['leaf-hash', 'tile', 'checkpoint'], ['checkpoint-form', 'cites']],
    ['what a log cites', sql("UPDATE log SET cites = replace(cites, ' 300 ', ' 299 ') WHERE id = 2"), ['checkpoint'], ['cites', 'outside-cites']],
    ['where a log begins', sql('UPDATE log SET first = 299 WHERE id = 2'), ['leaf-hash'], ['cites']],
    ['that an entry is there', sql(`DELETE FROM entry WHERE idx = ${OLD}`), ['missing'], ['gap']],
    ['that the last entry of the first log is there', sql('DELETE FROM entry WHERE idx = 299'), ['missing'], ['size', 'cites']],
    ['that the newest entries are there', sql('DELETE FROM entry WHERE idx > 430'), ['truncated'], ['truncated', 'exporter']],
    [
      'that the newest entries and all checkpoints over them are there',
      sql('DELETE FROM entry WHERE idx >= 300 + 123; DELETE FROM checkpoint WHERE log = 2 AND size > 123'),
      [],
      ['truncated'],
    ],
    [
      'that the second log is there',
      sql(
        'DELETE FROM entry WHERE idx >= 300; DELETE FROM log WHERE id = 2; DELETE FROM checkpoint WHERE log = 2; DELETE FROM signer WHERE log = 2; DELETE FROM tile WHERE log = 2',
      ),
      [],
      ['outside-stranger'],
    ],
    [
      'the order of two entries',
      sql(`UPDATE entry SET idx = -1 WHERE idx = ${OLD}; UPDATE entry SET idx = ${OLD} WHERE idx = ${NEW}; UPDATE entry SET idx = ${NEW} WHERE idx = -1`),
      ['leaf-hash', 'contents'],
      ['contents', 'checkpoint-root'],
    ],
    [
      'the order of two entries whose keys are gone',
      sql(`UPDATE entry SET idx = -1 WHERE idx = 5; UPDATE entry SET idx = 5 WHERE idx = 9; UPDATE entry SET idx = 9 WHERE idx = -1`),
      ['leaf-hash'],
      ['checkpoint-root'],
    ],
    [
      'that there is one entry more',
      sql(
        'INSERT INTO entry (idx, at, kind, result, cEvent, cPerson, leafHash, event, person) SELECT 450, at, kind, result, cEvent, cPerson, leafHash, event, person FROM entry WHERE idx = 449',
      ),
      ['leaf-hash', 'contents'],
      ['contents', 'exporter'],
    ],
  ] as const)('%s', (_, change, exporter, verifier) => {
    const found = foundAfter(change);
    expect(found.exporter).toEqual(expect.arrayContaining([...exporter]));
    expect(found.verifier).toEqual(expect.arrayContaining([...verifier]));
    expect(found.verifier.length > 0).toBe(verifier.length > 0);
    for (const words of found.words) expect(words).not.toMatch(/undefined|NaN|\[object/);
  });

  test('a search tag verifies: tags are not proven, and the verifier says so', () => {
    expect(foundAfter(sql(`UPDATE entry SET personTag = zeroblob(8), doorTag = NULL WHERE idx = ${OLD}`))).toEqual({ exporter: [], verifier: [], words: [] });
  });
});
