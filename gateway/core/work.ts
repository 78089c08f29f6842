/** What somebody does in a building where he does not live. */
export const WORK_PURPOSES = ['cleaning', 'care', 'caretaker', 'watch', 'repair', 'other'] as const;
/** One of `WORK_PURPOSES`. */
export type WorkPurpose = (typeof WORK_PURPOSES)[number];

/**
 * Such a right has a last day, at most so many days away. It ends by itself, also at a door that is offline: nobody is
 * kept out of his home by it, and a right that nobody remembers is how doors stay open to people of years ago.
 */
export const MOST_WORK_DAYS = 366;

/** Who may be on duty: a duty card opens in a lockdown and ends it, so it goes to whoever watches the house. */
const ON_DUTY: ReadonlySet<WorkPurpose> = new Set(['caretaker', 'watch']);

/** May somebody who does this be on duty? */
export const mayBeOnDuty = (purpose: WorkPurpose): boolean => ON_DUTY.has(purpose);

/** Duty rights of one building at a time: whoever has one is to be known by name. */
export const MOST_ON_DUTY = 8;
