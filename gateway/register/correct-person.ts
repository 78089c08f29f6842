import { MAINLAND_DIVISIONS, TEST_DIVISIONS, TEST_PROVINCE } from '../core/division.ts';
import { checkDocument, documentKey, documentKind } from '../core/documents.ts';
import { dateAt } from '../core/local-date.ts';
import { readPhone } from '../core/phone.ts';
import type { Register } from '../store/register.ts';
import type { Vault } from '../store/vault.ts';

/** What is put right; left out: it stays. `documentNumber` comes with its `documentType`. */
export interface PersonCorrection {
  readonly name?: string;
  readonly phone?: string;
  readonly documentType?: string;
  readonly documentNumber?: string;
}

/** Who saw the document that is entered; undefined: whoever saw the one before. */
type CheckedBy = 'clerk' | undefined;

/** A value that cannot be taken: which field, and what was found. */
export class CorrectionRefused extends Error {
  override readonly name = 'CorrectionRefused';
  readonly field: string;
  readonly expected: string;

  constructor(field: string, expected: string) {
    super(`${field}: ${expected}`);
    this.field = field;
    this.expected = expected;
  }
}

/** Prefixes of invented phone numbers, taken only in the test province, where nobody can live (domain.md 3.7). */
const TEST_PHONES = ['120'];

/** The columns of a phone number. Throws CorrectionRefused. */
export function phoneOf(vault: Vault, text: string, invented: boolean) {
  const phone = readPhone(text, invented ? TEST_PHONES : []);
  if (!phone.ok) throw new CorrectionRefused('phone', phone.code);
  return { phoneSealed: vault.seal('person.phone', phone.e164), phoneHash: vault.hash('phone', phone.e164), phoneTail: phone.e164.slice(-4) };
}

/** The columns of a document, its number checked. `invented`: of a place whose codes are. Throws CorrectionRefused. */
export function documentOf(vault: Vault, { documentType = '', documentNumber = '' }: PersonCorrection, about: { readonly invented: boolean; readonly now: number }) {
  const kind = documentKind(documentType);
  if (kind === undefined) throw new CorrectionRefused('documentType', 'GA/T 2000.156');
  const divisions = about.invented ? TEST_DIVISIONS : MAINLAND_DIVISIONS;
  const { number, birth, sex, findings } = checkDocument(kind, documentNumber, { today: dateAt(about.now), divisions });
  const bad = findings.find(({ warning }) => !warning);
  if (bad !== undefined) throw new CorrectionRefused('documentNumber', bad.code);
  return {
    documentType: kind.code,
    documentSealed: vault.seal('person.document', number),
    documentHash: vault.hash('document', documentKey(kind.code, number)),
    documentTail: number.slice(-4),
    ...(birth === '' ? {} : { birthSealed: vault.seal('person.birth', birth) }),
    ...(sex === 0 ? {} : { sex }),
  };
}

/** Does the person live only where the codes are invented? */
async function isInvented({ read }: Register, personId: number): Promise<boolean> {
  const homes = await read.rentalUnit.findMany({ where: { tenancies: { some: { occupants: { some: { personId } } } } }, select: { code: true } });
  return homes.length > 0 && homes.every(({ code }) => code.startsWith(TEST_PROVINCE));
}

/** What is to be written, checked. Throws CorrectionRefused for a value that cannot be right. */
export async function readCorrection(register: Register, personId: number, wish: PersonCorrection & { readonly checkedBy: CheckedBy }, now: number) {
  const { vault } = register;
  const about = { invented: await isInvented(register, personId), now };
  const newDocument = wish.documentType !== undefined || wish.documentNumber !== undefined;
  return {
    ...(wish.name === undefined ? {} : { nameSealed: vault.seal('person.name', wish.name.trim()) }),
    ...(wish.phone === undefined ? {} : phoneOf(vault, wish.phone, about.invented)),
    ...(newDocument ? documentOf(vault, wish, about) : {}),
    ...(newDocument && wish.checkedBy !== undefined ? { documentCheckedBy: wish.checkedBy, documentCheckedAt: BigInt(now) } : {}),
  };
}

/** A correction that was checked. */
export type CheckedCorrection = Awaited<ReturnType<typeof readCorrection>>;

/** Puts right what the register says of a person. False, with nothing changed: the row is at another version, or was anonymised. */
export const correctPerson = async (register: Register, person: { readonly id: number; readonly version: number }, correction: CheckedCorrection): Promise<boolean> =>
  (await register.write((db) => db.person.updateMany({ where: { ...person, anonymisedAt: null }, data: { ...correction, termForm: 0, version: person.version + 1 } }))).count === 1;
