import { applyRoster, findRoster, previewRoster } from '../register/import-roster.ts';
import type { Register } from '../store/register.ts';
import type { Rosters } from './deps.ts';

/** Roster files, on the register. */
export const rostersOf = (register: Register): Rosters => ({
  preview: (upload, now) => previewRoster(register, upload, now),
  find: (id) => findRoster(register, id),
  apply: (id, choice, now) => applyRoster(register, id, { ...choice, now }),
});
