import type { zhReview } from './zh-review.ts';

/** The officer’s log review, search for a person, audit, receipts. */
export const enReview: Readonly<Record<keyof typeof zhReview, string>> = {};
