import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCheckpointCopies } from '../../gateway/exchange/checkpoint-copies.ts';
import { witnessAt } from '../../gateway/exchange/witness.ts';
import { type Log, type LogPlace, openLog } from '../../gateway/journal/log.ts';
import { beginNewLog } from '../../gateway/journal/new-log.ts';
import { stage } from '../../gateway/journal/packet.ts';
import { openProofs, type Proofs } from '../../gateway/journal/proofs.ts';
import { parseCheckpoint } from '../../gateway/wire/checkpoint.ts';
import { newPlace, tapEntry } from '../journal/samples.ts';

const WITNESS = new URL('../../docs/witness.mjs', import.meta.url).pathname;
let place: LogPlace;
let dir: string;
let log: Log;
let proofs: Proofs;
let child: ChildProcess | undefined;
let said: string[];
let problems: string[];

const write = (count: number): void => {
  const from = log.last() + 1;
  log.append(Array.from({ length: count }, (_, n) => stage(tapEntry(from + n))));
};
const disagrees = (what: string, detail: string): void => void said.push(`${what}: ${detail}`);
const report = (error: unknown, where: string): void => void problems.push(`${where}: ${String(error)}`);

/** A witness in a process of its own; its address. */
async function startWitness(): Promise<string> {
  child = spawn(process.execPath, [WITNESS, '--dir', join(dir, 'witness'), '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const chunk of child.stdout ?? []) {
    const [, url] = /on (http:\S+),/.exec(String(chunk)) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error('the witness did not start');
}

const copies = (files: readonly string[], url?: string) =>
  createCheckpointCopies({ proofs, files, witness: url === undefined ? undefined : witnessAt(url, proofs, fetch), disagrees, report });

/** The log as it is now, put aside and put back later: what an insider or a bad disk would do. */
function keepAside(): void {
  proofs.close();
  log.close();
  copyFileSync(place.file, `${place.file}.old`);
  log = openLog(place);
  proofs = openProofs(place.file);
}

function putBack(): void {
  proofs.close();
  log.close();
  for (const ending of ['-wal', '-shm']) rmSync(`${place.file}${ending}`, { force: true });
  copyFileSync(`${place.file}.old`, place.file);
  log = openLog(place);
  proofs = openProofs(place.file);
}

beforeEach(() => {
  place = newPlace();
  dir = dirname(place.file);
  log = openLog(place);
  proofs = openProofs(place.file);
  [said, problems] = [[], []];
});
afterEach(() => {
  child?.kill();
  child = undefined;
  proofs.close();
  log.close();
  rmSync(dir, { recursive: true, force: true });
});

describe('copies in files', () => {
  test('hold the newest checkpoint, whole, and each newer one', async () => {
    const file = join(dir, 'elsewhere', 'checkpoint.txt');
    const copy = copies([file]);
    await copy.tick();
    expect(existsSync(file)).toBe(false);
    write(70);
    await copy.tick();
    expect(readFileSync(file, 'utf8')).toBe(log.checkpoint()?.note);
    write(70);
    await copy.tick();
    expect(parseCheckpoint(readFileSync(file, 'utf8')).size).toBe(141);
    expect([said, problems]).toEqual([[], []]);
  });

  test('from before say that the log was cut, and are kept', async () => {
    const file = join(dir, 'checkpoint.txt');
    write(70);
    keepAside();
    write(70);
    await copies([file]).tick();
    const note = readFileSync(file, 'utf8');
    putBack();
    await copies([file]).tick();
    expect(said).toEqual([expect.stringContaining('log-forked')]);
    expect(said[0]).toContain('over 141 entries');
    expect(readFileSync(`${file}.disagrees`, 'utf8')).toBe(note);
    expect(parseCheckpoint(readFileSync(file, 'utf8')).size).toBe(71);
  });

  test('from before a restore say that entries were lost', async () => {
    const file = join(dir, 'checkpoint.txt');
    write(70);
    keepAside();
    write(70);
    await copies([file]).tick();
    putBack();
    log.close();
    beginNewLog(place.file);
    log = openLog(place);
    write(70);
    await copies([file]).tick();
    expect(said).toEqual([expect.stringContaining('log-lost')]);
  });

  test('a file of something else is replaced, and one that cannot be written is reported', async () => {
    const file = join(dir, 'checkpoint.txt');
    writeFileSync(file, 'something else');
    write(70);
    await copies([file, join(file, 'below', 'a-file.txt')]).tick();
    expect(readFileSync(file, 'utf8')).toBe(log.checkpoint()?.note);
    expect(problems).toEqual([expect.stringContaining('checkpoint copy')]);
  });
});

describe('a witness at an address', () => {
  test('takes each checkpoint that continues the last and signs for it; its signature is kept with the copy', async () => {
    const url = await startWitness();
    const file = join(dir, 'checkpoint.txt');
    const copy = copies([file], url);
    for (const count of [70, 70, 500]) {
      write(count);
      await copy.tick();
      const { size, signatures } = parseCheckpoint(readFileSync(file, 'utf8'));
      expect(size).toBe(log.checkpoint()?.size);
      expect(signatures.map(({ name }) => name)).toEqual([log.checkpoint()?.origin, 'doorbook-witness']);
    }
    // Somebody who does not remember what the witness has asks it.
    write(70);
    await copies([], url).tick();
    expect([said, problems]).toEqual([[], []]);
  });

  test('refuses a log that was cut, and one that was written anew, and says so once', async () => {
    const url = await startWitness();
    write(70);
    keepAside();
    write(140);
    await copies([], url).tick();
    putBack();
    const cut = copies([], url);
    await cut.tick();
    await cut.tick();
    expect(said).toEqual([expect.stringContaining('over 211 entries')]);
    write(300);
    await copies([], url).tick();
    expect(said[1]).toContain('does not begin the log here');
  });

  test('that another key signs for a log it knows is refused', async () => {
    const url = await startWitness();
    write(70);
    await copies([], url).tick();
    const [held] = proofs.logs();
    const newest = proofs.newest();
    const note = newest?.note ?? '';
    const forged = note.replace(/[A-Za-z0-9+/]{20}=\n$/, `${'A'.repeat(20)}=\n`);
    const answer = await fetch(`${url}/add-checkpoint`, { method: 'POST', body: `old 71\n\n${forged}`, headers: { 'doorbook-log-key': Buffer.alloc(32, 1).toString('base64') } });
    expect(answer.status).toBe(403);
    expect([held?.size, newest?.size]).toEqual([71, 71]);
  });

  test('that cannot be reached is reported, and shown the next one when it is there again', async () => {
    write(70);
    await copies([], 'http://127.0.0.1:9').tick();
    expect(problems).toEqual([expect.stringContaining('checkpoint witness')]);
    expect(said).toEqual([]);
  });

  test.each([
    ['', 400],
    ['old x\n\nnote', 400],
    ['old 5\n\ndoorbook/log/1\n', 400],
  ])('answers %j with %i', async (body, status) => {
    const url = await startWitness();
    expect((await fetch(`${url}/add-checkpoint`, { method: 'POST', body })).status).toBe(status);
  });
});
