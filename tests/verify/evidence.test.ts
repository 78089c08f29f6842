import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkpointsIn, evidenceReport, verifyEvidence } from '../../docs/verify.mjs';
import { type EvidenceFile, type EvidenceSaid, openEvidence } from '../../gateway/journal/evidence.ts';
import { type LogPlace, openLog } from '../../gateway/journal/log.ts';
import { stage } from '../../gateway/journal/packet.ts';
import { openReader } from '../../gateway/journal/reader.ts';
import { clockAt, NOON } from '../journal/samples.ts';
import { exported, makeJournal, numbersFrom, remove, someEntry, tamper } from './logs.ts';

const INDEXES = [0, 1, 299, 300, 301, 302, 303, 450, 549];

let place: LogPlace;
let file: EvidenceFile;
let note: string;

/** The lines as the console shows them. */
function saidOf(indexes: readonly number[]): EvidenceSaid[] {
  const reader = openReader(place);
  try {
    return indexes.flatMap((index) => {
      const entry = reader.at(index);
      if (entry === undefined) return [];
      const { kind, gatewayTime, deviceTime, granted, offline, reason, what, note: remark, final, buildingId, doorId } = entry.event;
      const code = kind === 'access' ? (reason ?? null) : (what ?? reason ?? kind);
      const { personId, unitId } = entry.person;
      return [
        {
          index,
          at: gatewayTime,
          deviceTime,
          kind,
          code,
          granted,
          offline,
          note: remark ?? null,
          final: final ?? null,
          buildingId,
          doorId,
          personId,
          unitId,
          door: '大门',
          person: '李*',
        },
      ];
    });
  } finally {
    reader.close();
  }
}

beforeAll(async () => {
  place = await makeJournal({ sizes: [300, 250] });
  note = exported(place).newest.note;
  const evidence = openEvidence(place);
  const { logs, ...rest } = evidence.of(INDEXES, () => true);
  evidence.close();
  expect(rest).toEqual({ uncovered: [], damaged: [], unreadable: [] });
  file = { doorbook: 'evidence/1', about: { by: '王警官', at: NOON, purpose: 'case', reason: '查案', filter: { door: 3 } }, logs, said: saidOf(INDEXES) };
});
afterAll(() => remove(place));

const outside = () => ({ checkpoints: checkpointsIn(note).map((checkpoint) => ({ from: 'a controller', checkpoint })) });
const codes = (text: string, held = {}): string[] => verifyEvidence(text, held).faults.list.map(({ code }) => code);
/** The file with one thing changed. */
function changed(change: (copy: { said: Record<string, unknown>[]; logs: { entries: Record<string, unknown>[] }[] } & Record<string, unknown>) => void): string {
  const copy = JSON.parse(JSON.stringify(file));
  change(copy);
  return JSON.stringify(copy);
}

