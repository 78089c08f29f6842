import type { Sentence } from '../core/reasons.ts';

type Words = Readonly<Record<string, Sentence>>;

/** What took access away, by the words of `gateway/register/revocations.ts`. */
export const REVOCATION_WORDS: Words = {
  'credential-stopped': { zh: '停用了一张卡。', en: 'A card was stopped.' },
  'card-stop-confirmed': { zh: '门确认：名单里已没有那张停用的卡。', en: 'The door confirmed that its list lacks the stopped card.' },
  'card-stop-undone': { zh: '停卡在 10 秒内撤销了，卡照常用。', en: 'Stopping a card was undone within 10 seconds; the card works on.' },
  'tenancy-ended': { zh: '结束了一份租约的通行。', en: 'Access under a tenancy was ended.' },
  'occupant-left': { zh: '一位住户搬走了。', en: 'An occupant moved out.' },
  'move-out-undone': { zh: '撤销了退租，照常进出。', en: 'A stated move-out was undone; access goes on.' },
  'move-out-objected': { zh: '住户说还住在这里，照常进出，等人决定。', en: 'A tenant said that he still lives there; access goes on until somebody decides.' },
  'grant-ended': { zh: '结束了一个人在楼里工作的权限。', en: 'The right of somebody who works in the building was ended.' },
  'grant-duty-ended': { zh: '一个人不再值班，他的卡不能再结束封闭。', en: 'Somebody went off duty; his card ends no lockdown any more.' },
  'person-forgotten': { zh: '按规定删除了一个人的资料和卡。', en: "A person's data and cards were deleted, as the rules ask." },
  'account-closed': { zh: '停用了一个账号。', en: 'An account was barred.' },
  'assignment-ended': { zh: '结束了一个岗位。', en: 'An assignment was ended.' },
  'controller-enrolled': { zh: '一个控制器装上了，以前的密钥作废。', en: 'A controller was enrolled; the key before it is void.' },
  'controller-retired': { zh: '一个控制器停用了。', en: 'A controller was retired.' },
  'revocations-read-again': { zh: '恢复备份后，按记录簿重新停用了该停的卡和租约。', en: 'After a restore, what the log says was stopped was stopped again.' },
};

/** The gateway's own entries about backups that were put back. */
export const RESTORE_WORDS: Words = {
  restored: { zh: '从备份恢复了。', en: 'A backup was restored.' },
};

/** Backups as acts of a desk, or of the gateway by night. */
export const BACKUP_WORDS: Words = {
  'backup-begun': { zh: '有人开始了备份。', en: 'A backup was begun.' },
  'backup-made': { zh: '备份做好了。', en: 'A backup was made.' },
};
