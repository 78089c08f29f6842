import { describe, expect, test } from 'vitest';
import { TEST_DIVISIONS } from '../../gateway/core/division.ts';
import { checkCharacter } from '../../gateway/core/citizen-id.ts';
import { checkDocument, DOCUMENT_KINDS, documentKey, documentKind, type DocumentCheck } from '../../gateway/core/documents.ts';

const context = { today: '2026-11-22', divisions: TEST_DIVISIONS };

function check(type: string, number: string): DocumentCheck {
  const kind = documentKind(type);
  if (kind === undefined) throw new Error(`no document kind ${type}`);
  return checkDocument(kind, number, context);
}
const codes = (type: string, number: string): string[] => check(type, number).findings.map((finding) => finding.code);

/** domain.md 3.2: code, Chinese, English, and what else rosters call it. */
const NAMES = [
  '111 | 居民身份证 | Resident ID card | 身份证 | 二代身份证 | 二代证 | 大陆身份证 | id | id card | identity card | resident identity card | citizen id',
  '112 | 临时居民身份证 | Temporary ID card | 临时身份证 | temporary identity card',
  '113 | 户口簿 | Household register | 户口本 | 居民户口簿 | household register | hukou',
  '114 | 军官证 | Military officer card | 军人证 | 中国人民解放军军官证 | military id | military card',
  '115 | 武警警官证 | Armed police officer card | 警官证 | 武警证 | armed police card',
  '117 | 出生医学证明 | Birth certificate | 出生证 | 出生证明 | birth certificate',
  "335 | 机动车驾驶证 | Driving licence | 驾驶证 | 驾照 | driving license | driver's license | driver license",
  '414 | 普通护照 | Ordinary passport | 护照 | 外国护照 | passport',
  '511 | 台湾居民来往大陆通行证 | Taiwan resident travel permit | 台胞证 | 台湾居民通行证 | 台湾通行证 | taiwan travel permit',
  '516 | 港澳居民来往内地通行证 | HK/Macao resident travel permit | 回乡证 | 港澳居民通行证 | 港澳通行证 | home return permit | hk/macao travel permit',
  '553 | 外国人永久居留身份证 | Foreign permanent resident ID card | 外国人永久居留证 | 永久居留证 | permanent residence | foreign permanent residence',
  '554 | 外国人居留证 | Foreigner residence permit | 外国人居留许可 | foreign residence permit | residence permit for foreigners',
  '555 | 外国人临时居留证 | Foreigner temporary residence permit | 临时居留证 | temporary residence permit',
  '1000 | 港澳台居民居住证 | HK/Macao/Taiwan residence permit | 居住证 | 港澳居民居住证 | 台湾居民居住证 | hmt residence permit',
  '990 | 其他 | Other | 其它 | 其他证件 | other document',
];

