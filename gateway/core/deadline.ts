import { addDays, dateAt, endOfDay } from './local-date.ts';

/**
 * Days after move-in within which a person's residence is to be registered (domain.md S1.02; local values differ
 * and the national one is open, L-11). Data, to be replaced by the jurisdiction's table.
 */
const RESIDENCE_REGISTRATION_DAYS = 3;

/** When the registration of somebody who moved in at `movedInAt` is due: the end of the last day. Both epoch ms. */
export const registrationDue = (movedInAt: number): number => endOfDay(addDays(dateAt(movedInAt), RESIDENCE_REGISTRATION_DAYS));
