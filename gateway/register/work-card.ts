import { readCardNumber } from '../core/cards.ts';
import { type RosterCode, rosterWords } from '../exchange/roster-words.ts';
import type { Register } from '../store/register.ts';
import { readingBytes } from '../store/vault.ts';
import type { Note } from './lock-down.ts';
import { cardRefusal } from './roster-match.ts';
import { RuleRefused } from './rule-refused.ts';

/** One person has at most so many cards that work. */
const MOST_CARDS = 8;

/** Which card goes to whom. `number`: as it is printed on the card or was read from it; `now`: epoch ms. */
export interface CardGiven {
  readonly grantId: number;
  readonly number: string;
  readonly now: number;
}

function refused(code: RosterCode): RuleRefused {
  const { zh, en } = rosterWords(code);
  return new RuleRefused('wrong', { field: 'number', expected: `${zh} / ${en}` });
}

/**
 * Gives a card to somebody who works in a building, noted first; its last digits. A card of the building's stock or a
 * new one; one that somebody holds stays his. Throws RuleRefused: a number that names no card, over, missing.
 */
export async function giveWorkCard({ write, vault }: Register, { grantId, number, now }: CardGiven, note: Note): Promise<string> {
  return write(async (db) => {
    const grant = await db.accessGrant.findUnique({
      where: { id: grantId },
      select: { personId: true, untilAt: true, buildingId: true, building: { select: { readerBits: true, readerOrder: true } } },
    });
    if (grant === null) throw new RuleRefused('missing');
    const { personId, untilAt, buildingId, building } = grant;
    if (untilAt !== null && Number(untilAt) <= now) throw new RuleRefused('over');
    const read = readCardNumber(number, { bits: building.readerBits, order: building.readerOrder === 'lsb' ? 'lsb' : 'msb' });
    if (!read.ok) throw refused(read.code);
    const { reading } = read;
    const fingerprint = vault.fingerprint(reading);
    const card = await db.credential.findUnique({ where: { fingerprint }, select: { id: true, personId: true, status: true, buildingId: true, tail: true } });
    const known = card === null ? undefined : { ...card, active: card.status === 'active' };
    const code = cardRefusal(known, personId, buildingId) ?? (known?.active === false ? 'CARD_STOPPED' : undefined);
    if (code !== undefined) throw refused(code);
    if (known?.personId === personId) return known.tail;
    if ((await db.credential.count({ where: { personId, status: 'active' } })) >= MOST_CARDS) throw refused('CARD_MANY');
    const tail = reading.hex.slice(-4);
    await note(`card=${tail}`);
    const given = { personId, kind: 'staff', buildingId };
    if (known === undefined)
      await db.credential.create({ data: { ...given, fingerprint, tail, valueSealed: vault.sealBytes('credential.value', readingBytes(reading)), createdAt: BigInt(now) } });
    else await db.credential.update({ where: { id: known.id }, data: { ...given, createdAt: BigInt(now) } });
    return tail;
  });
}
