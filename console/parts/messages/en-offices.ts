import type { zhOffices } from './zh-offices.ts';

/** Accounts, assignments, offices, grids, approvals, the outbox. */
export const enOffices: Readonly<Record<keyof typeof zhOffices, string>> = {};
