import { setTimeout } from 'node:timers/promises';
import { KeyRotation } from '../http/schemas/keys.ts';
import type { Terminal } from './import-command.ts';
import { CommandFailed, type LocalGateway } from './local-gateway.ts';

const POLL_MS = 1000;

const WORDS = {
  zh: {
    before:
      '将换一套新密钥，把登记里的个人资料全部重新加密，换完后销毁旧密钥。门照常使用，随时可以中断，网关会接着做。\n注意：换完后，旧的登记备份打不开了，除非还留着当时的密钥文件夹。换完请重新备份登记和密钥文件夹。\n旧密钥从密钥文件里消失，但硬盘（尤其固态硬盘）和备份里可能还留有它的旧副本，这些要另行销毁。',
    question: '现在更换密钥吗？',
    declined: '没有更换。',
    began: '已开始。至少要一分多钟；现在关掉这个窗口也没关系。',
    rows: (rows: number) => `已重新加密 ${rows} 行……`,
    done: (key: number) => `完成。现用第 ${key} 号密钥，旧密钥已销毁。请马上备份登记和密钥文件夹。`,
    failed: '中途停下了，原因见网关的日志。旧密钥还在，资料都能读；排除原因后再运行一次，会接着做。',
  },
  en: {
    before:
      'New keys are made, all personal data in the register is sealed anew, and the old keys are destroyed. Doors go on; it may be interrupted at any time, the gateway takes it up again.\nNote: older backups of the register can then not be read any more, unless you keep the keys folder of their time. Make a new backup of register and keys folder afterwards.\nThe old keys go from the key files; blocks the disk has set free (on flash above all) and your backups may still hold them. Destroy those yourself.',
    question: 'Change the keys now?',
    declined: 'Nothing was changed.',
    began: 'Begun. It takes over a minute at least; closing this window does no harm.',
    rows: (rows: number) => `${rows} rows sealed anew …`,
    done: (key: number) => `Done. Key ${key} is in use, the old one is destroyed. Make a backup of register and keys folder now.`,
    failed: 'It stopped on the way; the gateway’s log says why. The old keys are still there and everything can be read. Run this again once the cause is gone: it goes on.',
  },
} as const;

/** Changes the keys of the register and waits until it is done. True when it was. `pollMs`: how often it asks. */
export async function rotateKeys(gateway: LocalGateway, { yes, pollMs = POLL_MS }: { readonly yes: boolean; readonly pollMs?: number }, terminal: Terminal): Promise<boolean> {
  const words = WORDS[terminal.language];
  terminal.say(words.before);
  if (!yes && terminal.confirm !== undefined && !(await terminal.confirm(words.question))) {
    terminal.say(words.declined);
    return false;
  }
  let status = await gateway.ask(KeyRotation, { method: 'POST', path: '/keys/rotate' });
  terminal.say(words.began);
  for (let told = 0; status.state === 'running'; status = await gateway.ask(KeyRotation, { method: 'GET', path: '/keys' })) {
    if (status.rows > told) terminal.say(words.rows(status.rows));
    told = status.rows;
    await setTimeout(pollMs);
  }
  if (status.state === 'failed') throw new CommandFailed(words.failed);
  terminal.say(words.done(status.key));
  return true;
}
