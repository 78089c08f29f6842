import type { Sentence } from '../../core/reasons.ts';
import type { PurposeKind, PurposeRow } from '../../store/purposes.ts';
import type { OverduePurpose, PurposeView } from '../schemas/review.ts';

/** What each kind of purpose is called, also to the person who was looked at. */
export const PURPOSE_WORDS: Readonly<Record<PurposeKind, Sentence>> = {
  case: { zh: '办理案件', en: 'A case' },
  filing: { zh: '核对备案', en: 'Checking a filing' },
  incident: { zh: '处理突发事件', en: 'An incident' },
  safety: { zh: '安全检查', en: 'Safety' },
  request: { zh: '答复本人申请', en: "Answering a person's own request" },
};

/** A building as it is named beside a purpose or an audit line. */
export interface NamedPlace {
  readonly id: number;
  readonly name: string;
  readonly nameEn: string;
}

export const namedPlace = ({ id, name, nameEn }: NamedPlace): NamedPlace => ({ id, name, nameEn: nameEn || name });

function stateOf({ closedAt, expiresAt }: PurposeRow, now: number): PurposeView['state'] {
  if (closedAt !== null) return 'closed';
  return now < expiresAt ? 'open' : 'expired';
}

/** Its case number is not there and should be. */
const isOverdue = ({ caseNumber, caseDueAt }: PurposeRow, now: number): boolean => caseNumber === '' && caseDueAt !== null && now >= caseDueAt;

/** A purpose as its owner sees it at `now`. */
export function purposeView(row: PurposeRow, building: NamedPlace | undefined, now: number): PurposeView {
  const { id, purpose, caseNumber, caseDueAt, reason, rangeFrom, rangeUntil, openedAt, expiresAt, closedAt, peopleAt, entryIndex } = row;
  return {
    id,
    purpose,
    words: PURPOSE_WORDS[purpose],
    caseNumber,
    caseDueAt: caseNumber === '' ? caseDueAt : null,
    caseOverdue: isOverdue(row, now),
    reason,
    building: building === undefined ? null : namedPlace(building),
    from: rangeFrom,
    until: rangeUntil,
    openedAt,
    expiresAt,
    closedAt,
    state: stateOf(row, now),
    peopleAt,
    entryIndex,
  };
}

/** A purpose whose case number is late, as the supervisor sees it: who and where, not why. */
export const overduePurpose = ({ id, caseDueAt, openedAt, entryIndex }: PurposeRow, account: OverduePurpose['account'], building: NamedPlace | undefined): OverduePurpose => ({
  id,
  account,
  building: building === undefined ? null : namedPlace(building),
  openedAt,
  caseDueAt: caseDueAt ?? openedAt,
  entryIndex,
});
