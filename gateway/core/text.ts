/**
 * Text as people type it on a Chinese keyboard, brought to the form the checks expect: full-width letters,
 * digits and punctuation become ASCII (U+FF01–U+FF5E, U+3000), outer white space and invisible marks go.
 */
export function halfWidth(text: string): string {
  // Nearly every cell of a long roster is plain already.
  if (/^[\x20-\x7e]*$/.test(text)) return text.trim();
  return text
    .replace(/[\uFF01-\uFF5E]/g, (char) => String.fromCharCode(char.charCodeAt(0) - 0xfee0))
    .replace(/[\u3000\u00A0]/g, ' ')
    .replace(/[\u200B-\u200F\u202A-\u202E\u2060\uFEFF]/g, '')
    .trim();
}
