import type { Component } from 'svelte';
import { withWords } from '../parts/i18n.svelte.ts';
import Building from './pages/Building.svelte';
import Door from './pages/Door.svelte';
import Import from './pages/Import.svelte';
import Unit from './pages/Unit.svelte';

/** A page for a row of the register. */
export type Page = Component<{ id: number }>;
/** A page of its own, without a row. */
export type DeskView = Component<Record<string, never>>;

/** Pages everybody's first visit needs. */
export const PAGES: readonly (readonly [string, Page])[] = [
  ['/building/:id', Building],
  ['/building/:id/import', Import],
  ['/unit/:id', Unit],
  ['/door/:id', Door],
];

/** Pages of single desks, fetched when they are opened: a landlord's phone never loads the auditor's (console.md 8). */
export const LAZY_PAGES: readonly (readonly [string, () => Promise<{ default: Page }>])[] = [
  ['/review/:id', () => import('./pages/Review.svelte')],
  ['/door/:id/commissioning', () => import('./pages/Commissioning.svelte')],
  ['/accounts/:id', () => import('./pages/Account.svelte')],
  ['/card-stop/:id', () => import('./pages/CardStop.svelte')],
  ['/building/:id/card-stops', () => import('./pages/CardStops.svelte')],
  ['/building/:id/roster', () => withWords('roster', import('./pages/Roster.svelte'))],
  ['/unit/:id/sheet', () => withWords('homes', withWords('roster', import('./pages/HomeSheet.svelte')))],
  ['/certificate/:id', () => withWords('registration', import('./pages/Certificate.svelte'))],
  ['/line-device/:id', () => withWords('lines', import('./pages/LineDevice.svelte'))],
];

/** Pages without a row in their address, fetched likewise. */
export const DESK_VIEWS: readonly (readonly [string, () => Promise<{ default: DeskView }>])[] = [
  ['/security', () => import('./pages/Security.svelte')],
  ['/alarms', () => import('./pages/Alarms.svelte')],
  ['/review', () => import('./pages/Reviews.svelte')],
  ['/search', () => import('./pages/Find.svelte')],
  ['/my-looks', () => import('./pages/Looks.svelte')],
  ['/audit', () => import('./pages/Audits.svelte')],
  ['/log', () => import('./pages/Log.svelte')],
  ['/receipts', () => import('./pages/Receipts.svelte')],
  ['/accounts', () => import('./pages/Accounts.svelte')],
  ['/agents', () => import('./pages/Agents.svelte')],
  ['/offices', () => import('./pages/Offices.svelte')],
  ['/approvals', () => import('./pages/Approvals.svelte')],
  ['/outbox', () => import('./pages/Outbox.svelte')],
  ['/filings', () => withWords('homes', import('./pages/Filings.svelte'))],
  ['/lines', () => withWords('lines', import('./pages/Lines.svelte'))],
  ['/rules', () => withWords('law', import('./pages/Law.svelte'))],
  ['/requests', () => import('./pages/Requests.svelte')],
  ['/retention', () => import('./pages/Retention.svelte')],
  ['/notices', () => import('./pages/Notices.svelte')],
  ['/more', () => import('./pages/More.svelte')],
  ['/move-outs', () => withWords('tenancy', import('./pages/Objections.svelte'))],
  ['/roster', () => withWords('roster', import('./pages/Roster.svelte'))],
  ['/counter', () => withWords('registration', import('./pages/Counter.svelte'))],
  ['/my-data', () => import('./pages/MyData.svelte')],
];

/** What is asked on the way in, fetched likewise: the second factor, setting one up, an invitation, and that an assignment is not in force. */
export const GATES = {
  factor: () => import('./account/GiveFactor.svelte'),
  enrol: () => import('./account/Enrol.svelte'),
  invite: () => import('./account/Invite.svelte'),
  unassigned: () => import('./account/Unassigned.svelte'),
  stepUp: () => import('./StepUp.svelte'),
} as const;

/** What somebody whose assignment is not in force may still see: what is his own. */
export const OWN_PATHS: ReadonlySet<string> = new Set(['/security', '/receipts', '/my-looks']);
