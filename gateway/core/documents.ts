import { checkCharacter, checkCitizenId, birthField, type CitizenIdContext, type FormatFinding } from './citizen-id.ts';
import type { LocalDate } from './local-date.ts';
import { halfWidth } from './text.ts';

/** A document's number, checked by the rule of its kind. */
export interface DocumentCheck {
  /** Normalised number. */
  readonly number: string;
  /** '' when the number does not tell, or is not usable. */
  readonly birth: LocalDate | '';
  /** GB/T 2261.1; 0 when the number does not tell. */
  readonly sex: 0 | 1 | 2;
  readonly findings: readonly FormatFinding[];
}

type Rule = (number: string, context: CitizenIdContext) => DocumentCheck;

/** One kind of identity document. */
export interface DocumentKind {
  /** Code of the police information lists (domain.md 3.2; the official table GA/T 2000.156 was not read). */
  readonly code: string;
  readonly zh: string;
  readonly en: string;
  /** Other names a roster uses, lower case. */
  readonly names: readonly string[];
  readonly rule: Rule;
}

const result = (number: string, codes: readonly string[]): DocumentCheck => ({ number, birth: '', sex: 0, findings: codes.map((code) => ({ code, warning: false })) });
const pattern =
  (form: RegExp): Rule =>
  (number) =>
    result(number, form.test(number) ? [] : ['DOC_NUMBER_FORMAT']);
const citizen: Rule = (number, context) => checkCitizenId(number, context);

const RESIDENCE_DIVISIONS: ReadonlySet<string> = new Set(['810000', '820000', '830000']);

/** Residence permit of people from Hong Kong, Macao and Taiwan: a citizen number with division 810000, 820000 or 830000. */
const residencePermit: Rule = (number, context) => {
  const listed = (county: string): 'listed' | 'unlisted' => (RESIDENCE_DIVISIONS.has(county) ? 'listed' : 'unlisted');
  return checkCitizenId(number, { today: context.today, divisions: listed });
};

/**
 * Foreign permanent resident: 18 digits, the first 9, birth at 7 to 14, MOD 11-2 check (2023 edition); or the
 * earlier card's 3 letters and 12 digits. What the other digits mean was not verified and is not checked.
 */
const foreignPermanent: Rule = (number, context) => {
  if (/^[A-Z]{3}\d{12}$/.test(number)) return result(number, []);
  if (!/^9\d{16}[\dX]$/.test(number)) return result(number, ['DOC_NUMBER_FORMAT']);
  const birth = birthField(number.slice(6, 14));
  if (birth === undefined) return result(number, ['ID_DATE_INVALID']);
  if (birth > context.today) return result(number, ['ID_DATE_FUTURE']);
  if (checkCharacter(number.slice(0, 17)) !== number[17]) return result(number, ['ID_CHECKSUM']);
  return { ...result(number, []), birth };
};

const military = pattern(/^[\p{L}\p{N}-]{6,20}$/u);
const foreignPaper = pattern(/^[A-Z0-9]{5,20}$/);
/** Nothing is known of its number; a person looks at it. */
const otherPaper: Rule = (number) => {
  const warning = number !== '' && number.length <= 50;
  return { number, birth: '', sex: 0, findings: [{ code: warning ? 'DOC_OTHER' : 'DOC_NUMBER_FORMAT', warning }] };
};

