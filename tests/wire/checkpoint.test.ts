import { describe, expect, test } from 'vitest';
import { checkpointText, originOf, parseCheckpoint, signedNote } from '../../gateway/wire/checkpoint.ts';

const ORIGIN = originOf('00112233445566778899aabbccddeeff');
const ROOT = Buffer.alloc(32, 7).toString('base64');
const CITES = `${originOf('f'.repeat(32))} 75 ${ROOT}`;
const BLOB = Buffer.alloc(68, 9).toString('base64');
const NOTE = signedNote(checkpointText({ origin: ORIGIN, size: 1234, root: ROOT, cites: undefined }), ORIGIN, BLOB);

describe('a checkpoint as text', () => {
  test('is the note of C2SP, line by line', () => {
    expect(NOTE).toBe(`doorbook/log/00112233445566778899aabbccddeeff\n1234\n${ROOT}\n\n— ${ORIGIN} ${BLOB}\n`);
  });

  test.each([undefined, CITES])('is read back as it was written, citing %s', (cites) => {
    const body = { origin: ORIGIN, size: 9, root: ROOT, cites };
    const text = checkpointText(body);
    expect(parseCheckpoint(signedNote(text, ORIGIN, BLOB))).toEqual({ ...body, text, signatures: [{ name: ORIGIN, blob: BLOB }] });
  });

  test('keeps the signatures that others added', () => {
    expect(parseCheckpoint(`${NOTE}— witness.example ${BLOB}\n`).signatures.map(({ name }) => name)).toEqual([ORIGIN, 'witness.example']);
  });

  test.each([
    ['', 'checkpoint: expected three lines or more'],
    ['x'.repeat(17_000), 'checkpoint: expected at most 16384 characters'],
    [NOTE.slice(0, -1), 'checkpoint: expected three lines or more'],
    [NOTE.replace('doorbook/log/0011', 'doorbook/log/00XX'), 'origin: expected doorbook/log/ and 32 hex digits'],
    [NOTE.replace('\n1234\n', '\n01234\n'), 'size: expected a whole number'],
    [NOTE.replace('\n1234\n', '\n-1\n'), 'size: expected a whole number'],
    [NOTE.replace('\n1234\n', '\n9999999999999999\n'), 'size: expected a whole number'],
    [NOTE.replace(ROOT, `${ROOT}A`), 'root: expected 32 bytes in base64'],
    [NOTE.replace(ROOT, ROOT.slice(1)), 'root: expected 32 bytes in base64'],
    [NOTE.replace('\n\n', '\nmore\n\n'), 'cites: expected cites, origin, size and root'],
    [NOTE.replace('\n\n', `\ncites ${CITES} more\n\n`), 'cites: expected cites, origin, size and root'],
    [NOTE.replace('\n\n', `\ncites ${CITES}\ncites ${CITES}\n\n`), 'checkpoint: expected no lines but'],
    [NOTE.replace('— ', '- '), 'signature: expected — name and base64'],
    [NOTE.replace(BLOB, '!'), 'signature: expected — name and base64'],
  ])('is refused by the line that is wrong: %j', (note, said) => {
    expect(() => parseCheckpoint(note)).toThrow(said);
  });
});
