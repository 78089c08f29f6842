import { importDistrictPart } from '../register/import-district.ts';
import { applyRoster, findRoster, previewRoster } from '../register/import-roster.ts';
import type { Register } from '../store/register.ts';
import type { Districts, Rosters } from './deps.ts';
import type { DistrictSealer } from './district-sealer.ts';

/** Roster files, on the register. */
export const rostersOf = (register: Register): Rosters => ({
  preview: (upload, now) => previewRoster(register, upload, now),
  find: (id) => findRoster(register, id),
  apply: (id, choice, now) => applyRoster(register, id, { ...choice, now }),
});

/** A district's roster, on the register; what takes time is done by the sealer. */
export const districtsOf = (register: Register, sealer: DistrictSealer): Districts => ({
  take: (upload, now) => importDistrictPart(register, sealer.seal, upload, now),
  close: sealer.close,
});
