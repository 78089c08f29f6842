/** Retention, holds, requests of people about their data, notices, assessments. Written in Chinese, not translated. */
export const zhRights = {};
