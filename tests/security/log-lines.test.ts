import { describe, expect, test } from 'vitest';
import { errorLines } from '../../gateway/error-line.ts';

/** Log injection (ASVS 16.4.1): what somebody typed cannot become a line, a colour or a cursor movement of the log. */
const lineOf = (message: string, where = 'POST /x'): string => errorLines(new Error(message), where).split('\n')[0] ?? '';

describe('a line of the error log', () => {
  test.each(['a\u001b[2Jb', 'a\u001b]0;title\u0007b', 'a\rdesk: all is well', 'a\u202eb', 'a\u2028b', 'a\u0000b', 'a\u009bb'])('has no control character of %j', (message) => {
    expect(lineOf(message)).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
    expect(lineOf('x', message)).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
  });

  test('is the last of the message, so that a query quoted before it stays out', () => {
    const text = errorLines(new Error('Invalid query: {"name":"王小明"}\n\nUnique constraint failed\n'), 'POST /x');
    expect(text.split('\n')[0]).toBe('POST /x: Error: Unique constraint failed');
    expect(text).not.toContain('王小明');
  });

  test('is followed by frames only', () => {
    for (const line of errorLines(new Error('boom\n    at forged (x.ts:1:1)'), 'job').split('\n').slice(1)) expect(line).toMatch(/^ {4}at /);
    expect(errorLines('just text', 'job')).toMatch(/^job: Error: just text\n/);
  });
});
