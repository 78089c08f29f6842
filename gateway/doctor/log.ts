import { existsSync } from 'node:fs';
import path from 'node:path';
import { openProofs, type Proofs } from '../journal/proofs.ts';
import { isSignedBy } from '../journal/signing.ts';
import { said } from '../patience.ts';
import { parseCheckpoint } from '../wire/checkpoint.ts';
import { type Finding, trouble, well } from './finding.ts';

/** The newest signed checkpoint against the log as it is now. */
export interface LogFacts {
  readonly problem: string | undefined;
  readonly checkpoint:
    | {
        readonly size: number;
        /** Epoch ms. */
        readonly at: number;
        readonly rootAgrees: boolean;
        readonly signed: boolean;
      }
    | undefined;
}

/** The public key in a verifier key of the C2SP form: `origin+id+base64(01 ‖ key)`; a plus may stand in the base64 too. */
const publicKeyIn = (verifier: string): Buffer => Buffer.from(verifier.split('+').slice(2).join('+'), 'base64').subarray(1);

/** Root and signature of the newest checkpoint, computed anew. Throws what the database says. */
function newestOf(proofs: Proofs): LogFacts['checkpoint'] {
  const newest = proofs.newest();
  if (newest === undefined) return undefined;
  const { size, at, origin, root, note } = newest;
  const key = proofs.logs().find((log) => log.origin === origin)?.key;
  const signed = key !== undefined && isSignedBy(parseCheckpoint(note), publicKeyIn(key));
  return { size, at, signed, rootAgrees: Buffer.compare(proofs.rootAt(origin, size), root) === 0 };
}

/** Looks at the log of a data directory. */
export function logFacts(data: string): LogFacts {
  const file = path.join(data, 'journal.sqlite');
  if (!existsSync(file)) return { problem: undefined, checkpoint: undefined };
  try {
    const proofs = openProofs(file);
    try {
      return { problem: undefined, checkpoint: newestOf(proofs) };
    } finally {
      proofs.close();
    }
  } catch (error) {
    return { problem: said(error), checkpoint: undefined };
  }
}

const KEEP = {
  zh: '保留现场，不要再写；用 export-log 和 docs/verify.mjs 查出是哪一条',
  en: 'Keep everything as it is; export-log and docs/verify.mjs find the entry',
};

/** The log has the root its newest checkpoint signs. */
export function judgeLog({ problem, checkpoint }: LogFacts): Finding {
  if (problem !== undefined) return trouble('fail', { zh: `记录簿查不了：${problem}`, en: `The log cannot be checked: ${problem}` }, KEEP);
  if (checkpoint === undefined) return well('记录簿还没有检查点', 'The log has no checkpoint yet');
  const { size, rootAgrees, signed } = checkpoint;
  if (!rootAgrees)
    return trouble(
      'fail',
      { zh: `记录簿和前 ${size} 条的检查点对不上：被改过或缺了`, en: `The log does not agree with its checkpoint over ${size} entries: it was changed or cut` },
      KEEP,
    );
  if (!signed) return trouble('fail', { zh: '检查点的签名不对', en: 'The signature of the checkpoint is wrong' }, KEEP);
  return well(`记录簿和前 ${size} 条的签名检查点一致`, `The log agrees with its signed checkpoint over ${size} entries`);
}
