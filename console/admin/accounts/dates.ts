/** A day of a date field in China as the moment it begins, epoch ms; undefined for an empty field. */
export const dayBegins = (day: string): number | undefined => (day === '' ? undefined : Date.parse(`${day}T00:00:00+08:00`));
/** The moment the day after it begins: until the end of that day. */
export const dayEnds = (day: string): number | undefined => {
  const begin = dayBegins(day);
  return begin === undefined ? undefined : begin + 86_400_000;
};
