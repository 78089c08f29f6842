import { describe, expect, test } from 'vitest';
import { findings } from './files.ts';

/** Words are put together here so that this file does not find itself. */
const word = (...parts: string[]): string => parts.join('');

describe('nothing is left unfinished', () => {
  test.each([word('TO', 'DO'), word('FIX', 'ME'), word('HA', 'CK'), word('WORK', 'IN PROGRESS')])('no %s', (mark) => {
    expect(findings(new RegExp(`\\b${mark}\\b`))).toEqual([]);
  });

  test('no test is skipped, left for later or run alone', () => {
    const calls = [word('sk', 'ip'), word('to', 'do'), word('on', 'ly'), word('fa', 'ils'), word('skip', 'If'), word('run', 'If')].join('|');
    expect(findings(new RegExp(`\\b(it|test|describe|suite)(\\.\\w+)*\\.(${calls})\\b`))).toEqual([]);
  });
});

describe('nothing is from one machine or secret', () => {
  test("no path of a developer's machine", () => {
    const homes = [word('/wo', 'rk/'), word('/ro', 'ot/'), word('/ho', 'me/\\w+/'), word('/Us', 'ers/\\w+/'), word('[A-Z]:\\\\\\\\', 'Users')].join('|');
    expect(findings(new RegExp(`(?<![\\w.@*)}/-])(${homes})`))).toEqual([]);
  });

  test('no private key, no access token', () => {
    const marks = [
      word('-----BEGIN [A-Z ]*PRIV', 'ATE KEY'),
      word('\\bgh[pousr]_', '[A-Za-z0-9]{36}'),
      word('\\bnpm_', '[A-Za-z0-9]{36}'),
      word('\\bAK', 'IA[0-9A-Z]{16}'),
      word('_authT', 'oken'),
    ];
    expect(findings(new RegExp(marks.join('|')))).toEqual([]);
  });

  test('no package host but the public registry', () => {
    expect(findings(/registry\s*[=:]\s*\S+/, (match) => !/registry\.npmjs\.org/.test(match[0]) && /\/\//.test(match[0]))).toEqual([]);
  });
});
