import { tmpdir } from 'node:os';
import path from 'node:path';
import { rehearse, restoreBackup, type Restored } from '../backup/restore.ts';
import { timeAt } from '../core/local-date.ts';
import { folderFrom, plainly } from './backup-command.ts';
import type { CommandPlace } from './command.ts';
import type { Terminal } from './import-command.ts';

/** What the person asked for. */
export interface RestoreOptions {
  readonly dir: string;
  readonly keysDir: string | undefined;
  readonly replace: boolean;
}

const WORDS = {
  zh: {
    finished: '上次的恢复被打断了，现在已经做完。可以启动网关了。',
    done: (folder: string, at: number) => `已恢复 ${folder}（${timeAt(at)} 的备份）。`,
    kept: '现有的记录簿完好，而且比备份的新，保留不动；只换了登记库。',
    renewed: '记录簿来自备份，网关启动后会开始新的一本，并引用原来的。',
    why: (why: string) => `现有的记录簿没有保留：${why}`,
    aside: (folder: string) => `原来的数据没有删，移到了 ${folder}。确认一切正常后再自己删掉。`,
    next: '现在启动网关。备份之后停用的卡和租约，网关会按记录簿重新停用；所有人要重新登录，没用过的邀请链接作废。备份之后新登记的人和卡要重新登记。',
    rehearsed: (folder: string, at: number) => `试过了，能恢复：${folder}（${timeAt(at)} 的备份）。`,
    counts: (people: number, credentials: number, entries: number) => `登记 ${people} 人、${credentials} 张卡，记录 ${entries} 条，都能打开，记录簿核对无误。试用的副本已删除。`,
  },
  en: {
    finished: 'An earlier restore had been interrupted; it is finished now. Start the gateway.',
    done: (folder: string, at: number) => `Restored ${folder} (backup of ${timeAt(at)}).`,
    kept: 'The log that is here is whole and newer than the backup, so it stays; only the register was replaced.',
    renewed: 'The log comes from the backup; once the gateway starts a new one begins, which cites it.',
    why: (why: string) => `The log that was here was not kept: ${why}`,
    aside: (folder: string) => `What was here is not deleted; it lies in ${folder}. Remove it yourself once all is well.`,
    next: 'Start the gateway now. What the log says was stopped after the backup is stopped again; everybody signs in anew, links not used yet are void. Whom and what was registered after the backup must be registered again.',
    rehearsed: (folder: string, at: number) => `Rehearsed: ${folder} (backup of ${timeAt(at)}) can be restored.`,
    counts: (people: number, credentials: number, entries: number) =>
      `${people} people, ${credentials} cards and ${entries} log entries; everything opens and the log agrees with its checkpoints. The rehearsal’s copy is removed.`,
  },
} as const;

function restored(wish: Parameters<typeof restoreBackup>[0]): Restored {
  try {
    return restoreBackup(wish, Date.now());
  } catch (error) {
    return plainly(error);
  }
}

/** Puts a backup back. True when it was. */
export async function restore({ data }: CommandPlace, { dir, keysDir, replace }: RestoreOptions, { say, language }: Terminal): Promise<boolean> {
  const words = WORDS[language];
  const { begun, folder, manifest, journal, why, aside } = restored({ data, dir: folderFrom(dir), keysDir: keysDir && folderFrom(keysDir), replace });
  if (!begun) {
    say(words.finished);
    return true;
  }
  say(words.done(folder, manifest?.at ?? 0));
  say(journal === 'kept' ? words.kept : words.renewed);
  if (why !== undefined) say(words.why(why));
  if (aside !== undefined) say(words.aside(aside));
  say(words.next);
  return true;
}

/** Restores into a folder of its own and looks whether everything is there. True when it is. */
export async function rehearseRestore(_place: CommandPlace, { dir, keysDir }: Omit<RestoreOptions, 'replace'>, { say, language }: Terminal): Promise<boolean> {
  const words = WORDS[language];
  try {
    const scratch = path.join(tmpdir(), `doorbook-rehearsal-${process.pid}`);
    const { folder, manifest, people, credentials, entries } = rehearse({ dir: folderFrom(dir), keysDir: keysDir && folderFrom(keysDir) }, scratch, Date.now());
    say(words.rehearsed(folder, manifest.at));
    say(words.counts(people, credentials, entries));
    return true;
  } catch (error) {
    return plainly(error);
  }
}
