import path from 'node:path';
import { type DatabaseName, databaseSize } from '../machine/wal.ts';
import { said } from '../patience.ts';
import { checkDatabase, type DatabaseReport } from '../store/database-check.ts';
import { newestJournalVersion } from '../store/journal-store.ts';
import { isCurrent } from '../store/migrate.ts';
import { bytes, type Finding, trouble, well } from './finding.ts';

/** What was found of one database. `problem`: it could not be opened, or its settings or schema are not ours. */
export interface DatabaseFacts {
  readonly name: DatabaseName;
  readonly report: DatabaseReport | undefined;
  readonly problem: string | undefined;
  /** Schema of this program; false: the next start brings it up to date. */
  readonly current: boolean;
  readonly file: number;
  readonly wal: number;
}

const LIMIT_MS = 20_000;
/** The writers cut it at 64 MB; over twice that something holds it. */
const LARGE_WAL = 128 * 1024 * 1024;
const NAMES: Readonly<Record<DatabaseName, { readonly zh: string; readonly en: string }>> = {
  register: { zh: '登记库', en: 'The register' },
  journal: { zh: '记录簿', en: 'The log' },
};

/** Opens and looks through a database, beside a running gateway or without one. */
export function databaseFacts(data: string, name: DatabaseName): DatabaseFacts {
  const file = path.join(data, `${name}.sqlite`);
  const size = databaseSize(data, name);
  try {
    const report = checkDatabase(file, { limitMs: LIMIT_MS });
    const current = report.state === 'missing' || (name === 'register' ? isCurrent(file) : report.version === newestJournalVersion());
    const newer = name === 'journal' && report.version > newestJournalVersion();
    return { name, report, current, problem: newer ? `${file} was used by a newer Doorbook. Start that version.` : undefined, ...size };
  } catch (error) {
    return { name, report: undefined, problem: said(error), current: false, ...size };
  }
}

const RESTORE = { zh: '从备份恢复：npm run doorbook -- restore 目录', en: 'Restore a backup: npm run doorbook -- restore DIR' };

/** Whole, with our settings, of our schema, and its write-ahead log not out of hand. */
export function judgeDatabase({ name, report, problem, current, file, wal }: DatabaseFacts): Finding[] {
  const { zh, en } = NAMES[name];
  if (problem !== undefined) return [trouble('fail', { zh: `${zh}打不开：${problem}`, en: `${en} cannot be used: ${problem}` }, { zh: '按上面说的做', en: 'Do what it says' })];
  if (report === undefined || report.state === 'missing')
    return [trouble('warn', { zh: `还没有${zh}`, en: `${en} does not exist yet` }, { zh: '第一次启动网关时会建', en: 'The first start of the gateway makes it' })];
  if (report.state === 'faulty') return [trouble('fail', { zh: `${zh}坏了：${report.faults[0]}`, en: `${en} is damaged: ${report.faults[0]}` }, RESTORE)];
  const part = report.state === 'partly' ? { zh: '（太大，只查了一部分）', en: ' (too large, looked at in part)' } : { zh: '', en: '' };
  const size = `${bytes(file)} + ${bytes(wal)}`;
  const findings = [well(`${zh}完好，设置正确，${size}${part.zh}`, `${en} is whole and safely set, ${size}${part.en}`)];
  if (!current)
    findings.push(
      trouble(
        'warn',
        { zh: `${zh}还是旧版的格式`, en: `${en} has the form of an earlier version` },
        { zh: '启动网关时会更新', en: 'The next start of the gateway brings it up to date' },
      ),
    );
  if (wal > LARGE_WAL)
    findings.push(
      trouble(
        'warn',
        { zh: `${zh}的临时文件有 ${bytes(wal)}，没有缩小`, en: `${en}’s write-ahead log has ${bytes(wal)} and does not shrink` },
        { zh: '关掉一直在读它的程序，或重启网关', en: 'Close what goes on reading it, or restart the gateway' },
      ),
    );
  return findings;
}