describe('identity documents', () => {
  test.each([
    ['111', '890101199003070118'],
    ['112', '890101199003070118'],
    ['113', '890102201506010156'],
    ['114', '军字第1234567'],
    ['115', 'WJ12345678'],
    ['117', 'V123456789'],
    ['414', 'x0000001'],
    ['511', '00000001'],
    ['516', 'h00000001'],
    ['516', 'M00000001'],
    ['553', '989999199003070125'],
    ['553', 'abc123456789012'],
    ['554', 'R1234567'],
    ['555', 'T1234567'],
    ['1000', '810000190001010114'],
    ['1000', '820000190001010220'],
    ['1000', '830000190001010337'],
    ['114', '军字第123'],
    ['114', '军'.repeat(20)],
    ['414', 'A1234'],
    ['414', 'A'.repeat(20)],
  ])('%s takes %s', (type, number) => {
    expect(codes(type, number)).toEqual([]);
  });

  test.each([
    ['111', '890101199003070117', 'ID_CHECKSUM'],
    ['112', '89010119970229011X', 'ID_DATE_INVALID'],
    ['114', '12345', 'DOC_NUMBER_FORMAT'],
    ['117', '1234567890', 'DOC_NUMBER_FORMAT'],
    ['335', '890101199003070118', 'DOC_NOT_SUFFICIENT'],
    ['414', 'A1', 'DOC_NUMBER_FORMAT'],
    ['414', 'A'.repeat(21), 'DOC_NUMBER_FORMAT'],
    ['511', '1234567', 'DOC_NUMBER_FORMAT'],
    ['516', 'A00000001', 'DOC_NUMBER_FORMAT'],
    ['553', '889999199003070125', 'DOC_NUMBER_FORMAT'],
    ['553', '989999199003070126', 'ID_CHECKSUM'],
    ['553', '989999199013070125', 'ID_DATE_INVALID'],
    ['553', '989999209903070125', 'ID_DATE_FUTURE'],
    ['1000', '890101199003070118', 'ID_DIVISION_UNKNOWN'],
    ['111', '810000190001010114', 'ID_DIVISION_UNKNOWN'],
    ['1000', '810000190001010115', 'ID_CHECKSUM'],
    ['990', '', 'DOC_NUMBER_FORMAT'],
    ['990', 'A'.repeat(51), 'DOC_NUMBER_FORMAT'],
    ['114', '军字第12', 'DOC_NUMBER_FORMAT'],
    ['114', '军'.repeat(21), 'DOC_NUMBER_FORMAT'],
    ['115', '!WJ12345678', 'DOC_NUMBER_FORMAT'],
    ['115', 'WJ12345678!', 'DOC_NUMBER_FORMAT'],
    ['117', 'AV123456789', 'DOC_NUMBER_FORMAT'],
    ['117', 'V1234567890', 'DOC_NUMBER_FORMAT'],
    ['414', '!A12345', 'DOC_NUMBER_FORMAT'],
    ['414', 'A12345!', 'DOC_NUMBER_FORMAT'],
    ['414', 'A123', 'DOC_NUMBER_FORMAT'],
    ['511', '123456789', 'DOC_NUMBER_FORMAT'],
    ['511', 'T12345678', 'DOC_NUMBER_FORMAT'],
    ['511', '12345678T', 'DOC_NUMBER_FORMAT'],
    ['516', 'AH00000001', 'DOC_NUMBER_FORMAT'],
    ['516', 'H000000010', 'DOC_NUMBER_FORMAT'],
    ['553', 'ABCD123456789012', 'DOC_NUMBER_FORMAT'],
    ['553', 'ABC1234567890123', 'DOC_NUMBER_FORMAT'],
    ['553', '0989999199003070125', 'DOC_NUMBER_FORMAT'],
    ['553', '9899991990030701250', 'DOC_NUMBER_FORMAT'],
    ['1000', ['840000', '19000101011X'].join(''), 'ID_DIVISION_UNKNOWN'],
  ])('%s refuses %s: %s', (type, number, code) => {
    expect(codes(type, number)).toEqual([code]);
  });

  test('another document is taken with a warning, for a person to look at', () => {
    expect(check('其他', '退伍证 123')).toEqual({ number: '退伍证 123', birth: '', sex: 0, findings: [{ code: 'DOC_OTHER', warning: true }] });
    expect(check('其他', 'A'.repeat(50)).findings).toEqual([{ code: 'DOC_OTHER', warning: true }]);
    expect(check('其他', '').findings).toEqual([{ code: 'DOC_NUMBER_FORMAT', warning: false }]);
  });

  test('a number that says nothing of its holder is kept as it is, in capitals; what is wrong with it is no mere warning', () => {
    expect(check('414', ' x0000001 ')).toEqual({ number: 'X0000001', birth: '', sex: 0, findings: [] });
    expect(check('414', 'A1')).toEqual({ number: 'A1', birth: '', sex: 0, findings: [{ code: 'DOC_NUMBER_FORMAT', warning: false }] });
  });

  test('a foreign card may be of somebody born today, not tomorrow', () => {
    const card = (birth: string): string => `989999${birth}012${checkCharacter(`989999${birth}012`)}`;
    expect([codes('553', card('20261122')), codes('553', card('20261123'))]).toEqual([[], ['ID_DATE_FUTURE']]);
  });

  test('the papers that carry a citizen number share one key in the register; others have their own, and no number has none', () => {
    expect(['111', '112', '113', '414', '1000'].map((type) => documentKey(type, 'X1'))).toEqual(['111:X1', '111:X1', '111:X1', '414:X1', '1000:X1']);
    expect(documentKey('414', '')).toBe('');
  });

  test('every kind is found by its code and by each of its names, and has nothing else', () => {
    expect(DOCUMENT_KINDS.map(({ code, zh, en, names }) => [code, zh, en, ...names].join(' | '))).toEqual(NAMES);
    for (const line of NAMES) {
      const [code = '', ...names] = line.split(' | ');
      for (const name of [code, ...names]) expect(documentKind(name)?.code, name).toBe(code);
    }
  });

  test('the residence permit and the foreign card tell the birth date', () => {
    expect(check('港澳台居民居住证', '810000190001010114')).toMatchObject({ birth: '1900-01-01', sex: 1 });
    expect(check('外国人永久居留身份证', '989999199003070125').birth).toBe('1990-03-07');
  });

  test('names in both languages lead to the kind, full-width and in any case', () => {
    expect(['身份证', ' 居民身份证 ', 'ID Card', '１１１', '护照', 'PASSPORT', '回乡证', '台胞证', 'resident   identity card'].map((name) => documentKind(name)?.code)).toEqual([
      '111',
      '111',
      '111',
      '111',
      '414',
      '414',
      '516',
      '511',
      '111',
    ]);
    expect(documentKind('工作证')).toBeUndefined();
  });

  test('no name leads to two kinds', () => {
    const names = DOCUMENT_KINDS.flatMap((kind) => [...new Set([kind.code, kind.zh, kind.en.toLowerCase(), ...kind.names])]);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });
});
