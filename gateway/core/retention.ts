import { addDays, dateAt, DAY_MS, type LocalDate, startOfDay } from './local-date.ts';
import type { Sentence } from './reasons.ts';

/** Kinds of data that have a clock (domain.md 4.6), as far as this gateway keeps them. */
export const RETENTION_KINDS = [
  'entries',
  'unknownCredentials',
  'departed',
  'audit',
  'assessments',
  'purposes',
  'requests',
  'consents',
  'doorAlarms',
  'sheets',
  'imports',
  'outbox',
  'invitations',
  'sessions',
  'answers',
] as const;
/** One of `RETENTION_KINDS`. */
export type RetentionKind = (typeof RETENTION_KINDS)[number];

/** How long a kind of data is kept, within which borders, and what becomes of it. Days are whole, of 24 hours. */
export interface RetentionRule {
  readonly kind: RetentionKind;
  readonly name: Sentence;
  /** What happens when the time is over. */
  readonly after: Sentence;
  /** domain.md 4.6. */
  readonly usual: number;
  readonly least: number;
  readonly most: number;
  /** Why not shorter than `least` and not longer than `most`. */
  readonly law: Sentence;
  /** Choices offered beside the usual one. */
  readonly presets: readonly number[];
  /** Shorter than this sets a law aside; who does so has read `words`. */
  readonly warn: { readonly below: number; readonly words: Sentence } | undefined;
  /** Working copies that go by themselves; all else waits for a person. */
  readonly automatic: boolean;
  /** By a run of its own, together with the log's entries, or not at all. */
  readonly by: 'run' | 'entries' | 'kept';
}

const YEAR = 365;
const THREE_YEARS = 3 * YEAR;
const says = (zh: string, en: string): Sentence => ({ zh, en });
/** PIPL art. 19. */
const NO_LONGER = says('个人信息只保存到实现目的所必要的最短时间（《个人信息保护法》第十九条）。', 'Personal data is kept for the shortest time its purpose needs (PIPL art. 19).');
const THREE_YEARS_LAW = says(
  '影响评估报告和处理情况记录至少保存三年（《个人信息保护法》第五十六条）。',
  'Impact assessments and records of processing are kept for at least three years (PIPL art. 56).',
);
const DELETED = says('到期删除。', 'Deleted when the time is over.');

type Kept = Pick<RetentionRule, 'usual' | 'least' | 'most'>;
const worked = (kind: RetentionKind, name: Sentence, kept: Kept, after = DELETED): RetentionRule => ({
  kind,
  name,
  after,
  ...kept,
  law: NO_LONGER,
  presets: [],
  warn: undefined,
  automatic: true,
  by: 'run',
});
const recorded = (kind: RetentionKind, name: Sentence, after = DELETED): RetentionRule => ({
  kind,
  name,
  after,
  usual: THREE_YEARS,
  least: THREE_YEARS,
  most: 10 * YEAR,
  law: THREE_YEARS_LAW,
  presets: [],
  warn: undefined,
  automatic: false,
  by: 'run',
});

