import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { beginExport, checkpointsIn, endExport, exportReport, readLine, verifyExport } from '../../docs/verify.mjs';
import { dateAt } from '../../gateway/core/local-date.ts';
import { ExportRefused, exportLog } from '../../gateway/journal/export.ts';
import { type LogPlace, openLog } from '../../gateway/journal/log.ts';
import { beginNewLog } from '../../gateway/journal/new-log.ts';
import { stage } from '../../gateway/journal/packet.ts';
import { openProofs } from '../../gateway/journal/proofs.ts';
import { clockAt, NOON } from '../journal/samples.ts';
import { CANARIES, exported, makeJournal, numbersFrom, remove, someEntry, tamper } from './logs.ts';

let place: LogPlace;
beforeAll(async () => {
  place = await makeJournal({ sizes: [300, 200], days: 5, destroyDays: 2 }, 5);
});
afterAll(() => remove(place));

type Outside = Parameters<typeof beginExport>[0];

function read(lines: readonly string[], outside: Outside = {}): ReturnType<typeof beginExport> {
  const state = beginExport(outside);
  for (const line of lines) readLine(state, line);
  endExport(state);
  return state;
}
const codes = (state: ReturnType<typeof beginExport>): string[] => state.faults.list.map(({ code }) => code);
const held = (note: string) => checkpointsIn(note).map((checkpoint) => ({ from: 'a controller', checkpoint }));

describe('an export', () => {
  test('verifies, and says in both languages what is proven and what is not', () => {
    const { lines, newest } = exported(place);
    const state = read(lines, { checkpoints: held(newest.note), keys: [JSON.parse(lines[1] ?? '').log.key] });
    expect(codes(state)).toEqual([]);
    const text = exportReport(state, { language: 'en', seconds: 1 });
    expect(text).toContain('the first 300 entries of log 1, the first 200 entries of log 2 are exactly those the checkpoints were signed over');
    expect(text).toContain('It agrees with a controller: nobody changed the first 200 entries of log 2');
    expect(text).toContain('The 5 entries behind the newest checkpoint have only the signature of the export.');
    expect(text).toContain('What was never logged');
    expect(exportReport(read(lines), { language: 'en', seconds: 1 })).toContain('who held the key could have signed another history');
    expect(exportReport(read(lines), { language: 'zh', seconds: 1 })).toContain('保管密钥的人可以另签');
  });

  test('says of each entry whether its contents open', () => {
    const { lines } = exported(place);
    const states = lines.filter((line) => line.startsWith('[')).map((line) => line.slice(-4, -2));
    expect(new Set(states)).toEqual(new Set(['mm', 'gg']));
    expect(states.filter((each) => each === 'gg').length).toBeGreaterThan(100);
    expect(states.slice(-100)).toEqual(Array(100).fill('mm'));
  });

  test('has nothing in it that is about a person', () => {
    const text = exported(place, { at: NOON, every: 1 }).lines.join('\n');
    for (const canary of CANARIES)
      for (const form of [canary, Buffer.from(canary).toString('base64').slice(0, -4), Buffer.from(canary, 'hex').toString('base64').slice(0, 12)])
        if (form.length > 4) expect(text).not.toContain(form);
    expect(text.split('\n').every((line) => /^(\[\d+,\d+,0,"[^"]{44}","[^"]{44}","[mgx]{2}"\]|\{"(doorbook|log|checkpoint|end)":.*\})$/.test(line))).toBe(true);
  });

  test('thins out checkpoints to the last of each day, one for every so many entries, and the newest', async () => {
    const some = await makeJournal({ sizes: [800], days: 2, batch: 9 });
    const proofs = openProofs(some.file);
    const all = proofs.after(proofs.newest()?.origin ?? '', 0, 1000);
    proofs.close();
    const sizes = (every: number): number[] =>
      exported(some, { at: NOON, every })
        .lines.flatMap((line) => checkpointsIn(line))
        .map(({ size }) => size);
    expect(sizes(1)).toEqual(all.map(({ size }) => size));
    const lastOfDays = all.filter(({ at }, place) => dateAt(at) !== dateAt(all[place + 1]?.at ?? 0)).map(({ size }) => size);
    expect(lastOfDays).toHaveLength(3);
    expect(sizes(1_000_000)).toEqual(lastOfDays);
    const kept = sizes(150);
    expect(kept.length).toBeGreaterThan(lastOfDays.length);
    expect(kept.length).toBeLessThan(all.length);
    expect(Math.max(...kept.map((size, place) => size - (kept[place - 1] ?? 0)))).toBeLessThan(150 + 72);
    remove(some);
  });

  test('reads only, while the log is written, and has what was there when it began', () => {
    const log = openLog(
      place,
      clockAt(() => NOON + 10 * 86_400_000),
    );
    const before = log.last();
    const making = exportLog(place, { at: NOON });
    const lines = [String(making.next().value).slice(0, -1)];
    log.append(Array.from({ length: 100 }, (_, n) => stage(someEntry(2_000_000 + n, NOON + 10 * 86_400_000))));
    let next = making.next();
    for (; next.done !== true; next = making.next()) lines.push(next.value.slice(0, -1));
    expect([codes(read(lines)), next.value.entries, next.value.faults]).toEqual([[], before + 1, []]);
    log.close();
  });

  test('against a key that is not the log’s, or a checkpoint of a log that is not there, does not verify', async () => {
    const other = await makeJournal({ sizes: [80] });
    const [{ lines }, theirs] = [exported(place), exported(other)];
    const key = String(JSON.parse(theirs.lines[1] ?? '').log.key);
    const own = String(JSON.parse(lines[1] ?? '').log.key);
    expect(codes(read(lines, { keys: [key] }))).toEqual(['key-stranger']);
    expect(codes(read(lines, { keys: [`${own.split('+')[0]}+${key.split('+').slice(1).join('+')}`] }))).toEqual(['key-other']);
    expect(codes(read(lines, { checkpoints: held(theirs.newest.note) }))).toEqual(['outside-stranger']);
    const [forged = ''] = exported(place).newest.note.split('\n— ');
    const signature = theirs.newest.note.split('\n— ')[1]?.split(' ')[1];
    const origin = forged.split('\n')[0];
    expect(codes(read(lines, { checkpoints: held(`${forged}\n— ${origin} ${signature}`) }))).toEqual(['outside-signature']);
    remove(other);
  });

  test('of a log that has just begun anew verifies, before and after its first entry', async () => {
    const other = await makeJournal({ sizes: [90] });
    const older = exported(other).newest.note;
    beginNewLog(other.file);
    // Nobody has opened it, so no key is its own yet: the end is signed by the log before.
    const made = exported(other);
    expect([codes(read(made.lines, { checkpoints: held(older) })), made.exported.logs, made.exported.entries]).toEqual([[], 2, 90]);
    openLog(
      other,
      clockAt(() => NOON),
    ).close();
    expect(codes(read(exported(other).lines, { checkpoints: held(older) }))).toEqual([]);
    remove(other);
  });

  test('is refused when the key is not the one that signs the log, or the file proves nothing yet', async () => {
    const [one, two] = [await makeJournal({ sizes: [70] }), await makeJournal({ sizes: [70] })];
    expect(() => exported({ ...one, keysDir: two.keysDir })).toThrow(ExportRefused);
    tamper(one, (db) => db.pragma('user_version = 2'));
    expect(() => exported(one)).toThrow(/old/);
    for (const each of [one, two]) remove(each);
  });

  test('of any log verifies, against each of its checkpoints', async () => {
    const number = numbersFrom(3);
    for (let round = 0; round < 4; round += 1) {
      const sizes = Array.from({ length: 1 + number(3) }, () => 1 + number([3, 70, 300][number(3)] ?? 3));
      const some = await makeJournal({ sizes, days: 1 + number(6), destroyDays: number(5), batch: 1 + number(70) }, number(3));
      const proofs = openProofs(some.file);
      const notes = proofs.logs().flatMap(({ origin }) => proofs.after(origin, 0, 10_000).map(({ note }) => note));
      proofs.close();
      const { lines } = exported(some, { at: NOON, every: 1 + number(200) });
      expect(codes(read(lines, { checkpoints: held(notes.join('\n')) })), `sizes ${sizes.join()}`).toEqual([]);
      remove(some);
    }
  });
});

