import { ALARM_WORDS } from '../alarm-words.ts';
import { COMMAND_WORDS, DOOR_RULE_WORDS } from './command-words.ts';
import { BACKUP_WORDS, RESTORE_WORDS, REVOCATION_WORDS } from './backup-words.ts';
import { HOME_WORDS } from './home-words.ts';
import { LINE_DOOR_WORDS, LINE_KEY_WORDS, LINE_WORDS } from './line-words.ts';
import { OFFICE_WORDS } from './office-words.ts';
import type { EventData, EntryKind } from '../journal/entry.ts';
import { type Sentence, sentence } from '../core/reasons.ts';
import { RIGHTS_WORDS } from './rights-words.ts';

/** What the journal's stable words say to a person, by kind of entry. Reasons of decisions have theirs in core/reasons.ts. */
type Words = Readonly<Record<string, Sentence>>;

const DOOR: Words = {
  exit: { zh: '有人从里面按了出门按钮。', en: 'Somebody left by the exit button.' },
  opened: { zh: '门打开了。', en: 'The door was opened.' },
  closed: { zh: '门关上了。', en: 'The door was closed.' },
  forced: { zh: '没人刷卡门就开了，请去看看。', en: 'The door was opened without being unlocked. Please check it.' },
  held: { zh: '门开着太久没关，请去关上。', en: 'The door has been open too long. Please close it.' },
  tamper: { zh: '设备外壳被打开，请去看看。', en: 'The case of the device was opened. Please check it.' },
  'power-lost': { zh: '停电了，门靠电池工作。', en: 'Mains power was lost; the door runs on its battery.' },
  'power-back': { zh: '来电了。', en: 'Mains power is back.' },
  fire: { zh: '消防信号：门已全部打开。', en: 'Fire signal: the door stands open.' },
  'tamper-end': { zh: '设备外壳盖好了。', en: 'The case of the device is closed again.' },
  'contact-fault': { zh: '门磁坏了或线断了，请维修。', en: 'The door contact is broken or its wire is cut. Please have it mended.' },
  'contact-back': { zh: '门磁正常了。', en: 'The door contact works again.' },
  'reader-lost': { zh: '读卡器没有反应，请维修。', en: 'The reader does not answer. Please have it mended.' },
  'reader-back': { zh: '读卡器正常了。', en: 'The reader answers again.' },
  'battery-low': { zh: '门的电池快没电了，请更换。', en: 'The battery of the door is low. Please replace it.' },
  'battery-back': { zh: '门的电池正常了。', en: 'The battery of the door is fine again.' },
  'fire-end': { zh: '消防信号结束，门恢复上锁。', en: 'The fire signal is over; the door locks again.' },
  'clock-jump': { zh: '门的时钟跳了一分钟以上，请核对网关的时间。', en: 'The clock of the door jumped by over a minute. Check the time of the gateway.' },
  'pin-tries': { zh: '密码连续错了五次。', en: 'A wrong PIN was entered five times in a row.' },
  duress: { zh: '有人可能被迫开门，请马上核实。', en: 'Somebody may have been forced to open the door. Check at once.' },
  lockdown: { zh: '门进入封闭。', en: 'The door is in lockdown.' },
  'lockdown-end': { zh: '门的封闭结束了。', en: 'The lockdown of the door is over.' },
  'duty-release': { zh: '值班卡结束了这扇门的封闭。', en: 'A duty card ended the lockdown at this door.' },
  'first-in': { zh: '今天第一张卡刷过，门按时段敞开。', en: 'The first card of the hours was tapped; the door may stand open.' },
  hold: { zh: '门按时段敞开。', en: 'The door stands open by its hours.' },
  'hold-end': { zh: '敞开时段结束，门恢复上锁。', en: 'The open hours are over; the door locks again.' },
  settings: { zh: '门换了新的设置。', en: 'The door has new settings.' },
  ...LINE_DOOR_WORDS,
};

const LINK: Words = {
  online: { zh: '门连上了。', en: 'The door is connected.' },
  offline: { zh: '门断网了，按自己的名单开门。', en: 'The door is offline and goes by its own list.' },
  boot: { zh: '门控制器重新启动了。', en: 'The door controller started again.' },
  refused: { zh: '有设备想连进来，没有通过核对。', en: 'A device tried to connect and did not pass the check.' },
};

const REGISTER: Words = {
  import: { zh: '导入了一份租客名单。', en: 'A roster was imported.' },
  'building-added': { zh: '登记了一栋楼。', en: 'A building was added.' },
  'door-fitted': { zh: '装了一扇门，配了控制器。', en: 'A door was added, with its controller.' },
  'board-login': { zh: '给一扇门的 esp-rfid 板发了新密码。', en: 'The esp-rfid board of a door was given a new password.' },
  'code-made': { zh: '给一扇门的控制器发了装机码。', en: 'A code for the controller of a door was made.' },
  'controller-out': { zh: '停用了一扇门的控制器。', en: 'The controller of a door was taken out of service.' },
  'door-commissioned': { zh: '一扇门的验收单签了字。', en: 'The commissioning sheet of a door was signed.' },
  issue: { zh: '发了一张卡。', en: 'A card was issued.' },
  revoke: { zh: '收回或挂失了一张卡。', en: 'A card was withdrawn or reported lost.' },
  ...HOME_WORDS,
  ...DOOR_RULE_WORDS,
  ...LINE_WORDS,
  ...REVOCATION_WORDS,
};

