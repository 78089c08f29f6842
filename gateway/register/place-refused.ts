/** Why a building or a door is not filed, with the field and what was expected there, in both languages. */
export class PlaceRefused extends Error {
  override readonly name = 'PlaceRefused';
  /** `taken`: somebody else has it already. `wrong`: nobody could have it. `missing`: there is no such building. */
  readonly why: 'wrong' | 'taken' | 'missing';
  readonly field: string;
  readonly expected: string;

  constructor(why: PlaceRefused['why'], field: string, expected: string) {
    super(`${field}: expected ${expected}`);
    this.why = why;
    this.field = field;
    this.expected = expected;
  }
}

const NAME_LENGTH = 64;
const ADDRESS_LENGTH = 200;

/** Text people see, without what would move the cursor of whoever reads it. Throws PlaceRefused. */
export function placeText(field: 'name' | 'nameEn' | 'address', given: string): string {
  const text = given.normalize('NFC').trim();
  const most = field === 'address' ? ADDRESS_LENGTH : NAME_LENGTH;
  if (/[\p{Cc}\p{Cf}\u2028\u2029]/u.test(text)) throw new PlaceRefused('wrong', field, '普通文字，不含控制字符 / plain text without control characters');
  if (text.length > most) throw new PlaceRefused('wrong', field, `最多 ${most} 个字 / at most ${most} characters`);
  if (field === 'name' && text === '') throw new PlaceRefused('wrong', field, '一个名称 / a name');
  return text;
}
