import { zhAccount } from './zh-account.ts';
import { zhOffices } from './zh-offices.ts';
import { zhReview } from './zh-review.ts';
import { zhRights } from './zh-rights.ts';
import { zhBuilding } from './zh-building.ts';
import { zhFrame } from './zh-frame.ts';
import { zhTokens } from './zh-tokens.ts';
import { zhDoors } from './zh-doors.ts';
import { zhRules } from './zh-rules.ts';
import { zhPages } from './zh-pages.ts';
import { zhProof } from './zh-proof.ts';
import { zhStops } from './zh-stops.ts';
import { zhWork } from './zh-work.ts';
import type { zhLaw } from './law-zh.ts';
import type { zhHomes } from './homes-zh.ts';
import type { zhLines } from './lines-zh.ts';
import type { zhRoster } from './roster-zh.ts';
import type { zhRegistration } from './registration-zh.ts';
import type { zhTenancy } from './tenancy-zh.ts';

/** Every word the console shows, in Chinese. The keys are the contract; en.ts has the same. */
export const zh = {
  ...zhFrame,
  ...zhBuilding,
  ...zhPages,
  ...zhAccount,
  ...zhOffices,
  ...zhReview,
  ...zhRights,
  ...zhTokens,
  ...zhProof,
  ...zhStops,
  ...zhDoors,
  ...zhRules,
  ...zhWork,
};

/** Name of a text, also of those that come with a page; `t` takes no other. */
export type Key = keyof typeof zh | keyof typeof zhLines | keyof typeof zhLaw | keyof typeof zhHomes | keyof typeof zhTenancy | keyof typeof zhRoster | keyof typeof zhRegistration;
