/** Bytes of each character GB18030 writes in two; Node decodes this encoding but cannot write it. */
function table(): Map<string, Buffer> {
  const decoder = new TextDecoder('gb18030');
  const found = new Map<string, Buffer>();
  for (let lead = 0x81; lead < 0xff; lead++) {
    for (let trail = 0x40; trail < 0xff; trail++) {
      const bytes = Buffer.of(lead, trail);
      const text = decoder.decode(bytes);
      if (text.length === 1 && text !== '\ufffd') found.set(text, bytes);
    }
  }
  return found;
}

/** A text in GB18030, as spreadsheet programs in China save it. Throws RangeError for a character beyond its two-byte part. */
export function gb18030(text: string): Buffer {
  const bytes = table();
  return Buffer.concat(
    [...text].map((letter) => {
      const found = letter < '\u0080' ? Buffer.from(letter) : bytes.get(letter);
      if (found === undefined) throw new RangeError(`text: expected characters of two bytes, got ${letter}`);
      return found;
    }),
  );
}
