import { ROLES, type Role } from './roles.ts';

/** What is done: create, read, update, approve or execute, end. Nothing is ever hard-deleted by a desk. */
export type Letter = 'C' | 'R' | 'U' | 'X' | 'D';
/** How far a right reaches. `own` and narrower words come from assignments or, for tenants, from tenancies; `self` is the account's own things. */
export type Reach = 'self' | 'own' | 'unit' | 'bldg' | 'grid' | 'stn' | 'dist' | 'all';
/** In what form data is given; '' is in full. `aggregate`, `count` and `health` never show a row of a person. */
export type Form =
  | ''
  | 'masked'
  | 'aggregate'
  | 'count'
  | 'health'
  | 'state'
  | 'dates'
  | 'log'
  | 'case'
  | 'purpose'
  | 'request'
  | 'reveal'
  | 'reads'
  | 'main'
  | 'test'
  | 'technical'
  | 'invite'
  | 'refusals'
  | 'shared';

/** One right of a role on one kind of data. */
export interface Right {
  readonly letters: ReadonlySet<Letter>;
  readonly reach: Reach;
  readonly form: Form;
}

/** For what needs no account. */
export const ANYBODY = 'anybody';
type Row = Readonly<Partial<Record<Role, string>>>;
const everyRole = (cell: string): Row => Object.fromEntries(ROLES.map((role) => [role, cell]));

/**
 * The permission matrix of domain.md 5.8, row by row; a cell is `letters reach form`, several parted by `;`, and what
 * is not here is not allowed. Where a cell differs from domain.md, docs/decisions/0016 says why. The last block
 * holds what 5.8 has no row for: one's own account, the ledger without persons (design.md 9), the machinery.
 */
