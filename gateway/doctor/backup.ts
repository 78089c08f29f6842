import type { LastBackup } from '../http/schemas/backups.ts';
import { backupState, OVERDUE_DAYS } from '../machine/backups.ts';
import { bytes, type Finding, trouble, well } from './finding.ts';

/** The newest backup, and since when there is anything to back up; epoch ms. */
export interface BackupFacts {
  readonly now: number;
  readonly last: LastBackup | undefined;
  readonly since: number | undefined;
  readonly demo: boolean;
}

const DAY_MS = 86_400_000;
const MAKE = { zh: 'npm run doorbook -- backup 目录', en: 'npm run doorbook -- backup DIR' };

/** A backup not older than eight days, and one that succeeded. */
export function judgeBackup({ now, last, since, demo }: BackupFacts): Finding {
  if (demo) return well('演示楼：不用备份', 'Demo building: nothing to back up');
  const days = last === undefined ? 0 : Math.max(0, Math.floor((now - last.at) / DAY_MS));
  switch (backupState(last, since, now)) {
    case 'failed':
      return trouble(
        'fail',
        {
          zh: `上一次备份（${days} 天前）没有成功${last?.error === undefined ? '' : `：${last.error}`}`,
          en: `The last backup, ${days} days ago, failed${last?.error === undefined ? '' : `: ${last.error}`}`,
        },
        MAKE,
      );
    case 'old':
      return trouble('warn', { zh: `上一次备份是 ${days} 天前`, en: `The last backup is ${days} days old` }, MAKE);
    case 'none':
      return trouble('warn', { zh: '还没有备份过', en: 'There is no backup yet' }, MAKE);
    case 'fresh':
      if (last === undefined) return well(`还没有备份；头 ${OVERDUE_DAYS} 天里请做一次`, `No backup yet; make one within the first ${OVERDUE_DAYS} days`);
      return well(`${days} 天前备份过，${bytes(last.bytes)}，在 ${last.dir}`, `Backed up ${days} days ago, ${bytes(last.bytes)}, in ${last.dir}`);
  }
}
