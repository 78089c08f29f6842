import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EMPTY_FRONTIER, frontierRoot, withLeaf } from '../../gateway/core/merkle.ts';
import { leafHash } from '../../gateway/journal/leaf.ts';
import { sha256 } from '../../gateway/journal/sha256.ts';
import { noteSigner, publicKeyOf, signerOf, verifierKey } from '../../gateway/journal/signing.ts';
import { bounded, type Row } from './row.ts';

const ENTRIES = 1_000_000;
/** Checkpoints as they stand in an export. */
const EVERY = 1000;
const SECONDS = 30;
const MEGABYTES = 256;
/** This file is in dist/tests/bench/. */
const VERIFIER = fileURLToPath(new URL('../../../docs/verify.mjs', import.meta.url));
/** Loaded before it: says at the end how much memory was taken at most, in kB. */
const MEMORY = `data:text/javascript,${encodeURIComponent("process.on('exit', () => console.error(process.resourceUsage().maxRSS))")}`;

/** The lines of an export of one log, made without a journal: what is verified is the same. */
function* lines(): Generator<string> {
  const logId = randomBytes(16);
  const origin = `doorbook/log/${logId.toString('hex')}`;
  const [seed, noise] = [randomBytes(32), randomBytes(1 << 20)];
  const signer = signerOf(seed, origin);
  yield `${JSON.stringify({ doorbook: 'log-export/1', at: 0, logs: 1, entries: ENTRIES })}\n`;
  yield `${JSON.stringify({ log: { origin, logId: logId.toString('hex'), key: verifierKey(origin, publicKeyOf(seed)), first: 0, size: ENTRIES, cites: null } })}\n`;
  let frontier = EMPTY_FRONTIER;
  for (let index = 0; index < ENTRIES; index += 1) {
    const at = (index * 97) % 1_000_000;
    const [cEvent, cPerson] = [noise.subarray(at, at + 32), noise.subarray(at + 32, at + 64)];
    frontier = withLeaf(frontier, leafHash({ kind: 1, flags: 0, logId, index, cEvent, cPerson }), sha256);
    yield `[${index},1,0,"${cEvent.toString('base64')}","${cPerson.toString('base64')}","mm"]\n`;
    if ((index + 1) % EVERY !== 0) continue;
    const root = Buffer.from(frontierRoot(frontier, sha256)).toString('base64');
    yield `${JSON.stringify({ checkpoint: { at: 0, note: signer.sign({ origin, size: index + 1, root, cites: undefined }) } })}\n`;
  }
  // The end is signed over what was written: its three values are filled in by whoever writes.
  yield `${origin} ${seed.toString('hex')}`;
}

/** Writes the export and returns how many lines it has. */
function write(file: string): number {
  const handle = openSync(file, 'w');
  const digest = createHash('sha256');
  let [count, text] = [0, ''];
  for (const line of lines()) {
    if (line.endsWith('\n')) {
      digest.update(line);
      text += line;
      count += 1;
    } else {
      const [origin = '', seed = ''] = line.split(' ');
      const end = noteSigner(Buffer.from(seed, 'hex'), origin)(`doorbook/log-export/1\n${count}\n${digest.digest('base64')}\n${origin}\n`);
      text += `${JSON.stringify({ end })}\n`;
    }
    if (text.length < 1 << 20) continue;
    writeSync(handle, text);
    text = '';
  }
  writeSync(handle, text);
  closeSync(handle);
  return count;
}

/** The verifier as anybody runs it, over an export of 10^6 entries: seconds from start to end of its process, and its memory at most. */
export function verifyBench(): Row[] {
  const dir = mkdtempSync(join(tmpdir(), 'doorbook-bench-verify-'));
  const file = join(dir, 'log.export');
  try {
    write(file);
    const start = performance.now();
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', MEMORY, VERIFIER, file, '--lang', 'en'], { encoding: 'utf8' });
    const seconds = (performance.now() - start) / 1000;
    if (status !== 0) throw new Error(`bench: the export does not verify\n${stdout}${stderr}`);
    console.error(`  ${Math.round(ENTRIES / seconds).toLocaleString('en')} entries/s`);
    return [
      bounded('verify an export of 10^6 entries', { ours: seconds }, SECONDS, 's'),
      bounded('  memory of the verifier at most', { ours: Number(stderr.trim().split('\n').at(-1)) / 1024 }, MEGABYTES, 'MB'),
    ];
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
