/** A name with all but its first character hidden, however long it is: 李*. */
export function maskName(name: string): string {
  const first = [...name.trim()][0];
  return first === undefined ? '' : `${first}*`;
}

/** A document number: first six and last four of a long one (890101********0118), else only its last few. */
export function maskDocument(number: string): string {
  const head = number.length >= 15 ? 6 : 0;
  const tail = Math.min(4, Math.floor(number.length / 2));
  return number.slice(0, head) + '*'.repeat(number.length - head - tail) + number.slice(number.length - tail);
}

/** A phone number in E.164: the country code goes, the first three and last four digits stay (120****0001). */
export function maskPhone(e164: string): string {
  const digits = e164.replace(/^\+86/, '');
  if (digits.length < 9) return '*'.repeat(digits.length);
  return `${digits.slice(0, 3)}${'*'.repeat(digits.length - 7)}${digits.slice(-4)}`;
}
