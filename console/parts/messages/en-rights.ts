import type { zhRights } from './zh-rights.ts';

/** Retention, holds, requests of people about their data, notices, assessments. */
export const enRights: Readonly<Record<keyof typeof zhRights, string>> = {};
