import type { Sentence } from './core/reasons.ts';

/** What each alarm of the gateway itself says to the person who runs it: what is so, and what to do. */
export const ALARM_WORDS = {
  'disk-80': { zh: '硬盘已用 80% 以上。请腾出空间，或换更大的盘。', en: 'The disk is over 80 % full. Make room, or move to a larger one.' },
  'disk-95': { zh: '硬盘已用 95% 以上，记录很快就存不下了。请马上腾出空间。', en: 'The disk is over 95 % full; soon nothing more can be stored. Make room now.' },
  'disk-full': { zh: '硬盘满了，正在用预留空间。请马上腾出空间。', en: 'The disk is full and the reserve is in use. Make room now.' },
  'storage-failing': { zh: '记录簿写不进去，门按自己的名单开。请检查硬盘。', en: 'The log cannot be written; doors go by their own lists. Check the disk.' },
  stalled: { zh: '硬盘没有反应，记录簿在等它。请检查硬盘。', en: 'The disk does not answer and the log waits for it. Check the disk.' },
  'wal-large': {
    zh: '记录簿的临时文件越来越大，有程序一直在读。请关掉它，或重启网关。',
    en: 'The temporary file of the log keeps growing: a program goes on reading. Close it, or restart the gateway.',
  },
  'writer-ended': {
    zh: '写记录的部分停了，正在重新启动。常常这样请看日志。',
    en: 'The part that writes the log ended and is being started again. If it happens often, look at the log file.',
  },
  'log-forked': {
    zh: '记录簿和以前签过的检查点对不上，可能被改过或截短。请保留现场，查明原因。',
    en: 'The log does not agree with an earlier signed checkpoint: it may have been changed or cut. Keep everything as it is and find out why.',
  },
  'log-lost': {
    zh: '恢复备份时丢了一部分记录，外面有人存着它们的检查点。请找回更新的备份，或记下丢了哪些。',
    en: 'A restore lost entries of which somebody outside holds a checkpoint. Find a newer backup, or write down what is missing.',
  },
  'keys-lost': {
    zh: '最近的一些记录打不开了：它们的密钥不在了。请用备份恢复密钥文件夹。',
    en: 'Some of the newest entries cannot be opened: their keys are gone. Restore the folder of keys from a backup.',
  },
  'entry-damaged': {
    zh: '有记录打不开：硬盘上的内容变了。请保留现场，用备份核对，再检查硬盘。哪几条见日志。',
    en: 'An entry does not open: what is on the disk has changed. Keep everything as it is, compare with a backup, check the disk. The log file names the entries.',
  },
  'log-waiting': { zh: '记录簿打不开，门按自己的名单开，网关一直在重试。', en: 'The log cannot be opened; doors go by their own lists and the gateway keeps trying.' },
  'register-waiting': { zh: '登记库打不开或被别的程序占用，网关一直在重试。', en: 'The register cannot be opened or another program holds it; the gateway keeps trying.' },
  'register-older': {
    zh: '登记库比以前的旧，像是换成了旧的备份。该停的卡已按记录簿重新停用，请查明原因。',
    en: 'The register is older than it was, as if an old copy had been put in its place. What the log says was stopped is stopped again. Find out why.',
  },
  'register-unread': {
    zh: '登记库读不出来，门按已知的登记开，网关一直在重试。请检查硬盘。',
    en: 'The register cannot be read; doors go by what is known and the gateway keeps trying. Check the disk.',
  },
  'mqtt-port': {
    zh: '门控制器用的端口被占用，门按自己的名单开。请停掉占用的程序。',
    en: 'The port for door controllers is in use by another program; doors go by their own lists. Stop that program.',
  },
  'console-port': {
    zh: '网页用的端口打不开，网页暂时打不开，门照常。请停掉占用的程序。',
    en: 'The port for the console cannot be opened; doors go on. Stop the program that has it.',
  },
  'desk-ended': {
    zh: '网页部分停了，正在重新启动，门照常。常常这样请看日志。',
    en: 'The part behind the console ended and is being started again; doors go on. If it happens often, look at the log file.',
  },
  'lists-ended': {
    zh: '做门禁名单的部分停了，正在重新启动，门先用手上的名单。',
    en: 'The part that makes access lists ended and is being started again; doors keep the list they have.',
  },
  'clock-jump': {
    zh: '这台电脑的时间跳了 5 分钟以上。请核对时间和自动校时。',
    en: 'The clock of this computer jumped by more than 5 minutes. Check the time and its time service.',
  },
  'backup-overdue': { zh: '八天没有备份了。请运行：npm run doorbook -- backup 目录', en: 'There has been no backup for eight days. Run: npm run doorbook -- backup DIR' },
  'backup-failed': { zh: '上一次备份没有成功。请再备份一次，看看是什么原因。', en: 'The last backup failed. Make another, and see why.' },
  'code-refused': {
    zh: '有控制器用了作废、过期或别处的装机码，已拒绝。不是您在装，就去门口看看。',
    en: 'A controller came with a code that was used, has run out or is not from here, and was refused. If nobody is fitting one, look at the door.',
  },
  'decision-failed': { zh: '有一次开门判断出错，已拒绝。请看日志并告诉我们。', en: 'A door decision failed and was refused. Look at the log file and tell us.' },
  'key-reused': { zh: '有控制器重复用了一个编号。请检查那台控制器。', en: 'A controller used a number twice. Check that controller.' },
} as const satisfies Readonly<Record<string, Sentence>>;

/** Name of an alarm. */
export type AlarmKind = keyof typeof ALARM_WORDS;

/** True when a word from outside names an alarm. */
export const isAlarmKind = (word: string): word is AlarmKind => Object.hasOwn(ALARM_WORDS, word);
