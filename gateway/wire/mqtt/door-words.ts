/**
 * What a door notices by itself (`evt`, field `w`). With the decisions and the comings and goings of controllers
 * these are the events EN 60839-11-1 asks of grade 4 (security.md 1a).
 */
export const DOOR_WORDS = [
  'exit',
  'opened',
  'closed',
  'forced',
  'held',
  'tamper',
  'tamper-end',
  'contact-fault',
  'contact-back',
  'reader-lost',
  'reader-back',
  'power-lost',
  'power-back',
  'battery-low',
  'battery-back',
  'fire',
  'fire-end',
  'clock-jump',
  'pin-tries',
  'duress',
  'lockdown',
  'lockdown-end',
  'duty-release',
  'first-in',
  'hold',
  'hold-end',
  'settings',
] as const;
/** One of them. */
export type DoorWord = (typeof DOOR_WORDS)[number];