describe('an evidence file', () => {
  test('verifies, also against a checkpoint and a key from elsewhere, and is printed line by line', () => {
    const key = file.logs[1]?.key ?? '';
    const state = verifyEvidence(JSON.stringify(file, undefined, 2), { ...outside(), keys: [key] });
    expect(state.faults.list).toEqual([]);
    const text = evidenceReport(state, { ...outside(), keys: [key] }, 'en');
    expect(text).toContain('The 9 entries below are in the signed log');
    expect(text).toContain('These fields of the description are the word of the register or the gateway, not of the log: door, person.');
    expect(text).toMatch(/^#302 {2}2026-06-\d\d \d\d:\d\d:\d\d\.\d{3} \+08:00 {2}access {2}(granted|refused) .* {2}door \d+ .*person \d+ {2}home \d+/m);
    expect(text).toMatch(/^#300 {2}.*system {2}log-started .*doorbook\/log\//m);
    expect(text).toContain('said: door 大门 · person 李*');
    const chinese = evidenceReport(state, outside(), 'zh');
    expect(chinese).toContain('登记簿或网关的说法');
    expect(chinese).toMatch(/^#302 {2}.*进出（access） {2}放行 {2}正常（OK）/m);
  });

  test('of a log that ended without a checkpoint over its last entry proves it by what the next log cites', async () => {
    const short = await makeJournal({ sizes: [3, 5, 2] });
    tamper(short, (db) => db.exec('DELETE FROM checkpoint WHERE log < 3'));
    const evidence = openEvidence(short);
    const { logs, uncovered } = evidence.of([0, 2, 3, 7, 8, 9]);
    evidence.close();
    // The second log's own signature is gone, so nothing signs what it cites.
    expect([logs.map(({ size }) => size), uncovered]).toEqual([
      [0, 5, 2],
      [0, 2],
    ]);
    expect(codes(JSON.stringify({ ...file, logs, said: [] }))).toEqual([]);
    remove(short);
  });

  test('has no half about a person unless that was allowed, and says so', () => {
    const evidence = openEvidence(place);
    const { logs } = evidence.of([301, 303], (index) => index === 303);
    evidence.close();
    const [first, second] = logs[1]?.entries ?? [];
    expect([first?.person, first?.cPerson?.length, second?.cPerson]).toEqual([undefined, 44, undefined]);
    const state = verifyEvidence(JSON.stringify({ ...file, logs, said: [] }));
    expect(state.faults.list).toEqual([]);
    expect(evidenceReport(state, {}, 'en')).toContain('given by their hash alone');
    // Then the person is only said, not proven.
    expect(verifyEvidence(JSON.stringify({ ...file, logs, said: [{ index: 301, personId: 12_345 }] })).words).toEqual(new Set(['personId']));
  });

  test('names what is too new, what was destroyed and what was changed', async () => {
    const other = await makeJournal({ sizes: [300], destroyDays: 3 }, 4);
    tamper(other, (db) => db.exec('UPDATE entry SET event = zeroblob(200) WHERE idx = 250'));
    const told: number[] = [];
    const evidence = openEvidence(other, (index) => told.push(index));
    const found = evidence.of([2, 250, 250, 260, 301, 5000, -1]);
    evidence.close();
    expect(found).toMatchObject({ uncovered: [-1, 301, 5000], damaged: [250], unreadable: [2] });
    expect(told).toEqual([250]);
    expect(found.logs[0]?.entries.map(({ index, event }) => [index, event === undefined])).toEqual([
      [2, true],
      [250, true],
      [260, false],
    ]);
    expect(codes(JSON.stringify({ ...file, logs: found.logs, said: [] }))).toEqual([]);
    remove(other);
  });

  test('is made while the log is written', () => {
    const log = openLog(
      place,
      clockAt(() => NOON),
    );
    log.append([stage(someEntry(5, NOON))]);
    const evidence = openEvidence(place);
    expect(evidence.of([log.last()]).uncovered).toEqual([log.last()]);
    evidence.close();
    log.close();
  });
});

describe('an evidence file in which somebody changed', () => {
  test.each([
    ['the time that is said', { at: 1 }, /at is said to be 1, and the log proves \d+/],
    ['the result that is said', { granted: 'no' }, /granted is said to be "no", and the log proves (true|false)/],
    ['the reason that is said', { code: 'LOCKDOWN' }, /code is said to be "LOCKDOWN"/],
    ['the door that is said', { doorId: 77 }, /doorId is said to be 77/],
    ['the person that is said', { personId: 77 }, /personId is said to be 77/],
    ['the number that is said', { index: 77 }, /Entry 77 is described/],
  ])('%s', (_, change, words) => {
    const state = verifyEvidence(changed(({ said }) => void Object.assign(said[5] ?? {}, change)));
    expect(state.faults.list.map(({ code }) => code)[0]).toMatch(/^said-/);
    expect(evidenceReport(state, {}, 'en')).toMatch(words);
    expect(evidenceReport(state, {}, 'en')).toContain('This does not verify');
  });

  test('any part of what is proven, in hundreds of ways', () => {
    const number = numbersFrom(11);
    /** Every place in the file that holds a value, but what is not proven: who made it, said words, when a checkpoint was signed. */
    const places: (readonly (string | number)[])[] = [];
    const walk = (value: unknown, path: readonly (string | number)[]): void => {
      if (value !== null && typeof value === 'object') for (const [name, inner] of Object.entries(value)) walk(inner, [...path, name]);
      else if (path.at(-2) !== 'checkpoint' || path.at(-1) !== 'at') places.push(path);
    };
    walk(file.logs, []);
    let tried = 0;
    for (let round = 0; round < 250; round += 1) {
      const path = places[number(places.length)] ?? [];
      const text = changed((copy) => {
        let holder: Record<string, unknown> = Object(copy.logs);
        for (const name of path.slice(0, -1)) holder = Object(holder[name]);
        const name = String(path.at(-1));
        const value = holder[name];
        if (typeof value === 'number') holder[name] = value + 1 + number(3);
        else if (value === null) holder[name] = 'x';
        else {
          const at = number(String(value).length);
          const char = [...'AbcX059+/= \n'][number(12)] ?? 'A';
          holder[name] = String(value).slice(0, at) + char + String(value).slice(at + number(2));
        }
      });
      if (text === JSON.stringify(file)) continue;
      tried += 1;
      const found = codes(text, outside());
      if (found.length === 0) expect.fail(`changed and not found: ${path.join('.')}`);
    }
    expect(tried).toBeGreaterThan(200);
  });

  test.each([
    [
      'an entry for another place in its log',
      (copy: { logs: { entries: Record<string, unknown>[] }[] }) => void Object.assign(copy.logs[1]?.entries[1] ?? {}, { index: 340, leafIndex: 40 }),
      'not-in-log',
    ],
    [
      'the log an entry is in',
      (copy: { logs: { entries: Record<string, unknown>[] }[] }) => void copy.logs[0]?.entries.push(...(copy.logs[1]?.entries.splice(2, 1) ?? [])),
      'entry-number',
    ],
    ['an entry for the same twice', (copy: { logs: { entries: Record<string, unknown>[] }[] }) => void copy.logs[0]?.entries.push(copy.logs[0].entries[0] ?? {}), 'entry-twice'],
    ['the first log away', (copy: { logs: unknown[] }) => void copy.logs.shift(), 'cites-unknown'],
  ])('%s', (_, change, code) => {
    expect(codes(changed((copy) => void change(copy)))).toContain(code);
  });

  test('the format, or nothing of it is there', () => {
    for (const text of ['', '{}', 'null', '[]', '{"doorbook":"evidence/2","logs":[],"said":[]}', '{"doorbook":"evidence/1","logs":[null,5,"x",{}],"said":[1,null]}']) {
      const state = verifyEvidence(text);
      expect(state.faults.list.length).toBeGreaterThan(0);
      expect(evidenceReport(state, {}, 'zh')).toMatch(/✘/);
    }
  });

  test('against a checkpoint of another size says what to do', () => {
    const older = exported(place)
      .lines.flatMap((line) => checkpointsIn(line))
      .find(({ origin, size }) => origin === file.logs[1]?.origin && size < 200);
    if (older === undefined) throw new Error('no older checkpoint');
    const state = verifyEvidence(JSON.stringify(file), { checkpoints: [{ from: 'note.txt', checkpoint: older }] });
    expect(evidenceReport(state, {}, 'en')).toContain('node verify.mjs EXPORT --checkpoint note.txt --checkpoint EVIDENCE');
  });
});
