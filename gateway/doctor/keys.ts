import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { rootOf } from '../journal/slot-file.ts';
import { slotPaths } from '../journal/slots.ts';
import { said } from '../patience.ts';
import { oneSealedName } from '../store/database-check.ts';
import { readKeys, readRoots } from '../store/keys.ts';
import { createVault } from '../store/vault.ts';
import { type Finding, trouble, well } from './finding.ts';

/** What the keys do. */
export interface KeyFacts {
  /** Why they cannot be read. */
  readonly problem: string | undefined;
  /** Files of which the two copies differ or one is missing. */
  readonly uneven: readonly string[];
  /** Does the root open the log's keys? Undefined: there are none yet. */
  readonly opensLog: boolean | undefined;
  /** Do they open a name of the register? Undefined: nobody is in it. */
  readonly opensRegister: boolean | undefined;
}

const MIRRORED = ['keys', 'root', 'checkpoint'];

function isUneven(dir: string, name: string): boolean {
  const [first, second] = [`${name}.json`, `${name}-mirror.json`].map((file) => path.join(dir, file));
  if (first === undefined || second === undefined) return false;
  const there = [first, second].filter((file) => existsSync(file));
  return there.length === 1 || (there.length === 2 && !readFileSync(first).equals(readFileSync(second)));
}

function opensLog(dir: string, root: Uint8Array): boolean | undefined {
  const files = slotPaths(dir).filter((file) => existsSync(file));
  const roots = readRoots(dir) ?? [root];
  return files.length === 0 ? undefined : files.some((file) => rootOf(readFileSync(file), roots) !== undefined);
}

function opensRegister(data: string, dir: string): boolean | undefined {
  const file = path.join(data, 'register.sqlite');
  const sealed = existsSync(file) ? oneSealedName(file) : undefined;
  if (sealed === undefined) return undefined;
  try {
    createVault(readKeys(dir)).open('person.name', sealed);
    return true;
  } catch {
    return false;
  }
}

/** Reads the keys without changing them and tries each kind. */
export function keyFacts(data: string): KeyFacts {
  const dir = path.join(data, 'keys');
  try {
    const { journalRoot } = readKeys(dir);
    return { problem: undefined, uneven: MIRRORED.filter((name) => isUneven(dir, name)), opensLog: opensLog(dir, journalRoot), opensRegister: opensRegister(data, dir) };
  } catch (error) {
    return { problem: said(error), uneven: [], opensLog: undefined, opensRegister: undefined };
  }
}

/** The keys are there, twice, and belong to what they lie beside. */
export function judgeKeys({ problem, uneven, opensLog, opensRegister }: KeyFacts): Finding[] {
  const restore = { zh: '从同一次备份恢复密钥和登记库', en: 'Restore keys and databases from the same backup' };
  if (problem !== undefined) return [trouble('fail', { zh: `密钥用不了：${problem}`, en: `The keys cannot be used: ${problem}` }, restore)];
  const findings: Finding[] = [];
  if (opensLog === false) findings.push(trouble('fail', { zh: '这套密钥打不开记录簿', en: 'These keys do not open the log' }, restore));
  if (opensRegister === false) findings.push(trouble('fail', { zh: '这套密钥打不开登记库', en: 'These keys do not open the register' }, restore));
  if (uneven.length > 0)
    findings.push(
      trouble(
        'warn',
        { zh: `密钥的两份不一样：${uneven.join('、')}`, en: `The two copies of a key file differ: ${uneven.join(', ')}` },
        { zh: '启动网关时会用好的一份补上', en: 'The next start of the gateway makes the other good from the better one' },
      ),
    );
  return findings.length > 0 ? findings : [well('密钥齐全，两份一致，打得开登记库和记录簿', 'Keys are there twice and open register and log')];
}
