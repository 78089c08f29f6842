import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { NO_PERSON } from '../../../gateway/journal/entry.ts';
import { openLog } from '../../../gateway/journal/log.ts';
import { stage } from '../../../gateway/journal/packet.ts';
import { openReader } from '../../../gateway/journal/reader.ts';
import { plainEntry, tapEntry } from '../../journal/samples.ts';
import type { Random } from '../random.ts';
import { hold, type Opened, type Target } from '../target.ts';
import { temporaryFolder } from './folder.ts';

const ROOT = createHash('sha256').update('root of the fuzzed journal').digest();

/** A place in a file. */
interface Spot {
  readonly at: number;
  readonly length: number;
}

/** Where the sealed halves of entries lie in the file. */
function sealedSpots(file: string, bytes: Buffer): Spot[] {
  const db = new Database(file, { readonly: true });
  const rows = db.prepare<[], { event: Buffer; person: Buffer }>('SELECT event, person FROM entry').all();
  db.close();
  return rows.flatMap(({ event, person }) => [event, person]).map((half) => ({ at: bytes.indexOf(half), length: half.length }));
}

/** A closed log of twenty entries: the bytes of its file, its keys, and what each entry says. */
function original(): { readonly bytes: Buffer; readonly keys: string; readonly entries: readonly string[]; readonly spots: readonly Spot[] } {
  const dir = mkdtempSync(path.join(tmpdir(), 'doorbook-fuzz-journal-'));
  const place = { file: path.join(dir, 'journal.sqlite'), keysDir: path.join(dir, 'keys'), root: ROOT };
  const log = openLog(place);
  log.append(Array.from({ length: 20 }, (_, at) => stage(at % 5 === 4 ? plainEntry('x') : tapEntry(at + 1))));
  log.close();
  const reader = openReader(place);
  const entries = reader.since(-1, 100).map((entry) => JSON.stringify(entry));
  reader.close();
  const bytes = readFileSync(place.file);
  return { bytes, keys: place.keysDir, entries, spots: sealedSpots(place.file, bytes) };
}

const read = (place: { file: string; keysDir: string; root: Uint8Array }): string[] => {
  const reader = openReader(place);
  try {
    return reader.since(-1, 100).map((entry) => JSON.stringify(entry));
  } finally {
    reader.close();
  }
};

/** What the log and its database say when a file is no good: one sentence, by which a person knows the file. */
const isClear = (error: unknown): boolean => error instanceof Error && (error.name === 'SqliteError' || /^(journal|key slots|checkpoint)/.test(error.message));

/** The file, most often with one bit of a sealed half turned: chance alone seldom hits one. */
function damaged(random: Random): Buffer {
  const { bytes, spots } = kept();
  const spot = random.any(spots);
  if (spot === undefined || spot.at < 0 || random.oneIn(3)) return bytes;
  const copy = Buffer.from(bytes);
  const at = spot.at + random.below(spot.length);
  copy.writeUInt8(copy.readUInt8(at) ^ (1 << random.below(8)), at);
  return copy;
}

/** A damaged journal database: it opens and says only what was written, or it is refused with an error. */
export const journalFile: Target = {
  name: 'journal-file',
  covers: ['gateway/store/journal-store.ts', 'gateway/store/journal-view.ts', 'gateway/journal/log.ts', 'gateway/journal/reader.ts'],
  words: ['SQLite format 3\u0000', 'CREATE TABLE', 'entry', 'log'],
  longest: 2 ** 20,
  mostMs: 2000,
  make: damaged,
  open(): Opened {
    const folder = temporaryFolder();
    const { keys, entries } = kept();
    // A half that does not open says nothing: an entry about somebody becomes one about nobody, never about another.
    const nobody = entries.map((entry) => JSON.stringify({ ...JSON.parse(entry), person: NO_PERSON }));
    const known = new Set([...entries, ...nobody]);
    return {
      run(input) {
        folder.fill({ 'journal.sqlite': input });
        const place = { file: path.join(folder.path, 'journal.sqlite'), keysDir: path.join(folder.path, 'keys'), root: ROOT };
        cpSync(keys, place.keysDir, { recursive: true });
        try {
          for (const entry of read(place)) hold(known.has(entry), `an entry nobody wrote: ${entry}`);
          openLog(place).close();
          for (const entry of read(place)) hold(known.has(entry) || entry.includes('"log-started"'), `an entry nobody wrote: ${entry}`);
        } catch (error) {
          if (!isClear(error)) throw error;
        }
      },
      close() {
        folder.remove();
        rmSync(path.dirname(keys), { recursive: true, force: true });
        made = undefined;
      },
    };
  },
};

let made: ReturnType<typeof original> | undefined;
const kept = (): ReturnType<typeof original> => (made ??= original());
