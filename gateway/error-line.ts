/** Characters that would end a line, move a cursor or turn the writing direction, in whoever reads the log. */
const CONTROL = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;
const FRAMES = 6;

/**
 * An error as it is written to the log: one line, then the frames. Of the message only its last line, because the first
 * ones of a database error quote what was asked, which may be personal; nothing in it can look like a line of its own.
 */
export function errorLines(error: unknown, where: string): string {
  const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  const frames = stack.split('\n').filter((line) => line.startsWith('    at '));
  const line = `${where}: ${name}: ${message.trimEnd().split('\n').at(-1)}`.replace(CONTROL, '�');
  return [line, ...frames.slice(0, FRAMES)].join('\n');
}
