import type { NewPurpose, PurposeRow, Purposes } from '../../store/purposes.ts';
import type { Audit } from '../audit.ts';
import { refusal } from '../problem.ts';
import type { PurposeKind, PurposeOpen } from '../schemas/review.ts';
import { inScope, type Viewer } from '../viewer.ts';

const DAY_MS = 86_400_000;
/** How much of the log one purpose may open (domain.md 5.3). */
const LONGEST_RANGE_MS = 30 * DAY_MS;
const LASTS_MS = 8 * 3_600_000;
/** A case number may follow within this time (design.md 9). */
const NUMBER_WITHIN_MS = DAY_MS;
/** Longest words of a journal entry. */
const WORDS = 120;

/** Stating purposes, and the question whether somebody may look under one. */
export interface PurposeGate {
  open(viewer: Viewer, wish: PurposeOpen): Promise<PurposeRow>;
  setCaseNumber(viewer: Viewer, id: number, caseNumber: string): Promise<PurposeRow>;
  close(viewer: Viewer, id: number): Promise<PurposeRow>;
  /** The second act: from now on lines carry persons. */
  openPeople(viewer: Viewer, id: number, reason: string): Promise<PurposeRow>;
  /** The viewer's own purpose, also when it is over. */
  own(viewer: Viewer, id: number): Promise<PurposeRow>;
  /** The viewer's own purpose, still running, in a place that is still his. Refuses PURPOSE_OVER, SCOPE_DENIED, NOT_FOUND. */
  running(viewer: Viewer, id: number): Promise<PurposeRow>;
  /** As `running`, after the second act. Refuses PEOPLE_NOT_OPEN. */
  withPeople(viewer: Viewer, id: number): Promise<PurposeRow>;
}

export interface PurposeParts {
  readonly purposes: Purposes;
  readonly audit: Audit;
  readonly clock: () => number;
}

/** `request` is the privacy officer's, and all he has. */
function kindFor({ role }: Viewer, purpose: PurposeKind | undefined): PurposeKind {
  if (purpose === undefined) throw refusal('PURPOSE_REQUIRED', { field: 'purpose' });
  if ((role === 'PO') !== (purpose === 'request')) throw refusal('BAD_INPUT', { field: 'purpose', expected: role === 'PO' ? 'request' : 'case | filing | incident | safety' });
  return purpose;
}

function checkRange({ from, until }: PurposeOpen, now: number): void {
  if (until <= from) throw refusal('BAD_INPUT', { field: 'until', expected: '晚于开始 / later than the start' });
  if (until - from > LONGEST_RANGE_MS) throw refusal('RANGE_TOO_LONG', { field: 'until', expected: '30 天 / 30 days' });
  if (until > now + LASTS_MS) throw refusal('BAD_INPUT', { field: 'until', expected: '不晚于今天 / not in the future' });
}

function checkPlace(viewer: Viewer, buildingId: number | undefined): void {
  if (buildingId === undefined) {
    if (viewer.role !== 'PO') throw refusal('BAD_INPUT', { field: 'buildingId', expected: '必填 / required' });
    return;
  }
  if (!inScope(viewer, buildingId)) throw refusal('OUT_OF_JURISDICTION', { field: 'buildingId' });
}

/** Words of the entry: purpose, case number and reason, as far as they fit. */
const wordsOf = ({ purpose, caseNumber, reason }: Pick<PurposeRow, 'purpose' | 'caseNumber' | 'reason'>): string => `${purpose}|${caseNumber}|${reason}`.slice(0, WORDS);

export function createPurposeGate({ purposes, audit, clock }: PurposeParts): PurposeGate {
  async function own(viewer: Viewer, id: number): Promise<PurposeRow> {
    const found = await purposes.find(id);
    if (found === undefined || found.accountId !== viewer.accountId) throw refusal(viewer.scope.all ? 'NOT_FOUND' : 'SCOPE_DENIED');
    return found;
  }
  async function running(viewer: Viewer, id: number): Promise<PurposeRow> {
    const found = await own(viewer, id);
    if (found.closedAt !== null || clock() >= found.expiresAt) throw refusal('PURPOSE_OVER');
    // The assignment may have ended since.
    if (found.buildingId === null ? !viewer.scope.all : !inScope(viewer, found.buildingId)) throw refusal('SCOPE_DENIED');
    return found;
  }
  const about = ({ buildingId, entryIndex }: PurposeRow, words: string) => ({ ...(buildingId === null ? {} : { buildingId }), ref: entryIndex, words: words.slice(0, WORDS) });

  return {
    own,
    running,
    async open(viewer, wish) {
      const now = clock();
      const purpose = kindFor(viewer, wish.purpose);
      checkPlace(viewer, wish.buildingId);
      checkRange(wish, now);
      if (purpose === 'case' && (await purposes.overdue(now, viewer.accountId)).length > 0) throw refusal('CASE_NUMBER_OVERDUE');
      const { buildingId, caseNumber = '', reason } = wish;
      const row: Omit<NewPurpose, 'entryIndex'> = {
        accountId: viewer.accountId,
        purpose,
        caseNumber: caseNumber.trim(),
        reason: reason.trim(),
        caseDueAt: purpose === 'case' && caseNumber.trim() === '' ? now + NUMBER_WITHIN_MS : null,
        buildingId: buildingId ?? null,
        rangeFrom: wish.from,
        rangeUntil: wish.until,
        openedAt: now,
        expiresAt: now + LASTS_MS,
      };
      if (row.reason.length < 5) throw refusal('BAD_INPUT', { field: 'reason', expected: '至少 5 个字 / at least 5 characters' });
      const entryIndex = await audit.acted(viewer, 'purpose-opened', { words: wordsOf(row), ...(buildingId === undefined ? {} : { buildingId }) });
      return purposes.open({ ...row, entryIndex });
    },
    async setCaseNumber(viewer, id, caseNumber) {
      const found = await own(viewer, id);
      if (found.caseNumber !== '') throw refusal('TAKEN', { field: 'caseNumber', expected: found.caseNumber });
      await audit.acted(viewer, 'case-number', about(found, caseNumber.trim()));
      return purposes.setCaseNumber(id, caseNumber.trim());
    },
    async close(viewer, id) {
      const found = await own(viewer, id);
      if (found.closedAt !== null) return found;
      await audit.acted(viewer, 'purpose-closed', about(found, ''));
      return purposes.close(id, clock());
    },
    async openPeople(viewer, id, reason) {
      const found = await running(viewer, id);
      if (found.peopleAt !== null) return found;
      await audit.acted(viewer, 'people-opened', about(found, reason.trim()));
      return purposes.openPeople(id, clock());
    },
    async withPeople(viewer, id) {
      const found = await running(viewer, id);
      if (found.peopleAt === null) throw refusal('PEOPLE_NOT_OPEN');
      return found;
    },
  };
}
