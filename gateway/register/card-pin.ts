import { randomInt } from 'node:crypto';
import { isWeakPin } from '../core/weak-pins.ts';
import type { Register, WriteDb } from '../store/register.ts';
import { calmOf, codeBytes, codeReading, duressOf, pinVerifier } from '../wire/mqtt/pin.ts';
import { CardRefused } from './card-refused.ts';
import type { Note } from './lock-down.ts';

/** Digits of a PIN that is made, for a card or alone. */
const DIGITS = 6;
/** With so many codes a guess would hit one too often: each new one is longer then, so that one in 1,000 is the most. */
const SHORT_CODES = 500;
const LONG_DIGITS = 8;
/** Codes are few among the numbers: this many in a row that are taken is no chance. */
const TRIES = 1000;
/** Digits without a card. */
const CODE = 'PIN';

function strongDigits(length: number): string {
  for (let n = 0; n < TRIES; n += 1) {
    const digits = String(randomInt(10 ** length)).padStart(length, '0');
    if (!isWeakPin(digits)) return digits;
  }
  throw new Error(`no PIN of ${length} digits was found`);
}

const CARD = { id: true, status: true, tech: true, personId: true, buildingId: true, valueSealed: true } as const;

/** A working card. Throws CardRefused: missing, stopped. */
async function workingCard({ credential }: Pick<WriteDb, 'credential'>, id: number) {
  const card = await credential.findUnique({ where: { id }, select: CARD });
  if (card === null || card.tech === CODE) throw new CardRefused('missing');
  if (card.status !== 'active') throw new CardRefused('stopped');
  return card;
}

/** Which card, and how it is written down first. */
interface ForCard {
  readonly credentialId: number;
  readonly note: Note;
}

/**
 * Gives a card a PIN in the place of the one it had: `chosen`, or one that is made. Noted first; the digits themselves are
 * nowhere but in the answer. Throws CardRefused: missing, stopped, weak-pin.
 */
export async function setCardPin({ read, write, vault }: Register, { credentialId, chosen, note }: ForCard & { readonly chosen: string | undefined }): Promise<string> {
  if (chosen !== undefined && isWeakPin(chosen)) throw new CardRefused('weak-pin');
  const pin = chosen ?? strongDigits(DIGITS);
  const { valueSealed } = await workingCard(read, credentialId);
  // Worked out before the turn in the queue of writes: it is slow on purpose.
  const verifier = Buffer.from(await pinVerifier(pin, vault.openBytes('credential.value', valueSealed)), 'hex');
  await write(async (db) => {
    await workingCard(db, credentialId);
    await note(`card=${credentialId}`);
    await db.credential.update({ where: { id: credentialId }, data: { pinVerifier: Uint8Array.from(verifier) } });
  });
  return pin;
}

/** Takes a card's PIN away, noted first. One that has none stays as it is. Throws CardRefused: missing, stopped. */
export async function dropCardPin({ write }: Register, { credentialId, note }: ForCard): Promise<void> {
  await write(async (db) => {
    await workingCard(db, credentialId);
    await note(`card=${credentialId}`);
    await db.credential.update({ where: { id: credentialId }, data: { pinVerifier: null } });
  });
}

/** Neither a code nor what somebody under threat types for one. */
async function freeCode(db: WriteDb, { vault }: Pick<Register, 'vault'>): Promise<string> {
  const length = (await db.credential.count({ where: { tech: CODE } })) < SHORT_CODES ? DIGITS : LONG_DIGITS;
  for (let n = 0; n < TRIES; n += 1) {
    const digits = strongDigits(length);
    const near = [digits, duressOf(digits), calmOf(digits)].map((each) => vault.fingerprint(codeReading(each)));
    if ((await db.credential.count({ where: { fingerprint: { in: near } } })) === 0) return digits;
  }
  throw new Error('no free code was found');
}

/**
 * Gives the holder of a card a code of his own: digits that open without a card, where the door is online. Made, never
 * chosen, for choosing would tell which are taken. Noted first. Throws CardRefused: missing, stopped, nobody.
 */
export async function issueCode(register: Register, { credentialId, note, now }: ForCard & { readonly now: number }): Promise<{ readonly id: number; readonly code: string }> {
  return register.write(async (db) => {
    const { personId, buildingId } = await workingCard(db, credentialId);
    if (personId === null) throw new CardRefused('nobody');
    const code = await freeCode(db, register);
    const reading = codeReading(code);
    const value = codeBytes(reading) ?? Buffer.alloc(0);
    await note(`card=${credentialId}`);
    const data = { tech: CODE, fingerprint: register.vault.fingerprint(reading), valueSealed: register.vault.sealBytes('credential.value', value), tail: '' };
    const { id } = await db.credential.create({ data: { ...data, personId, buildingId, createdAt: BigInt(now) }, select: { id: true } });
    return { id, code };
  });
}
