import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type JournalClient, openJournal } from '../../gateway/journal/client.ts';
import { codeOf, mayPass } from '../../gateway/patience.ts';
import { plainEntry } from './samples.ts';

let dir: string;
let journal: JournalClient | undefined;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'doorbook-writer-'));
});
afterEach(async () => {
  await journal?.close();
  rmSync(dir, { recursive: true });
});
const open = (writer: string): Promise<JournalClient> =>
  openJournal({ file: path.join(dir, 'journal.sqlite'), keysDir: dir, root: new Uint8Array(32), writer: new URL(writer, import.meta.url) });

test('what a writer stored and signed and could not say any more is told when the next one is ready', async () => {
  journal = await open('./dying-writer.mjs');
  const told: string[] = [];
  journal.onDurable((index) => told.push(`durable ${index}`));
  journal.onCheckpoint(({ size }) => told.push(`checkpoint ${size}`));
  await expect(journal.append(plainEntry())).rejects.toThrow('being started again');
  expect(existsSync(path.join(dir, 'journal.sqlite.died'))).toBe(true);
  await vi.waitFor(() => expect(told).toEqual(['durable 3', 'checkpoint 4']), 5000);
  expect([journal.last(), journal.checkpoint()?.size, journal.status()]).toEqual([3, 4, 'ok']);
});

test('a writer that dies while the log is being opened is a trouble that may pass', async () => {
  const error: unknown = await open('data:text/javascript,process.exit(1)').catch((why: unknown) => why);
  expect([codeOf(error), mayPass(error)]).toEqual(['WRITER_ENDED', true]);
});
