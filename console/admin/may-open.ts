import type { DoorView } from '../../gateway/http/schemas/places.ts';
import { may, role, session } from '../parts/session.svelte.ts';

/** Whether to offer this role a button that opens the door: shared doors for the landlord, and for the operator in the demo. The gateway decides again. */
export const mayOpen = (door: DoorView): boolean => door.unitId === null && (role() === 'LL' || (role() === 'SA' && session()?.demo === true));

/** Whether to offer this role the other orders: any door for the operator, shared ones for the landlord. */
export const mayOrder = (door: DoorView): boolean => role() === 'SA' || (role() === 'LL' && door.unitId === null);

/** Whether to offer this role the lockdown of a door: shared ones for the landlord, any for officer and operator. */
export const mayLockDown = (door: DoorView): boolean => may('lockdown:X') && (role() !== 'LL' || door.unitId === null);