const SYSTEM: Words = {
  ...ALARM_WORDS,
  ...RESTORE_WORDS,
  started: { zh: '网关启动了。', en: 'The gateway started.' },
  stopped: { zh: '网关停止了。', en: 'The gateway stopped.' },
  'log-started': { zh: '开始了新的记录簿。', en: 'A new log was begun.' },
  erased: { zh: '这条记录过了保存期，内容已销毁。', en: 'The contents of this entry were destroyed after their time.' },
  alarm: { zh: '网关有告警，请管理员查看。', en: 'The gateway raised an alarm. The administrator should look.' },
  conflict: { zh: '设备送来两份不同的记录，编号却一样。', en: 'A device sent two different records under one number.' },
  'key-reused': { zh: '设备重复用了一个编号，内容却不同，已拒绝。', en: 'A device used a number twice for different requests; the second was refused.' },
};

const AUDIT: Words = {
  'sign-in': { zh: '有人登录了。', en: 'Somebody signed in.' },
  'sign-out': { zh: '有人退出登录。', en: 'Somebody signed out.' },
  'sign-in-failed': { zh: '有人登录没有成功。', en: 'A sign-in failed.' },
  'set-up': { zh: '建立了第一个管理员账号。', en: 'The first administrator account was made.' },
  'door-alarm-acknowledged': { zh: '处理了一个门的告警。', en: 'An alarm of a door was acknowledged.' },
  viewed: { zh: '有人查看了一户的登记。', en: 'Somebody looked at the register of a home.' },
  'purpose-opened': { zh: '说明了用途，打开一段记录。', en: 'A purpose was stated, and a range of the log opened.' },
  'purpose-closed': { zh: '结束了一个用途。', en: 'A purpose was ended.' },
  'case-number': { zh: '补了案号。', en: 'A case number was supplied.' },
  'people-opened': { zh: '说明理由，从按户看到按人看。', en: 'A reason was given to go from homes to persons.' },
  'counts-viewed': { zh: '看了一栋楼按户的进出次数。', en: 'Openings of a building were looked at, counted by home.' },
  'log-queried': { zh: '查了一次出入记录。', en: 'The log was searched.' },
  'entries-viewed': { zh: '看了一个人的出入记录（姓名遮住）。', en: "Somebody's entries were looked at, his name masked." },
  revealed: { zh: '看了一个人的完整信息。', en: "A person's details were shown in full." },
  exported: { zh: '一个人的出入记录进了导出的文件。', en: "A person's entries went into an exported file." },
  'export-made': { zh: '导出了出入记录。', en: 'Entries were exported.' },
  'roster-exported': { zh: '一个人的登记进了导出的花名册。', en: "A person's registration went into an exported roster." },
  'roster-made': { zh: '导出了花名册。', en: 'A roster was exported.' },
  printed: { zh: '一个人的登记打印在纸上了。', en: "A person's registration was printed." },
  'sheet-printed': { zh: '打印了一户的登记表。', en: 'The form of a home was printed.' },
  'people-searched': { zh: '搜索了人员。', en: 'People were searched for.' },
  found: { zh: '搜索时看到了一个人（姓名遮住）。', en: 'A person was shown in a search, masked.' },
  ...RIGHTS_WORDS,
  ...OFFICE_WORDS,
  ...BACKUP_WORDS,
  ...LINE_KEY_WORDS,
  'log-fork-seen': { zh: '有浏览器手里的检查点和记录簿对不上，已告警。', en: 'A browser holds a checkpoint that the log does not agree with; an alarm was raised.' },
  'audit-read': { zh: '查阅审计时看到了一个人（姓名遮住）。', en: 'A person was shown in the audit log, masked.' },
};

const OUTCOME: Words = {
  opened: { zh: '门开过了。', en: 'The door was used.' },
  unopened: { zh: '锁开了，没有人推门。', en: 'The lock was released; nobody went through.' },
  unknown: { zh: '不知道门有没有打开。', en: 'It is not known whether the door was opened.' },
};
const NOT_EXECUTED: Sentence = { zh: '门没有照做。', en: 'The door did not act on the decision.' };
const BY_ITSELF: Sentence = { zh: '门断网时自己做的决定。', en: 'The door decided this by itself while offline.' };

const TABLES: Readonly<Record<Exclude<EntryKind, 'access' | 'outcome'>, { readonly words: Words; readonly other: Sentence }>> = {
  door: { words: DOOR, other: { zh: '门报来一件事。', en: 'The door reported something.' } },
  link: { words: LINK, other: { zh: '门的连接有变化。', en: 'The connection of the door changed.' } },
  command: { words: COMMAND_WORDS, other: { zh: '有人给门发了指令。', en: 'Somebody sent the door an order.' } },
  register: { words: REGISTER, other: { zh: '登记有变动。', en: 'The register changed.' } },
  system: { words: SYSTEM, other: { zh: '网关记下一件事。', en: 'The gateway noted something.' } },
  audit: { words: AUDIT, other: { zh: '有人查看了资料。', en: 'Somebody looked at records.' } },
};

function outcomeSentence({ granted, reason, final, what }: EventData): Sentence {
  if (final === 'not-executed') return NOT_EXECUTED;
  if (!granted && reason !== undefined) return sentence(reason);
  return OUTCOME[what ?? ''] ?? (final === 'local' ? BY_ITSELF : (OUTCOME['unknown'] ?? NOT_EXECUTED));
}

/** The sentence for an entry, in both languages; never a bare code. */
export function entrySentence(event: EventData): Sentence {
  if (event.kind === 'access') return sentence(event.reason ?? 'DEVICE_FAULT');
  if (event.kind === 'outcome') return outcomeSentence(event);
  const { words, other } = TABLES[event.kind];
  return words[event.what ?? ''] ?? other;
}

/** The stable words of audit entries that have a sentence of their own, for a filter. */
export const auditKinds = (): { code: string; words: Sentence }[] => Object.entries(AUDIT).map(([code, words]) => ({ code, words }));
