import type { Role } from '../../gateway/http/schemas/session.ts';
import type { NavName } from './nav-names.ts';

/** A page of a desk: shown to whoever may do `pair` of the permission matrix (SessionView.may). */
export interface DeskPage {
  readonly href: string;
  readonly icon: NavName;
  /** data:letter */
  readonly pair: string;
  readonly demoOnly?: boolean;
  /** Fewer roles than may do the pair. */
  readonly only?: readonly Role[];
}

/** Whoever is given rows of alarms, and not their number alone. */
export const ALARM_ROLES: readonly Role[] = ['LL', 'BL', 'OF', 'SA', 'AU'];

/** In the order they are shown. */
const DESK_PAGES: readonly DeskPage[] = [
  { href: '/alarms', icon: 'alarms', pair: 'doorAlarm:R', only: ALARM_ROLES },
  { href: '/accounts', icon: 'people', pair: 'account:R' },
  { href: '/agents', icon: 'people', pair: 'account:C', only: ['LL'] },
  { href: '/offices', icon: 'offices', pair: 'org:R' },
  { href: '/approvals', icon: 'approvals', pair: 'pendingAct:R' },
  { href: '/receipts', icon: 'receipts', pair: 'auditLog:R', only: ['TEN'] },
  { href: '/review', icon: 'review', pair: 'lookUps:R', only: ['OF', 'DA', 'PO'] },
  { href: '/search', icon: 'search', pair: 'identity:R', only: ['CL', 'OF', 'PO'] },
  { href: '/filings', icon: 'filings', pair: 'filing:R', only: ['LL', 'CL', 'OF'] },
  { href: '/move-outs', icon: 'moves', pair: 'moveOut:X', only: ['CL', 'OF'] },
  { href: '/requests', icon: 'requests', pair: 'dataRequest:R', only: ['PO', 'CL', 'AU'] },
  { href: '/audit', icon: 'audit', pair: 'auditLog:R', only: ['AU', 'PO', 'SA'] },
  { href: '/log', icon: 'log', pair: 'machinery:R' },
  { href: '/retention', icon: 'retention', pair: 'retention:R', only: ['PO', 'AU', 'SA', 'OF'] },
  { href: '/rules', icon: 'rules', pair: 'rule:R', only: ['DA', 'CL', 'OF', 'AU'] },
  { href: '/notices', icon: 'notices', pair: 'assessment:R', only: ['PO', 'AU'] },
  { href: '/my-data', icon: 'requests', pair: 'consent:C', only: ['TEN'] },
  { href: '/outbox', icon: 'outbox', pair: 'outbox:R' },
  { href: '/lines', icon: 'lines', pair: 'serialLine:R', only: ['SA', 'AU'] },
];

/** Where a role begins whose work is not a building. */
const FIRST_PAGE: Readonly<Partial<Record<Role, string>>> = { TEN: '/receipts', AU: '/audit', PO: '/requests' };
/** It may only be given numbers about buildings, or about doors: there is no list to show (domain.md 5.8). */
const ONLY_NUMBERS: Readonly<Record<'building' | 'door', readonly Role[]>> = { building: ['AU'], door: ['DA', 'AU'] };

/** The page a role begins at; undefined: its buildings. */
export const firstPageOf = (mine: Role | undefined): string | undefined => (mine === undefined ? undefined : FIRST_PAGE[mine]);

/** Is this role given a list of buildings, or the doors of one? */
export const lists = (what: 'building' | 'door', mine: Role | undefined, may: (pair: string) => boolean): boolean =>
  mine !== undefined && may(`${what}:R`) && !ONLY_NUMBERS[what].includes(mine);

/** Who is told which card was stopped: the others learn only whether cards work. */
const STOPS: ReadonlySet<Role> = new Set(['TEN', 'LL', 'CL', 'OF']);

/** Is this role shown receipts of stopped cards? */
export const seesStops = (mine: Role | undefined): boolean => mine !== undefined && STOPS.has(mine);

/** The pages a role sees in its navigation. */
export const desksOf = (mine: Role | undefined, may: (pair: string) => boolean, demo: boolean): DeskPage[] =>
  DESK_PAGES.filter(({ pair, only, demoOnly }) => mine !== undefined && may(pair) && (only === undefined || only.includes(mine)) && (demoOnly !== true || demo));
