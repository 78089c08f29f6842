import { CHECK_ITEMS, type CheckItem, type FilingActor, type FilingStep, filingDue, gapsOf, needsReason, stateAfter, stepsFrom, type TitleKind } from '../core/filing.ts';
import { type FilingRow, filingRow } from '../store/filings.ts';
import type { Register, WriteDb } from '../store/register.ts';
import type { Vault } from '../store/vault.ts';
import { HomeRefused } from './home-refused.ts';
import type { Note } from './lock-down.ts';
import { PUBLIC_HOLIDAYS } from './public-holidays.ts';

/** The papers of a filing as a landlord fills them in. */
export interface PapersWish {
  readonly unitId: number;
  /** Of the filing as it was on screen; 0: there was none. */
  readonly version: number;
  readonly titleKind: TitleKind;
  readonly titleNumber: string;
  /** Square metres in tenths. */
  readonly area: number;
  /** Items of the pre-let check he found in order. */
  readonly checked: readonly CheckItem[];
}

/** Who does it when, and where it is noted first. `now`: epoch ms. */
export interface FilingBy {
  readonly accountId: number;
  readonly now: number;
  readonly note: Note;
}

const MOST_TITLE = 60;
const MOST_REASON = 500;
const MARKS = /[\p{Cc}\p{Cf}\u2028\u2029]/u;

async function standing(db: Pick<WriteDb, 'rentalUnit'>, vault: Vault, { unitId, version }: { unitId: number; version: number }) {
  const unit = await db.rentalUnit.findUnique({ where: { id: unitId }, select: { room: true, filing: true } });
  if (unit === null) throw new HomeRefused('NOT_FOUND', { field: 'unitId' });
  const filing = filingRow(vault, unit.filing);
  if (filing.version !== version) throw new HomeRefused('STALE_VERSION');
  return { room: unit.room, filing };
}

/** While it is with the landlord its papers may change. */
const mayFill = ({ state, supplemented }: FilingRow): boolean => stepsFrom(state, 'landlord', supplemented).includes('submit');

function checkPapers({ titleNumber, area }: PapersWish): string {
  const number = titleNumber.normalize('NFC').trim();
  if (number === '' || number.length > MOST_TITLE || MARKS.test(number))
    throw new HomeRefused('BAD_INPUT', { field: 'titleNumber', expected: `证号，1–${MOST_TITLE} 个字 / a number of 1 to ${MOST_TITLE} characters` });
  if (area < 10 || area > 100_000) throw new HomeRefused('BAD_INPUT', { field: 'area', expected: '1 到 10000 平方米 / 1 to 10,000 square metres' });
  return number;
}

/**
 * Fills in the papers of a home's filing, noted first. Where somebody else has filed the home under another title nothing
 * of it changes: a clerk is told, and the answer is TITLE_CLAIMED. Throws HomeRefused.
 */
export async function fillFiling({ write, vault }: Register, wish: PapersWish, { accountId, now, note }: FilingBy): Promise<void> {
  const number = checkPapers(wish);
  const { unitId, titleKind, area } = wish;
  // A claim is kept and refused: it must not be undone by the refusal.
  const claimed = await write(async (db) => {
    const { room, filing } = await standing(db, vault, wish);
    const other = filing.filledBy !== null && filing.filledBy !== accountId && (filing.titleNumber !== number || filing.titleKind !== titleKind);
    if (other && filing.state !== 'cancelled' && filing.state !== 'draft') {
      await note(`${room} claimed`);
      await db.unitFiling.update({ where: { unitId }, data: { claimedBy: accountId, version: { increment: 1 } } });
      return true;
    }
    if (!mayFill(filing) && filing.state !== 'cancelled') throw new HomeRefused('FILING_STEP', { field: 'state', expected: filing.state });
    await note(`${room} ${titleKind}`);
    const checked = CHECK_ITEMS.filter((item) => wish.checked.includes(item)).join(' ');
    const titleSealed = vault.seal('filing.title', number);
    const data = { titleKind, titleSealed, area, checked, checkedAt: now, filledBy: accountId };
    // Who stopped letting and begins anew begins at the beginning.
    const again = filing.state === 'cancelled' ? { state: 'draft', supplemented: false, reasonSealed: null } : {};
    await db.unitFiling.upsert({ where: { unitId }, create: { unitId, ...data }, update: { ...data, ...again, version: { increment: 1 } } });
    return false;
  });
  if (claimed) throw new HomeRefused('TITLE_CLAIMED', { field: 'titleNumber' });
}

/** A step of several homes at once; all of them, or none. */
export interface StepWish {
  readonly homes: readonly { readonly unitId: number; readonly version: number }[];
  readonly step: FilingStep;
  readonly actor: FilingActor;
  /** What is asked for or ordered; '' where the step needs none. */
  readonly reason: string;
}

function reasonOf({ step, reason }: StepWish): string {
  const text = reason.trim();
  if (!needsReason(step)) return '';
  if (text === '' || text.length > MOST_REASON)
    throw new HomeRefused('BAD_INPUT', { field: 'reason', expected: `要房东知道的话，1–${MOST_REASON} 字 / what the landlord is to know, 1 to ${MOST_REASON} characters` });
  return text;
}

/** May this filing take the step? Throws HomeRefused. */
function checkStep({ step, actor }: StepWish, room: string, filing: FilingRow): void {
  if (!stepsFrom(filing.state, actor, filing.supplemented).includes(step))
    throw new HomeRefused('FILING_STEP', { field: 'step', expected: `${room}: ${stepsFrom(filing.state, actor, filing.supplemented).join(' | ') || '—'}` });
  // What was sent in before is whole; only what leaves the landlord is looked at.
  const gaps = step === 'submit' ? gapsOf(filing) : [];
  if (gaps.length > 0) throw new HomeRefused('FILING_INCOMPLETE', { field: gaps[0] ?? 'title', expected: `${room}: ${gaps.join(', ')}` });
}

/** Takes a step with the filings of several homes, noted first. Throws HomeRefused: one of them cannot take it, and none does. */
export async function stepFilings({ write, vault }: Register, wish: StepWish, { accountId, now, note }: FilingBy): Promise<void> {
  const reason = reasonOf(wish);
  const { step, actor } = wish;
  await write(async (db) => {
    const homes = [];
    for (const home of wish.homes) {
      const { room, filing } = await standing(db, vault, home);
      checkStep(wish, room, filing);
      homes.push({ ...home, room });
    }
    await note(`${step} ${homes.map(({ room }) => room).join(' ')}`.slice(0, 120));
    const state = stateAfter(step);
    const due = filingDue(state, now, PUBLIC_HOLIDAYS);
    const data = {
      state,
      dueAt: due,
      ...(reason === '' ? {} : { reasonSealed: vault.seal('filing.reason', reason) }),
      ...(step === 'supplement' ? { supplemented: true } : {}),
      // A claim stands until the station has acted on the filing.
      ...(actor === 'station' ? { decidedBy: accountId, claimedBy: null } : {}),
    };
    await db.$transaction(homes.map(({ unitId }) => db.unitFiling.upsert({ where: { unitId }, create: { unitId, ...data }, update: { ...data, version: { increment: 1 } } })));
  });
}
