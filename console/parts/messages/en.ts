import { enAccount } from './en-account.ts';
import { enOffices } from './en-offices.ts';
import { enReview } from './en-review.ts';
import { enRights } from './en-rights.ts';
import { enBuilding } from './en-building.ts';
import { enFrame } from './en-frame.ts';
import { enTokens } from './en-tokens.ts';
import { enDoors } from './en-doors.ts';
import { enRules } from './en-rules.ts';
import { enPages } from './en-pages.ts';
import { enProof } from './en-proof.ts';
import { enStops } from './en-stops.ts';
import { enWork } from './en-work.ts';
import type { zh } from './zh.ts';

/** Every word the console shows, in English, under the keys of zh.ts. */
export const en: Readonly<Record<keyof typeof zh, string>> = {
  ...enFrame,
  ...enBuilding,
  ...enPages,
  ...enAccount,
  ...enOffices,
  ...enReview,
  ...enRights,
  ...enTokens,
  ...enProof,
  ...enStops,
  ...enDoors,
  ...enRules,
  ...enWork,
};
