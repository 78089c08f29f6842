import { FieldError } from '../../gateway/wire/fields.ts';

const ONE_IN_MAX = 1000;

/** Faults of a door on a serial line: as typed for each of its devices; those with `{n}` take a number. */
export const LINE_FAULTS = {
  /** One reply in so many is bent on its way, lost, or bent with its check made right again. */
  noise: ['noise {n}'],
  lost: ['lost {n}'],
  middle: ['middle {n}'],
  /** So many commands more are answered BUSY. */
  busy: ['busy {n}'],
  /** It says of itself that it can neither CRC nor AES. */
  strip: ['strip on'],
  /** Somebody pressed its button: it takes a key under the public one. */
  install: ['mode install'],
  /** All is well again, but for the key it has. */
  none: ['noise 0', 'lost 0', 'middle 0', 'busy 0', 'strip off'],
} as const;

/** True for the name of a fault of a door on a serial line. */
export const isLineFault = (name: string): name is keyof typeof LINE_FAULTS => Object.hasOwn(LINE_FAULTS, name);

/** What each device of the line is told. Throws FieldError naming what was expected. */
export function lineFault(name: string, value: number | undefined): string[] {
  if (!isLineFault(name)) throw new FieldError('fault', `one of ${Object.keys(LINE_FAULTS).join(', ')}`);
  const numbered = LINE_FAULTS[name].some((line) => line.endsWith('{n}'));
  if (numbered && (value === undefined || !Number.isInteger(value) || value < 0 || value > ONE_IN_MAX)) throw new FieldError(name, `a whole number from 0 to ${ONE_IN_MAX}`);
  if (!numbered && value !== undefined) throw new FieldError(name, 'no number after it');
  return LINE_FAULTS[name].map((line) => line.replace('{n}', String(value)));
}