export const MATRIX = {
  building: { TEN: 'R unit', LL: 'CRU own', BL: 'R bldg', GW: 'RCU grid', CL: 'RCU stn', OF: 'RX stn', DA: 'R dist', SA: 'CRU all', AU: 'R all aggregate' },
  filing: { LL: 'CRU own', GW: 'R grid state', CL: 'RX stn', OF: 'RX stn', DA: 'R dist aggregate', AU: 'R all log' },
  commitment: { TEN: 'R own', LL: 'CRX own', BL: 'R bldg state', GW: 'RC grid', CL: 'RX stn', OF: 'RX stn', DA: 'R dist aggregate', AU: 'R all log' },
  tenancy: { TEN: 'R own', LL: 'CRUD own', GW: 'R grid dates', CL: 'R stn', OF: 'R stn case', DA: 'R dist aggregate' },
  moveOut: { TEN: 'CRU own', LL: 'CRD own', CL: 'RX stn', OF: 'RX stn masked', AU: 'R all log' },
  identity: { TEN: 'R own', LL: 'CR own masked', GW: 'CR grid masked', CL: 'R stn', OF: 'R stn reveal', PO: 'R all request' },
  occupants: { TEN: 'R own', LL: 'R own masked', BL: 'R bldg count', GW: 'R grid masked', CL: 'RU stn', OF: 'R stn masked', DA: 'R dist aggregate' },
  registration: { TEN: 'CRU own', LL: 'CRU own', GW: 'CRU grid', CL: 'RUX stn', OF: 'RX stn', DA: 'R dist aggregate', AU: 'R all log', PO: 'R all request' },
  permit: { TEN: 'CR own', GW: 'C grid', CL: 'RUX stn', OF: 'RX stn', DA: 'R dist aggregate', AU: 'R all log' },
  credential: { TEN: 'RD own', LL: 'CRD own', BL: 'C bldg', GW: 'R grid state', CL: 'RD stn', OF: 'R stn', DA: 'R dist aggregate', SA: 'R all masked', AU: 'R all log' },
  door: { LL: 'RU own', BL: 'R bldg', OF: 'R stn', DA: 'R dist aggregate', SA: 'RU all', AU: 'R all log' },
  workGrant: { LL: 'CRUD own', OF: 'RD stn masked', AU: 'R all log' },
  remoteUnlock: { TEN: 'X own', LL: 'X own main', SA: 'X all test', AU: 'R all log' },
  emergencyOpen: { LL: 'X own main', BL: 'X bldg main', OF: 'X stn main', DA: 'X dist', AU: 'R all log' },
  lockdown: { LL: 'X own main', OF: 'X stn', SA: 'X all', AU: 'R all log' },
  visitorPass: { TEN: 'CRD own', LL: 'R own count', OF: 'R stn case', DA: 'R dist aggregate' },
  personEntries: { TEN: 'R own', OF: 'R stn purpose', AU: 'R all reads', PO: 'R all request' },
  unitCounts: { TEN: 'R own', LL: 'R own dates', BL: 'R bldg state', GW: 'R grid aggregate', CL: 'R stn aggregate', OF: 'R stn', DA: 'R dist aggregate', SA: 'R all health' },
  cases: { TEN: 'RU own', LL: 'RU own count', GW: 'RU grid case', CL: 'R stn', OF: 'RX stn', DA: 'RX dist aggregate', AU: 'R all', PO: 'R all' },
  watchList: { OF: 'CR stn case', DA: 'X dist', AU: 'R all aggregate', PO: 'R all aggregate' },
  hazard: { TEN: 'CR own', LL: 'RU own', BL: 'C bldg', GW: 'CRU grid', CL: 'R stn', OF: 'RX stn', DA: 'R dist aggregate', AU: 'R all' },
  unitClass: { TEN: 'R own', LL: 'R own', BL: 'R bldg state', GW: 'R grid', CL: 'R stn', OF: 'RX stn', DA: 'RX dist', AU: 'R all' },
  workOrder: { BL: 'C bldg', GW: 'RU grid', CL: 'RX stn', OF: 'CRX stn', DA: 'RX dist', AU: 'R all' },
  serviceCase: { TEN: 'CR own', LL: 'CR own', BL: 'CR bldg', GW: 'CRU grid', CL: 'RX stn', OF: 'R stn', DA: 'RX dist', AU: 'R all aggregate' },
  bulletin: { TEN: 'R own', LL: 'R own', BL: 'CR bldg', GW: 'R grid', CL: 'CR stn', OF: 'CR stn', DA: 'CRX dist', AU: 'R all' },
  statistics: { TEN: 'R own', LL: 'R own', BL: 'R bldg', GW: 'R grid', CL: 'R stn', OF: 'R stn', DA: 'R dist', SA: 'R all health', AU: 'R all aggregate', PO: 'R all aggregate' },
  account: { LL: 'C own invite', DA: 'CRU dist', SA: 'CRU all', AU: 'R all' },
  org: { DA: 'CRU dist', SA: 'CRU all', AU: 'R all' },
  rule: { ...everyRole('R all'), DA: 'CRUX all', SA: 'RU all technical' },
  exchange: { LL: 'CR own', CL: 'CR stn', DA: 'CRX dist', SA: 'CRU all technical', AU: 'R all', PO: 'RX all' },
  auditLog: { TEN: 'R own reads', LL: 'R own reads', CL: 'R self', OF: 'R self', GW: 'R self', DA: 'R dist aggregate', SA: 'R all masked', AU: 'R all', PO: 'R all' },
  dataRequest: { TEN: 'C own; R own', LL: 'C own; R own', CL: 'CRU stn', AU: 'R all', PO: 'CRUX all' },
  assessment: { AU: 'R all', PO: 'CRUX all' },

  session: everyRole('RD self'),
  password: everyRole('U self'),
  secondFactor: everyRole('CRUXD self'),
  accessToken: everyRole('CRD self'),
  cardPin: { TEN: 'CD own', LL: 'CD own', CL: 'CD stn' },
  serialLine: { LL: 'R own', SA: 'CRUXD all', AU: 'R all' },
  ledger: { LL: 'R own refusals', BL: 'R bldg state', OF: 'R stn shared', SA: 'R all' },
  doorAlarm: { LL: 'RU own state', BL: 'R bldg state', OF: 'RU stn', DA: 'R dist aggregate', SA: 'RU all technical', AU: 'R all' },
  purpose: { OF: 'CRU stn', PO: 'CRU all request' },
  latePurpose: { DA: 'R dist', PO: 'R all' },
  pendingAct: { DA: 'CRX dist', SA: 'CRX all', AU: 'R all', PO: 'RX all' },
  lookUps: { OF: 'CR self; X stn', CL: 'CR self', DA: 'RX dist', PO: 'CRX all' },
  breakGlass: { SA: 'CRX all', AU: 'R all', PO: 'RX all' },
  retention: { OF: 'CR stn case', DA: 'R dist', SA: 'R all', AU: 'R all', PO: 'CRUX all' },
  notice: { ...everyRole('R all'), PO: 'CRUX all' },
  consent: { TEN: 'CRU own', PO: 'R all aggregate', AU: 'R all aggregate' },
  outbox: { SA: 'R all' },
  key: { SA: 'X all', AU: 'R all log' },
  machinery: { SA: 'R all', AU: 'R all' },
  logProof: { ...everyRole('CR all dates'), SA: 'CR all', OF: 'CR all', AU: 'CR all', PO: 'CR all' },
  demo: everyRole('RX self'),
  health: ANYBODY,
  document: ANYBODY,
  certificate: ANYBODY,
  console: ANYBODY,
  signIn: ANYBODY,
} as const satisfies Record<string, Row | typeof ANYBODY>;