/** Every kind of document the register takes, and what its number must look like. */
export const DOCUMENT_KINDS: readonly DocumentKind[] = [
  {
    code: '111',
    zh: '居民身份证',
    en: 'Resident ID card',
    names: ['身份证', '二代身份证', '二代证', '大陆身份证', 'id', 'id card', 'identity card', 'resident identity card', 'citizen id'],
    rule: citizen,
  },
  { code: '112', zh: '临时居民身份证', en: 'Temporary ID card', names: ['临时身份证', 'temporary identity card'], rule: citizen },
  { code: '113', zh: '户口簿', en: 'Household register', names: ['户口本', '居民户口簿', 'household register', 'hukou'], rule: citizen },
  { code: '114', zh: '军官证', en: 'Military officer card', names: ['军人证', '中国人民解放军军官证', 'military id', 'military card'], rule: military },
  { code: '115', zh: '武警警官证', en: 'Armed police officer card', names: ['警官证', '武警证', 'armed police card'], rule: military },
  { code: '117', zh: '出生医学证明', en: 'Birth certificate', names: ['出生证', '出生证明', 'birth certificate'], rule: pattern(/^[A-Z]\d{9}$/) },
  {
    code: '335',
    zh: '机动车驾驶证',
    en: 'Driving licence',
    names: ['驾驶证', '驾照', 'driving license', "driver's license", 'driver license'],
    rule: (number) => result(number, ['DOC_NOT_SUFFICIENT']),
  },
  { code: '414', zh: '普通护照', en: 'Ordinary passport', names: ['护照', '外国护照', 'passport'], rule: foreignPaper },
  {
    code: '511',
    zh: '台湾居民来往大陆通行证',
    en: 'Taiwan resident travel permit',
    names: ['台胞证', '台湾居民通行证', '台湾通行证', 'taiwan travel permit'],
    rule: pattern(/^\d{8}$/),
  },
  {
    code: '516',
    zh: '港澳居民来往内地通行证',
    en: 'HK/Macao resident travel permit',
    names: ['回乡证', '港澳居民通行证', '港澳通行证', 'home return permit', 'hk/macao travel permit'],
    rule: pattern(/^[HM]\d{8}$/),
  },
  {
    code: '553',
    zh: '外国人永久居留身份证',
    en: 'Foreign permanent resident ID card',
    names: ['外国人永久居留证', '永久居留证', 'permanent residence', 'foreign permanent residence'],
    rule: foreignPermanent,
  },
  {
    code: '554',
    zh: '外国人居留证',
    en: 'Foreigner residence permit',
    names: ['外国人居留许可', 'foreign residence permit', 'residence permit for foreigners'],
    rule: foreignPaper,
  },
  { code: '555', zh: '外国人临时居留证', en: 'Foreigner temporary residence permit', names: ['临时居留证', 'temporary residence permit'], rule: foreignPaper },
  {
    code: '1000',
    zh: '港澳台居民居住证',
    en: 'HK/Macao/Taiwan residence permit',
    names: ['居住证', '港澳居民居住证', '台湾居民居住证', 'hmt residence permit'],
    rule: residencePermit,
  },
  {
    code: '990',
    zh: '其他',
    en: 'Other',
    names: ['其它', '其他证件', 'other document'],
    rule: otherPaper,
  },
];

/** Papers that carry the number of the resident ID card, 111. */
const CITIZEN_PAPERS: ReadonlySet<string> = new Set(['112', '113']);

/** `type:number` by which a register finds a document, the same for the three papers that carry one citizen's number; '' without a number. */
export const documentKey = (type: string, number: string): string => (number === '' ? '' : `${CITIZEN_PAPERS.has(type) ? '111' : type}:${number}`);

const BY_NAME: ReadonlyMap<string, DocumentKind> = new Map(
  DOCUMENT_KINDS.flatMap((kind) => [kind.code, kind.zh, kind.en.toLowerCase(), ...kind.names].map((name) => [name, kind] as const)),
);

/** The kind by its code or by a Chinese or English name, as a roster writes it; undefined: none of the list. */
export const documentKind = (text: string): DocumentKind | undefined => BY_NAME.get(halfWidth(text).toLowerCase().replace(/\s+/g, ' '));

/** Checks a number by the rule of its kind. Outer space, full-width forms and letter case are normalised first. */
export const checkDocument = (kind: DocumentKind, text: string, context: CitizenIdContext): DocumentCheck => kind.rule(halfWidth(text).toUpperCase(), context);
