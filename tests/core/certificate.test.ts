import { describe, expect, test } from 'vitest';
import { certificateText, readCertificate, splitCertificate } from '../../gateway/core/certificate.ts';

const STATEMENT = { number: '0123456789ABCDEF', name: '李*', place: '测试省测试市测试社区', until: '2027-02-28' };
const SIGNATURE = `${'aZ0_-'.repeat(17)}b`;

describe('what a certificate says to a stranger', () => {
  test('is a line each, and is read as it was written', () => {
    expect(certificateText(STATEMENT)).toBe('doorbook-certificate/1\n0123456789ABCDEF\n李*\n测试省测试市测试社区\n2027-02-28');
    expect(readCertificate(certificateText(STATEMENT))).toEqual(STATEMENT);
  });

  test.each([
    ['another context', certificateText(STATEMENT).replace('certificate/1', 'certificate/2')],
    ['a number with more before it', certificateText({ ...STATEMENT, number: `0${STATEMENT.number}` })],
    ['a number with more behind it', certificateText({ ...STATEMENT, number: `${STATEMENT.number}0` })],
    ['no number', certificateText({ ...STATEMENT, number: '' })],
    ['no name', certificateText({ ...STATEMENT, name: '' })],
    ['no place', certificateText({ ...STATEMENT, place: '' })],
    ['a day there is not', certificateText({ ...STATEMENT, until: '2027-02-29' })],
    ['a line more', `${certificateText(STATEMENT)}\n`],
    ['its first line', 'doorbook-certificate/1'],
    ['no name and nothing behind it', 'doorbook-certificate/1\n0123456789ABCDEF'],
    ['nothing', ''],
  ])('is nothing with %s', (_, text) => {
    expect(readCertificate(text)).toBeUndefined();
  });
});

describe('what a QR code holds', () => {
  test.each(['a', 'aZ0_-', 'x'.repeat(800)])('is a body and its signature', (body) => {
    expect(splitCertificate(`${body}.${SIGNATURE}`)).toEqual({ body, signature: SIGNATURE });
  });
  test.each([
    ['no body', `.${SIGNATURE}`],
    ['a body that is too long', `${'x'.repeat(801)}.${SIGNATURE}`],
    ['a signature that is too short', `abc.${SIGNATURE.slice(1)}`],
    ['a signature that is too long', `abc.${SIGNATURE}a`],
    ['a mark in its body', `a+c.${SIGNATURE}`],
    ['a mark in its signature', `abc.${SIGNATURE.slice(1)}+`],
    ['something before it', ` abc.${SIGNATURE}`],
    ['no dot', `abc${SIGNATURE}`],
    ['nothing', ''],
  ])('is nothing with %s', (_, text) => {
    expect(splitCertificate(text)).toBeUndefined();
  });
});
