/** Accounts, assignments, offices, grids, approvals, the outbox. Written in Chinese, not translated. */
export const zhOffices = {};