/** A kind of data the matrix has a row for. */
export type Data = keyof typeof MATRIX;

const CELL = /^[CRUXD]+ (\w+)(?: (\w+))?$/;
const NO_ROW_OF_A_PERSON: ReadonlySet<Form> = new Set(['aggregate', 'count', 'health']);

const LETTERS: readonly Letter[] = ['C', 'R', 'U', 'X', 'D'];
const REACHES: readonly Reach[] = ['self', 'own', 'unit', 'bldg', 'grid', 'stn', 'dist', 'all'];
const FORMS: readonly Form[] = [
  '',
  'masked',
  'aggregate',
  'count',
  'health',
  'state',
  'dates',
  'log',
  'case',
  'purpose',
  'request',
  'reveal',
  'reads',
  'main',
  'test',
  'technical',
  'invite',
  'refusals',
  'shared',
];

/** Reads one right of a cell, such as `CRU own masked`. Throws Error for letters, a reach or a form there is not. */
export function readRight(text: string): Right {
  const cell = CELL.exec(text.trim());
  if (cell === null) throw new Error(`permission matrix: cannot read the cell "${text}"`);
  const reach = REACHES.find((each) => each === cell[1]);
  const form = FORMS.find((each) => each === (cell[2] ?? ''));
  if (reach === undefined || form === undefined) throw new Error(`permission matrix: cannot read the cell "${text}"`);
  // Reaches and forms have no capitals.
  return { letters: new Set(LETTERS.filter((letter) => text.includes(letter))), reach, form };
}

const keyOf = (data: string, role: Role): string => `${data} ${role}`;

/** Rights by data and role. What needs no account has no cell of a role. */
const PARSED: ReadonlyMap<string, readonly Right[]> = new Map(
  Object.entries(MATRIX).flatMap(([data, row]) => {
    const cells = new Map<string, string>(Object.entries(row));
    return ROLES.flatMap((role) => {
      const cell = cells.get(role);
      return cell === undefined ? [] : [[keyOf(data, role), cell.split(';').map(readRight)] as const];
    });
  }),
);

const rightsOn = (data: string, role: Role): readonly Right[] => PARSED.get(keyOf(data, role)) ?? [];

/** A role's rights on a kind of data; empty when it has none. */
export const rightsOf = (data: Data, role: Role): readonly Right[] => rightsOn(data, role);

/** The right by which `role` may do `letter` on rows of `data`; with `counts`, on numbers about them. What was done to them (`log`) is read in the audit log. Undefined: not allowed. */
export const rightTo = (data: Data, role: Role, letter: Letter, counts = false): Right | undefined =>
  rightsOf(data, role).find((right) => right.letters.has(letter) && right.form !== 'log' && (counts || !NO_ROW_OF_A_PERSON.has(right.form)));

/** Pairs `data:letter` a role may do anywhere, for a console that shows only what can be done. */
export function pairsOf(role: Role): string[] {
  return Object.keys(MATRIX).flatMap((data) => [...new Set(rightsOn(data, role).flatMap(({ letters }) => [...letters]))].map((letter) => `${data}:${letter}`));
}
