import { createBreath } from './slice.ts';

/** Largest roster file, bytes. */
export const MAX_FILE_BYTES = 8 * 1024 * 1024;

/** Text of a file and how it was encoded, or why it is none. */
export type FileText =
  | { readonly ok: true; readonly text: string; readonly encoding: 'UTF-8' | 'UTF-8 (BOM)' | 'UTF-16' | 'GB18030' }
  | { readonly ok: false; readonly code: 'FILE_EMPTY' | 'FILE_TOO_LARGE' | 'FILE_WORKBOOK' | 'FILE_ENCODING' };

const STEP_BYTES = 256 * 1024;

/** Strict decoding, a piece at a time; undefined when the bytes are not of this encoding. */
async function decodeStrictly(bytes: Uint8Array, label: string): Promise<string | undefined> {
  const decoder = new TextDecoder(label, { fatal: true });
  const breathe = createBreath();
  let text = '';
  try {
    for (let at = 0; at < bytes.length; at += STEP_BYTES) {
      text += decoder.decode(bytes.subarray(at, at + STEP_BYTES), { stream: true });
      await breathe();
    }
    return text + decoder.decode();
  } catch {
    return undefined;
  }
}

/** Is it a ZIP file, as .xlsx and .ods are? */
export const isZip = (bytes: Uint8Array): boolean => startsWith(bytes, 0x50, 0x4b, 0x03, 0x04);

const startsWith = (bytes: Uint8Array, ...head: number[]): boolean => head.every((byte, at) => bytes[at] === byte);

async function encodingOf(bytes: Uint8Array): Promise<{ text: string; encoding: 'UTF-8' | 'UTF-8 (BOM)' | 'UTF-16' | 'GB18030' } | undefined> {
  if (startsWith(bytes, 0xff, 0xfe)) {
    const wide = await decodeStrictly(bytes, 'utf-16le');
    return wide === undefined ? undefined : { text: wide, encoding: 'UTF-16' };
  }
  const utf8 = await decodeStrictly(bytes, 'utf-8');
  if (utf8 !== undefined) return { text: utf8, encoding: startsWith(bytes, 0xef, 0xbb, 0xbf) ? 'UTF-8 (BOM)' : 'UTF-8' };
  const national = await decodeStrictly(bytes, 'gb18030');
  return national === undefined ? undefined : { text: national, encoding: 'GB18030' };
}

/**
 * Text of a CSV file as spreadsheets save it: strict UTF-8 with or without a byte order mark, UTF-16 with one
 * ("Unicode text"), else GB18030 (GBK and GB2312 are parts of it). An older workbook or another binary file is refused.
 */
export async function readFileText(bytes: Uint8Array): Promise<FileText> {
  if (bytes.length === 0) return { ok: false, code: 'FILE_EMPTY' };
  if (bytes.length > MAX_FILE_BYTES) return { ok: false, code: 'FILE_TOO_LARGE' };
  // What opens the older .xls, and a workbook that is locked with a password.
  if (startsWith(bytes, 0xd0, 0xcf, 0x11, 0xe0)) return { ok: false, code: 'FILE_WORKBOOK' };
  const read = await encodingOf(bytes);
  if (read === undefined || read.text.includes('\0')) return { ok: false, code: 'FILE_ENCODING' };
  return read.text.trim() === '' ? { ok: false, code: 'FILE_EMPTY' } : { ok: true, ...read };
}