const RULES: readonly RetentionRule[] = [
  {
    kind: 'entries',
    name: says('出入记录', 'Door records'),
    after: says(
      '销毁当天的密钥：内容再也读不出来，记录的条数和先后仍能核对。',
      "The day's key is destroyed: the contents can never be read again, their number and order can still be proven.",
    ),
    usual: 184,
    least: 30,
    most: 2 * YEAR,
    law: says(
      '最短 30 天，够住户查自己的记录；最长两年，再长就超出目的所必要（《个人信息保护法》第十九条）。要留得更久，请按案件封存。',
      'At least 30 days, so that residents can check their own; at most two years, which is the shortest time the purpose needs (PIPL art. 19). To keep longer, hold it for a case.',
    ),
    presets: [30, 90, 184],
    warn: {
      below: 184,
      words: says(
        '少于 184 天，就不满足 GB 50396-2007 第 5.2.2 条（出入事件至少存 180 天）和《网络安全法》第二十一条（网络日志至少留存六个月）。只有确认这两条对本处不适用，才能缩短。',
        'Fewer than 184 days is less than GB 50396-2007 5.2.2 asks (events for at least 180 days) and the Cybersecurity Law art. 21 (network logs for at least six months). Shorten it only when both do not apply here.',
      ),
    },
    automatic: false,
    by: 'run',
  },
  {
    kind: 'unknownCredentials',
    name: says('不认识的卡', 'Unknown cards'),
    after: says(
      '卡的指纹只写在当次刷卡的记录里，随出入记录一起销毁；登记库里不另存。',
      'The fingerprint of such a card is only in the record of its tap and goes with it; the register keeps none.',
    ),
    usual: 184,
    least: 30,
    most: 2 * YEAR,
    law: NO_LONGER,
    presets: [],
    warn: undefined,
    automatic: false,
    by: 'entries',
  },
  {
    kind: 'departed',
    name: says('已搬走或离职的人', 'People who moved out or work here no more'),
    after: says(
      '匿名化：删去姓名、证件、电话、出生日期和检索词，停用账号，删去他的卡和在楼里工作的权限；只留“某时某房住过一人”。',
      'Anonymised: name, document, phone, date of birth and search terms go, the account is closed, cards and rights to work in a building are removed. What stays: that somebody lived there then.',
    ),
    usual: 2 * YEAR,
    least: 184,
    most: 5 * YEAR,
    law: says(
      '最短 184 天：出入记录要能说明是谁开的门，至少 180 天（GB 50396-2007 第 5.2.2 条）。两年是通行做法，地方另有规定的从其规定。',
      'At least 184 days: for 180 days a door record must say who opened (GB 50396-2007 5.2.2). Two years is the common practice; a local rule goes first.',
    ),
    presets: [184, YEAR, 2 * YEAR],
    warn: undefined,
    automatic: false,
    by: 'run',
  },
  {
    ...recorded(
      'audit',
      says('审计记录', 'Audit log'),
      says('封存，不销毁：密钥另存，出入记录销毁以后仍读得出来。', 'Archived, never destroyed: it has keys of its own and can be read when the door records are gone.'),
    ),
    by: 'kept',
  },
  recorded('assessments', says('影响评估', 'Impact assessments'), says('停用满期的评估删除；仍在用的一直保留。', 'Retired ones are deleted; those in use stay.')),
  recorded('purposes', says('查阅用途', 'Purposes of looking')),
  recorded('requests', says('个人信息申请', "People's requests"), says('答复满期后删除；没答复的一直保留。', 'Deleted after its time from the answer; open ones stay.')),
  recorded('consents', says('同意记录', 'Consents'), says('撤回满期后删除；有效的一直保留。', 'Deleted after its time from being withdrawn; those that stand stay.')),
  {
    kind: 'doorAlarms',
    name: says('处理过的门告警', 'Acknowledged alarms of doors'),
    after: says('连同处理时写的说明一起删除；没处理的、还没结束的一直保留。', 'Deleted with the note of whoever acknowledged them; open ones, and those that go on, stay.'),
    usual: 184,
    least: 184,
    most: 2 * YEAR,
    law: says(
      '最短 184 天：告警是出入事件，至少存 180 天（GB 50396-2007 第 5.2.2 条）。说明里可能写到人，最长两年（《个人信息保护法》第十九条）。要留得更久，请按案件封存。',
      'At least 184 days: alarms are events, kept for 180 (GB 50396-2007 5.2.2). A note may name people, so two years at most (PIPL art. 19). To keep longer, hold it for a case.',
    ),
    presets: [184, YEAR],
    warn: undefined,
    automatic: false,
    by: 'run',
  },
  {
    kind: 'sheets',
    name: says('被新版取代的门验收单', 'Replaced commissioning sheets of doors'),
    after: says(
      '旧版连同没有别处用到的照片一起删除；每扇门最新签字的一份和草稿一直保留。',
      'Deleted with photos nothing else uses; the newest signed one of each door and a draft stay.',
    ),
    usual: THREE_YEARS,
    least: THREE_YEARS,
    most: 10 * YEAR,
    law: says(
      '从被取代起至少三年：那时装得对不对，可能要对证（《民法典》第一百八十八条，诉讼时效三年）。上面有检验人和见证人的姓名，不宜更久（《个人信息保护法》第十九条）。',
      'At least three years from being replaced: how a door was fitted may have to be shown that long (Civil Code art. 188, three years to claim). It names who tested and who witnessed, so no longer than needed (PIPL art. 19).',
    ),
    presets: [],
    warn: undefined,
    automatic: false,
    by: 'run',
  },
  worked(
    'imports',
    says('导入的名单原文', 'Contents of imported rosters'),
    { usual: 1, least: 1, most: 7 },
    says('清空原文，留下导入的记录。', 'The contents are emptied; that there was an import stays.'),
  ),
  worked('outbox', says('待发消息', 'Outgoing messages'), { usual: 30, least: 7, most: 90 }),
  worked('invitations', says('用过或过期的邀请', 'Used and expired invitations'), { usual: 30, least: 1, most: 90 }),
  worked('sessions', says('登录会话', 'Sign-in sessions'), { usual: 1, least: 1, most: 1 }),
  worked('answers', says('防重复的应答', 'Answers kept against repeats'), { usual: 1, least: 1, most: 7 }),
];

/** Every rule by its kind, in the order they are shown. */
export const RETENTION: ReadonlyMap<RetentionKind, RetentionRule> = new Map(RULES.map((rule) => [rule.kind, rule]));

/** The kind with this name, or undefined. */
export const retentionKind = (text: string): RetentionKind | undefined => RETENTION_KINDS.find((kind) => kind === text);

/** What is older than this moment (epoch ms) is due, when `days` are kept at `now`. Of entries whole local days go: their last moment counts. */
export const cutoffOf = (kind: RetentionKind, days: number, now: number): number => (kind === 'entries' ? startOfDay(firstDayKept(days, now)) : now - days * DAY_MS);

/** The oldest local day whose entries stay: `days` whole days before today. */
export const firstDayKept = (days: number, now: number): LocalDate => addDays(dateAt(now), -days);

/** What may not be set: out of the rule's borders, or without having read the warning. Undefined: it may. */
export function daysRefused({ least, most, warn }: RetentionRule, days: number, understood: boolean): 'borders' | 'warning' | undefined {
  if (days < least || days > most) return 'borders';
  return warn !== undefined && days < warn.below && !understood ? 'warning' : undefined;
}
