import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{5}/g) ?? []).map((five) => BASE32[Number.parseInt(five, 2)]).join('');
}

/** As JSON writes it when it escapes. */
const escaped = (text: string): string => [...text].map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');

/** What stays the same of the base64 of some bytes wherever they stand in a longer text: the three alignments, without the ends that neighbours change. */
function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].map((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    return whole.slice(before === 0 ? 0 : before + 1, -((3 - ((bytes.length + before) % 3)) % 3) - 1 || undefined);
  });
}

/** The ways in which a value could lie in a file: as it is, in UTF-16, as hex, as base64, bytes also as base32. */
export function formsOf(value: string | Buffer): Buffer[] {
  const bytes = Buffer.from(value);
  const texts = [
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    ...base64Forms(bytes),
    ...base64Forms(bytes).map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
  ];
  const wide = typeof value === 'string' ? [Buffer.from(value, 'utf16le'), Buffer.from(value, 'utf16le').swap16(), Buffer.from(escaped(value))] : [Buffer.from(base32(bytes))];
  return [bytes, ...wide, ...texts.map((text) => Buffer.from(text))].filter((form) => form.length >= 6);
}

/** Finds any of many byte strings (six bytes and longer) in one walk over a file. */
export function createSearch(values: ReadonlyMap<string, string | Buffer>): (bytes: Buffer) => string[] {
  const byHead = new Map<number, { readonly name: string; readonly form: Buffer }[]>();
  for (const [name, value] of values)
    for (const form of formsOf(value)) {
      const head = form.readUInt32LE(0);
      byHead.set(head, [...(byHead.get(head) ?? []), { name, form }]);
    }
  return (bytes) => {
    const found = new Set<string>();
    for (let at = 0; at + 4 <= bytes.length; at += 1)
      for (const { name, form } of byHead.get(bytes.readUInt32LE(at)) ?? []) if (bytes.subarray(at, at + form.length).equals(form)) found.add(name);
    return [...found];
  };
}

/** Every file below a folder, but for folders left out by name. */
function filesBelow(dir: string, leaveOut: readonly string[] = []): string[] {
  return readdirSync(dir).flatMap((name) => {
    const file = path.join(dir, name);
    if (leaveOut.includes(name)) return [];
    return statSync(file).isDirectory() ? filesBelow(file, leaveOut) : [file];
  });
}

/** What is found below a folder, as "file: value". */
export function findBelow(dir: string, search: (bytes: Buffer) => string[], leaveOut: readonly string[] = []): string[] {
  return filesBelow(dir, leaveOut).flatMap((file) => search(readFileSync(file)).map((name) => `${path.relative(dir, file)}: ${name}`));
}
