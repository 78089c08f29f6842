/** The officer’s log review, search for a person, audit, receipts. Written in Chinese, not translated. */
export const zhReview = {};
