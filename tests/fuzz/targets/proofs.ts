import { endExport, evidenceReport, explain, exportReport, readLine, verifyEvidence, beginExport } from '../../../docs/verify.mjs';
import { BackupFailed, readKeysManifest, readManifest } from '../../../gateway/backup/manifest.ts';
import { openEvidence } from '../../../gateway/journal/evidence.ts';
import { openLog } from '../../../gateway/journal/log.ts';
import { stage } from '../../../gateway/journal/packet.ts';
import { clockAt, newPlace, NOON } from '../../journal/samples.ts';
import { exported, remove, someEntry } from '../../verify/logs.ts';
import { sometimesBent } from '../json.ts';
import { allowing, hold, type Opened, plain, type Target } from '../target.ts';
import { temporaryFolder } from './folder.ts';

/** The files a log of ninety entries gives out: its export, and evidence of three of them. */
function giveOut(): { readonly log: Buffer; readonly evidence: Buffer } {
  const place = newPlace();
  let now = NOON;
  const log = openLog(
    place,
    clockAt(() => now),
  );
  log.append(Array.from({ length: 89 }, (_, at) => stage(someEntry(at + 1, NOON + at))));
  now += 60_000;
  log.signIfDue();
  log.close();
  const text = `${exported(place).lines.join('\n')}\n`;
  const from = openEvidence(place);
  const { logs } = from.of([0, 3, 64], () => true);
  from.close();
  remove(place);
  const about = { by: '王警官', at: NOON, purpose: 'case', reason: '查案', filter: { door: 3 } };
  return { log: Buffer.from(text), evidence: Buffer.from(JSON.stringify({ doorbook: 'evidence/1', about, logs, said: [{ index: 3, kind: 'access', granted: true }] })) };
}

let given: ReturnType<typeof giveOut> | undefined;
const files = (): ReturnType<typeof giveOut> => (given ??= giveOut());

/** A log export at the verifier: whatever it is, there is a verdict in words; good is only what was given out, byte for byte. */
export const logExport: Target = {
  name: 'log-export',
  covers: ['docs/verify.mjs'],
  words: ['{"log":', '{"checkpoint":', '{"end":', '{"fault":', '\n', '"first":0', '"at":1e999', 'null', '{"entry":[', '— ', '"__proto__":{}'],
  longest: 2 ** 16,
  make(random) {
    const lines = files().log.toString('utf8').split('\n');
    const at = random.below(lines.length);
    return Buffer.from(lines.with(at, sometimesBent(Buffer.from(lines[at] ?? ''), random).toString('utf8')).join('\n'));
  },
  open: plain((input) => {
    const state = beginExport();
    for (const line of input.toString('utf8').split('\n').slice(0, -1)) readLine(state, line);
    const good = endExport(state);
    for (const language of ['zh', 'en'] as const) hold(exportReport(state, { language, seconds: 1 }) !== '', 'no words');
    for (const fault of state.faults.list) hold(explain(fault, 'en') !== '' && explain(fault, 'zh') !== '', 'a fault without words');
    hold(!good || input.subarray(0, files().log.length).equals(files().log), 'a changed export verifies');
  }),
};

/** An evidence file at the verifier: as the export; spaces aside it is good only as it was given out. */
export const evidence: Target = {
  name: 'evidence',
  covers: ['docs/verify.mjs'],
  words: ['"logs":[', '"said":[', '"index":3', '"proof":[', 'null', '1e999', '"__proto__":{}', '[]', '{}'],
  longest: 2 ** 16,
  make: (random) => sometimesBent(files().evidence, random),
  open: plain((input) => {
    const state = verifyEvidence(input.toString('utf8'));
    for (const language of ['zh', 'en'] as const) hold(evidenceReport(state, {}, language) !== '', 'no words');
    for (const fault of state.faults.list) hold(explain(fault, 'en') !== '' && explain(fault, 'zh') !== '', 'a fault without words');
  }),
};

const FORMAT = { site: '00112233', at: NOON, files: [{ name: 'register.sqlite', bytes: 4096, sha256: 'ab'.repeat(32) }] };
const MANIFESTS = [
  { format: 'doorbook-backup-keys/1', ...FORMAT },
  {
    format: 'doorbook-backup/1',
    ...FORMAT,
    register: { n: 7, schema: '0001', people: 3, credentials: 2 },
    journal: { last: 9, origin: `doorbook/log/${'ab'.repeat(16)}`, size: 10, root: 'A'.repeat(44), checkpoint: null },
    listEpoch: 1,
    vaultKey: 1,
  },
].map((manifest) => Buffer.from(JSON.stringify(manifest)));

/** What lies beside a backup: read in its form, or refused in one sentence. */
export const manifest: Target = {
  name: 'manifest',
  covers: ['gateway/backup/manifest.ts'],
  words: ['"format"', '"files":[]', '"name":"../x"', '"sha256"', 'null', '1e999', '"__proto__"', '[]', '{}'],
  mostMs: 100,
  make: (random) => sometimesBent(random.any(MANIFESTS) ?? Buffer.alloc(0), random),
  open(): Opened {
    const folder = temporaryFolder();
    return {
      run(input) {
        folder.fill({ 'manifest.json': input });
        for (const read of [readManifest, readKeysManifest]) {
          const found = allowing([BackupFailed], () => read(folder.path));
          for (const { name } of found?.files ?? []) hold(/^[a-z0-9.-]+$/.test(name), `a file of this name would be read: ${name}`);
        }
      },
      close: folder.remove,
    };
  },
};
