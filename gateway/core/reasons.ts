/** Every outcome of an unlock request has one of these names (domain.md 4.1, extended by design.md 3). */
export const REASONS = [
  'OK',
  'UNKNOWN_CREDENTIAL',
  'NOT_REGISTERED',
  'LEASE_ENDED',
  'NOT_YET_VALID',
  'EXPIRED',
  'REVOKED',
  'SUSPENDED',
  'WRONG_DOOR',
  'OUT_OF_SCHEDULE',
  'ANTIPASSBACK',
  'INTERLOCK',
  'LOCKDOWN',
  'PIN_WRONG',
  'PASS_USED',
  'TOKEN_INVALID',
  'TOKEN_REPLAY',
  'NOT_SECURED',
  'UNKNOWN_DOOR',
  'CREDENTIAL_FORMAT',
  'STALE',
  'UNAVAILABLE',
  'OFFLINE_NO_LIST',
  'DEVICE_FAULT',
  'PIN_NEEDED',
  'PIN_SHUT',
  'PIN_OFFLINE',
  'LINE_TEST',
] as const;
/** Name of an outcome. */
export type Reason = (typeof REASONS)[number];

/** Remarks on a grant: the door opens, and somebody has something to do. */
export const NOTES = ['HOLDOVER', 'REGISTRATION_OVERDUE', 'ANTIPASSBACK', 'LOCKDOWN'] as const;
/** Name of a remark. */
export type Note = (typeof NOTES)[number];

/** The same thing said to a person in each language. */
export interface Sentence {
  readonly zh: string;
  readonly en: string;
}

const SENTENCES: Readonly<Record<Reason, Sentence>> = {
  OK: { zh: '门开了。', en: 'The door is open.' },
  UNKNOWN_CREDENTIAL: {
    zh: '这张卡不在本楼的登记里。是租客的卡，请房东先登记。',
    en: "This card is not in this building's register. If it is a tenant's, ask the landlord to add it.",
  },
  NOT_REGISTERED: { zh: '这张卡没有登记到人。请先登记用卡的人，登记后马上能开门。', en: 'Nobody registered holds this card. Register the person who uses it; it works at once.' },
  LEASE_ENDED: { zh: '这张卡的租住已经结束。还住在这里？请联系房东。', en: 'The tenancy behind this card has ended. Still living here? Call the landlord.' },
  NOT_YET_VALID: { zh: '还没到入住时间。请核对起租日期。', en: 'The tenancy or card has not started yet. Check the first day.' },
  EXPIRED: { zh: '这张卡过了有效期。请房东延期。', en: 'This card has passed its end date. Ask the landlord to extend it.' },
  REVOKED: { zh: '这张卡已经挂失或收回。请用别的卡，或找房东补卡。', en: 'This card was reported lost or withdrawn. Use another, or ask for a replacement.' },
  SUSPENDED: { zh: '这张卡暂停使用。请联系房东问原因。', en: 'This card is paused. Ask the landlord why.' },
  WRONG_DOOR: { zh: '这张卡不开这扇门。请到自己的门上刷。', en: 'This card does not open this door. Try your own.' },
  OUT_OF_SCHEDULE: { zh: '现在不在这张卡的使用时段。', en: 'This card does not work at this hour.' },
  ANTIPASSBACK: { zh: '这张卡刚刚进去过，请先出门再刷。', en: 'This card has just gone in. Go out first.' },
  INTERLOCK: { zh: '另一扇门还开着，关上后再刷。', en: 'The other door is still open. Close it, then try again.' },
  LOCKDOWN: { zh: '本楼暂时封闭。需要进出请联系管理人。', en: 'The building is locked down. Call the person on duty.' },
  PIN_WRONG: { zh: '密码不对，请再试一次。', en: 'The PIN is wrong. Try again.' },
  PASS_USED: { zh: '这张通行码用过了。请主人再发一个。', en: 'This pass has been used. Ask your host for a new one.' },
  TOKEN_INVALID: { zh: '通行码无效。请刷新后再试。', en: 'The code is not valid. Refresh it and try again.' },
  TOKEN_REPLAY: { zh: '这个码刚用过。请等新码出来再试。', en: 'This code was just used. Wait for the next one.' },
  NOT_SECURED: { zh: '读卡器还没完成安全配置，暂不能用。', en: 'The reader is not secured yet and cannot be used.' },
  UNKNOWN_DOOR: { zh: '这扇门还没登记。请联系管理人。', en: 'This door is not in the register. Call the administrator.' },
  CREDENTIAL_FORMAT: { zh: '没读清卡号。请再刷一次。', en: 'The card could not be read properly. Tap again.' },
  STALE: { zh: '网络慢，请求来晚了，没有处理。', en: 'The request arrived too late and was not acted on.' },
  UNAVAILABLE: { zh: '系统暂时存不下记录，门按自己的名单开。', en: 'The log cannot be written just now; the door goes by its own list.' },
  OFFLINE_NO_LIST: { zh: '门断网了，也还没收到名单。请联系管理人。', en: 'The door is offline and has no list yet. Call the administrator.' },
  DEVICE_FAULT: { zh: '门锁或读卡器故障，已通知维修。', en: 'The lock or the reader has a fault. It has been reported.' },
  PIN_NEEDED: { zh: '这个时段要刷卡再输密码。卡还没有密码？请找房东设。', en: 'At this hour it takes the card and its PIN. No PIN yet? Ask the landlord for one.' },
  PIN_SHUT: { zh: '密码连错五次，停用十五分钟。请等一等再试。', en: 'Five wrong PINs in a row. Wait fifteen minutes, then try again.' },
  PIN_OFFLINE: { zh: '门断网了，单用密码开不了。请刷卡。', en: 'The door is offline, where a code alone does not work. Use your card.' },
  LINE_TEST: { zh: '这扇门的线路正在测试，几分钟后再刷。', en: 'The line of this door is being tested. Try again in a few minutes.' },
};

const NOTE_SENTENCES: Readonly<Record<Note, Sentence>> = {
  HOLDOVER: { zh: '合同已到期，人还住着，门照常开。请续租或办搬走。', en: 'The contract has run out and the tenancy goes on. Extend it, or record the move-out.' },
  ANTIPASSBACK: { zh: '这张卡刚刚进去过，又进了一次。', en: 'This card had just gone in, and went in again.' },
  LOCKDOWN: { zh: '值班卡开了封闭的门，这扇门的封闭就此结束。', en: 'A duty card opened a door in lockdown, which ended it at this door.' },
  REGISTRATION_OVERDUE: { zh: '居住登记过期未办，门照常开。请尽快登记。', en: 'Residence registration is overdue; the door still opens. Please register.' },
};

/** The sentence a person is shown for an outcome, written in each language, never a bare code. */
export const sentence = (reason: Reason): Sentence => SENTENCES[reason];
/** The sentence that goes with a remark. */
export const noteSentence = (note: Note): Sentence => NOTE_SENTENCES[note];

const NAMES: ReadonlySet<string> = new Set(REASONS);
/** True when a word from outside is one of our reasons. */
export const isReason = (word: string): word is Reason => NAMES.has(word);