describe('the bytes of a file', () => {
  const bytes = (text: string): Buffer => Buffer.from(text);
  const text = (): string => `${exported(place).lines.join('\n')}\n`;
  const pieces = (whole: Buffer, size: number): Buffer[] => Array.from({ length: Math.ceil(whole.length / size) }, (_, at) => whole.subarray(at * size, (at + 1) * size));

  test('may come in pieces of any length', async () => {
    for (const size of [7, 100, 65_536]) expect(codes(await verifyExport(pieces(bytes(text()), size)))).toEqual([]);
  });

  test.each([
    ['no last line feed', (whole: string) => bytes(whole.slice(0, -1)), 'torn'],
    ['a byte that is not UTF-8', (whole: string) => Buffer.concat([bytes(whole.slice(0, 5000)), Buffer.of(0xff), bytes(whole.slice(5000))]), 'utf8'],
    ['a mark of its byte order', (whole: string) => bytes(`\uFEFF${whole}`), 'header'],
    ['line ends of another system', (whole: string) => bytes(whole.replaceAll('\n', '\r\n')), 'line'],
    ['a line without end', (whole: string) => bytes(`${whole.slice(0, 3000)}${'x'.repeat(200_000)}`), 'long-line'],
    ['something behind its end', (whole: string) => bytes(`${whole}\n`), 'after-end'],
    ['nothing in it', () => bytes(''), 'end-missing'],
    ['half of it', (whole: string) => bytes(whole.slice(0, whole.length / 2)), 'end-missing'],
  ])('with %s do not verify', async (_, change, code) => {
    expect(codes(await verifyExport(pieces(change(text()), 50_000)))).toContain(code);
  });
});

describe('a checkpoint from outside', () => {
  test('is found in a note, a mail, a line of JSON, an evidence file', () => {
    const { newest } = exported(place);
    for (const form of [
      newest.note,
      newest.note.trimEnd(),
      `Dear all,\r\n${newest.note.replaceAll('\n', '\r\n')}\r\nbye`,
      JSON.stringify({ note: newest.note }),
      `{"a":1}\n${JSON.stringify({ deep: [{ note: newest.note }] })}\n`,
    ])
      expect(checkpointsIn(form).map(({ size, origin }) => [size, origin])).toEqual([[newest.size, newest.origin]]);
    expect(checkpointsIn('nothing')).toEqual([]);
    expect(checkpointsIn(newest.note + newest.note)).toHaveLength(2);
  });
});
