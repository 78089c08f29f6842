import { fileBuilding } from '../register/file-building.ts';
import { fitDoor } from '../register/fit-door.ts';
import type { Register } from '../store/register.ts';
import type { Filing } from './deps.ts';

/** New buildings and doors, in the register. */
export const filingOf = (register: Register): Filing => ({
  building: (wish) => fileBuilding(register, wish),
  door: (wish) => fitDoor(register, wish),
});
