import { describe, expect, test } from 'vitest';
import { TEST_DIVISIONS } from '../../gateway/core/division.ts';
import { checkDocument, DOCUMENT_KINDS, documentKind, type DocumentCheck } from '../../gateway/core/documents.ts';

const context = { today: '2026-11-22', divisions: TEST_DIVISIONS };

function check(type: string, number: string): DocumentCheck {
  const kind = documentKind(type);
  if (kind === undefined) throw new Error(`no document kind ${type}`);
  return checkDocument(kind, number, context);
}
const codes = (type: string, number: string): string[] => check(type, number).findings.map((finding) => finding.code);

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
  ])('%s refuses %s: %s', (type, number, code) => {
    expect(codes(type, number)).toEqual([code]);
  });

  test('another document is taken with a warning, for a person to look at', () => {
    expect(check('其他', '退伍证 123').findings).toEqual([{ code: 'DOC_OTHER', warning: true }]);
  });

  test('the residence permit and the foreign card tell the birth date', () => {
    expect(check('港澳台居民居住证', '810000190001010114')).toMatchObject({ birth: '1900-01-01', sex: 1 });
    expect(check('外国人永久居留身份证', '989999199003070125').birth).toBe('1990-03-07');
  });

  test('names in both languages lead to the kind, full-width and in any case', () => {
    expect(['身份证', ' 居民身份证 ', 'ID Card', '１１１', '护照', 'PASSPORT', '回乡证', '台胞证'].map((name) => documentKind(name)?.code)).toEqual([
      '111',
      '111',
      '111',
      '111',
      '414',
      '414',
      '516',
      '511',
    ]);
    expect(documentKind('工作证')).toBeUndefined();
  });

  test('no name leads to two kinds', () => {
    const names = DOCUMENT_KINDS.flatMap((kind) => [...new Set([kind.code, kind.zh, kind.en.toLowerCase(), ...kind.names])]);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });
});
