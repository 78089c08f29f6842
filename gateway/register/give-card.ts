import { type CardReading, type ReaderProfile, readCardNumber, uidWeakness } from '../core/cards.ts';
import { accessEnd } from '../core/decide.ts';
import { addDays, dateAt, type LocalDate, startOfDay } from '../core/local-date.ts';
import { type RosterCode, rosterWords } from '../exchange/roster-words.ts';
import type { Register, WriteDb } from '../store/register.ts';
import { ms, msOrNull } from '../store/values.ts';
import { readingBytes, type Vault } from '../store/vault.ts';
import { checkDay } from './begin-tenancy.ts';
import type { Note } from './lock-down.ts';
import { UNIT_PLACE } from './newcomers.ts';
import { cardRefusal } from './roster-match.ts';
import { RuleRefused } from './rule-refused.ts';

/** One person has at most so many cards that work. */
const MOST_CARDS = 8;
/** A carer's card is given for a year at most: who still comes then is asked for again. */
const CARER_DAYS = 366;
/** Wiegand-26 readers give so many bits: of two cards with the same last six digits they see one. */
const SHORT_BITS = 24;

/** A card for somebody who lives here. `number`: as printed on it or read from it; or what a reader gave of it; `now`: epoch ms. */
export interface CardWish {
  readonly tenancyId: number;
  readonly personId: number;
  readonly number: string | CardReading;
  /** carer: for somebody who looks after him, and it ends. */
  readonly kind: 'tenant' | 'spare' | 'carer';
  /** The card's last day; a carer's has one. */
  readonly lastDay: LocalDate | undefined;
  readonly now: number;
}

function wrong(code: RosterCode): RuleRefused {
  const { zh, en } = rosterWords(code);
  return new RuleRefused('wrong', { field: 'number', expected: `${zh} / ${en}` });
}

/** His stay under this tenancy, that is not over. Throws RuleRefused: missing, over. */
async function stayOf(db: WriteDb, { tenancyId, personId, now }: CardWish) {
  const stay = await db.occupant.findUnique({
    where: { tenancyId_personId: { tenancyId, personId } },
    select: { untilAt: true, tenancy: { select: { accessUntil: true, termEnd: true, unit: { select: UNIT_PLACE } } } },
  });
  if (stay === null) throw new RuleRefused('missing');
  const { accessUntil, termEnd, unit } = stay.tenancy;
  const end = accessEnd({ accessUntil: msOrNull(accessUntil) ?? 0, termEnd: msOrNull(termEnd) ?? 0 }, unit.building.holdoverDays);
  if (Math.min(end, stay.untilAt === null ? end : ms(stay.untilAt)) <= now) throw new RuleRefused('over');
  return unit;
}

/** What readers here give of the card. Throws RuleRefused: a number that names no card or two, one that is blank or changes each time. */
function readingOf(number: CardWish['number'], profile: ReaderProfile): CardReading {
  if (typeof number !== 'string') {
    const weak = uidWeakness(number.hex);
    if (weak !== undefined) throw wrong(weak);
    return number;
  }
  const read = readCardNumber(number, profile);
  if (!read.ok) throw wrong(read.code);
  return read.reading;
}

/** When the card ends by itself; null: with the tenancy. Throws RuleRefused: a day that is not ahead, a carer's without one. */
function lastMoment({ kind, lastDay, now }: CardWish): bigint | null {
  const today = dateAt(now);
  if (lastDay === undefined) {
    if (kind === 'carer') throw new RuleRefused('wrong', { field: 'lastDay', expected: '照护者的卡要有最后一天 / the last day of a carer’s card' });
    return null;
  }
  checkDay('lastDay', lastDay, today, addDays(today, CARER_DAYS));
  return BigInt(startOfDay(addDays(lastDay, 1)));
}

/** The card of this reading, when it is in the building's stock; undefined: it is new. Throws RuleRefused: it is somebody's, it was stopped. */
async function stockCard(db: WriteDb, vault: Vault, reading: CardReading, { personId, buildingId }: { readonly personId: number; readonly buildingId: number }) {
  const row = await db.credential.findUnique({ where: { fingerprint: vault.fingerprint(reading) }, select: { id: true, personId: true, status: true, buildingId: true } });
  if (row === null) return undefined;
  const card = { ...row, active: row.status === 'active' };
  const code = cardRefusal(card, personId, buildingId) ?? (card.active ? undefined : 'CARD_STOPPED');
  if (code === 'CARD_HELD' && reading.bits === SHORT_BITS)
    throw new RuleRefused('wrong', {
      field: 'number',
      expected: '另一张卡：本楼读卡器只读后 6 位，这张和别人的卡分不清 / another card: the readers here see the last six digits only and cannot tell this one from somebody’s card',
    });
  if (code !== undefined) throw wrong(code);
  if (card.personId === personId) throw new RuleRefused('wrong', { field: 'number', expected: '一张新卡：这张已经是他的 / a new card: this one is his already' });
  return card;
}

/**
 * Gives somebody who lives here one more card, noted first; its last digits. A card of the building's stock loses the PIN
 * it had. Throws RuleRefused: a number that names no card or two, a card that is somebody's or was stopped, too many, over, missing.
 */
export async function giveCard({ write, vault }: Register, wish: CardWish, note: Note): Promise<string> {
  return write(async (db) => {
    const { personId, kind, now } = wish;
    const { buildingId, building } = await stayOf(db, wish);
    const validUntil = lastMoment(wish);
    const reading = readingOf(wish.number, { bits: building.readerBits, order: building.readerOrder === 'lsb' ? 'lsb' : 'msb' });
    const stock = await stockCard(db, vault, reading, { personId, buildingId });
    if ((await db.credential.count({ where: { personId, status: 'active' } })) >= MOST_CARDS) throw wrong('CARD_MANY');
    const tail = reading.hex.slice(-4);
    await note(`card=${tail} for=${kind}${wish.lastDay === undefined ? '' : ` until=${wish.lastDay}`}`);
    // Since when he has it: a card given after a loss is what replaced the lost one.
    const given = { personId, kind, validUntil, createdAt: BigInt(now) };
    if (stock === undefined)
      await db.credential.create({ data: { ...given, fingerprint: vault.fingerprint(reading), tail, valueSealed: vault.sealBytes('credential.value', readingBytes(reading)) } });
    else await db.credential.update({ where: { id: stock.id }, data: { ...given, pinVerifier: null } });
    return tail;
  });
}
