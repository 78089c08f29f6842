import { TEST_PROVINCE } from '../core/division.ts';
import { documentKey } from '../core/documents.ts';
import { isRosterCode, rosterWords } from '../exchange/roster-words.ts';
import type { WriteDb } from '../store/register.ts';
import type { Vault } from '../store/vault.ts';
import { CorrectionRefused, documentOf, phoneOf } from './correct-person.ts';
import { RuleRefused } from './rule-refused.ts';

/** Somebody as he is entered at the desk, his document in the hand of whoever enters him. */
export interface WorkerWish {
  readonly name: string;
  /** '' when he gave none. */
  readonly phone: string;
  readonly documentType: string;
  readonly documentNumber: string;
}

/** Where he is entered. `within`: buildings among whose people his document is looked up (decision 18); undefined: everywhere. */
export interface EnteredAt {
  readonly buildingCode: string;
  readonly within: readonly number[] | undefined;
  /** Epoch ms. */
  readonly now: number;
}

const NAME_LENGTH = 50;

function nameIn(given: string): string {
  const name = given.trim().normalize('NFC');
  const { zh, en } = rosterWords('NAME_FORMAT');
  if (name === '' || [...name].length > NAME_LENGTH || /[\p{Cc}\p{Cf}\u2028\u2029]/u.test(name)) throw new RuleRefused('wrong', { field: 'name', expected: `${zh} / ${en}` });
  return name;
}

/** The sentence for what a correction would have refused, under the same field. */
function told<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof CorrectionRefused)) throw error;
    const { field, expected } = error;
    const code = field === 'documentType' ? 'DOC_TYPE_UNKNOWN' : expected;
    const { zh, en } = rosterWords(isRosterCode(code) ? code : 'DOC_NUMBER_FORMAT');
    throw new RuleRefused('wrong', { field, expected: `${zh} / ${en}` });
  }
}

/** Lives, lived, works or worked in one of these buildings. */
const near = (within: readonly number[]) => ({
  OR: [{ occupancies: { some: { tenancy: { unit: { buildingId: { in: [...within] } } } } } }, { grants: { some: { buildingId: { in: [...within] } } } }],
});

/**
 * The columns of somebody whose document was looked at by the landlord, face to face (design.md 2), and his row number
 * when he is in the register already. Throws RuleRefused by the field's name: also when the document stands there with
 * another name, without a word of which.
 */
export async function workerOf(db: Pick<WriteDb, 'person'>, vault: Vault, wish: WorkerWish, { buildingCode, within, now }: EnteredAt) {
  const name = nameIn(wish.name);
  const invented = buildingCode.startsWith(TEST_PROVINCE);
  const paper = told(() => documentOf(vault, wish, { invented, now }));
  const phone = wish.phone.trim() === '' ? {} : told(() => phoneOf(vault, wish.phone, invented));
  const hashes = vault.hashes('document', documentKey(paper.documentType, vault.open('person.document', paper.documentSealed)));
  const found = await db.person.findFirst({
    where: { documentHash: { in: hashes }, anonymisedAt: null, ...(within === undefined ? {} : near(within)) },
    select: { id: true, nameSealed: true },
    orderBy: { id: 'asc' },
  });
  if (found !== null && vault.open('person.name', found.nameSealed) !== name)
    throw new RuleRefused('wrong', { field: 'name', expected: '登记里这个证件的姓名，请对照证件核对 / the name on this document; compare it with the document' });
  const checked = { documentCheckedBy: 'landlord', documentCheckedAt: BigInt(now) };
  return { id: found?.id, checked, data: { nameSealed: vault.seal('person.name', name), ...paper, ...phone, ...checked, createdAt: BigInt(now) } };
}
