import { PersonId, CredentialId, TenancyId, UnitId } from '../core/ids.ts';
import { type Appended, eventOf, type NewEntry, NO_PERSON, type PersonData, type StoredEntry } from '../journal/entry.ts';
import type { WriteDb } from '../store/register.ts';

/**
 * Something that a write of the register takes away. It is noted in the log before the write, so that it can be done
 * again to a register that was restored from before it. Times are epoch ms.
 */
export type Revocation =
  /** `at`: when, so that undoing it can say which stop it means. */
  | { readonly what: 'credential-stopped'; readonly credentialId: number; readonly personId?: number; readonly at?: number }
  /** `decided` 1: by a clerk or officer; else somebody stated that they moved out. */
  | { readonly what: 'tenancy-ended'; readonly tenancyId: number; readonly unitId: number; readonly until: number; readonly at?: number; readonly decided?: number }
  | { readonly what: 'occupant-left'; readonly tenancyId: number; readonly personId: number; readonly until: number; readonly at?: number; readonly decided?: number }
  /** The right of somebody who works in a building: it ends then at the latest. */
  | { readonly what: 'grant-ended'; readonly grantId: number; readonly personId: number; readonly until: number; readonly at?: number }
  /** He is on duty no more. */
  | { readonly what: 'grant-duty-ended'; readonly grantId: number; readonly personId: number }
  /** All that says who it was is gone, and all cards. */
  | { readonly what: 'person-forgotten'; readonly personId: number }
  | { readonly what: 'account-closed'; readonly accountId: number }
  | { readonly what: 'assignment-ended'; readonly assignmentId: number; readonly until: number }
  /** Whoever had its secret before has it no more. */
  | { readonly what: 'controller-enrolled'; readonly controllerId: number }
  | { readonly what: 'controller-retired'; readonly controllerId: number };

/**
 * Notes revocations in the log; resolves when they are on disk, and rejects when they cannot be: then nothing may be
 * taken away. To be called inside `Register.write` when everything is checked, right before its transaction: then the
 * log and a backup of the register never disagree about it. `by`: account that acts, 0 for the gateway itself.
 */
export type Revoke = (db: Pick<WriteDb, '$queryRawUnsafe'>, revocations: readonly Revocation[], by: number) => Promise<void>;

/** Ends the revocations before it: a register at this change has them all. */
const READ_AGAIN = 'revocations-read-again';

/** Says that a stop was undone: read again, that stop is left out. */
const STOP_UNDONE = 'card-stop-undone';
/** Says that a stated move-out was taken back, or objected to by who lives there: read again, it is left out. */
const MOVE_OUT_BACK = ['move-out-undone', 'move-out-objected'] as const;
type MoveOutBack = (typeof MOVE_OUT_BACK)[number];

/** Entries on their way at once. */
const AT_ONCE = 50;
const LAST = `SELECT "seq" FROM "sqlite_sequence" WHERE "name" = 'Change'`;

/** Number of the newest change, through the handle of a running write. */
async function lastChange(db: Pick<WriteDb, '$queryRawUnsafe'>): Promise<number> {
  const [row] = await db.$queryRawUnsafe<{ seq: number | bigint }[]>(LAST);
  return Number(row?.seq ?? 0);
}

type Whom = Partial<Pick<PersonData, 'personId' | 'unitId' | 'tenancyId' | 'credentialId'>>;

function whomOf(revocation: Revocation): Whom {
  switch (revocation.what) {
    case 'credential-stopped': {
      const { credentialId, personId } = revocation;
      return { credentialId: CredentialId(credentialId), ...(personId === undefined ? {} : { personId: PersonId(personId) }) };
    }
    case 'tenancy-ended':
      return { tenancyId: TenancyId(revocation.tenancyId), unitId: UnitId(revocation.unitId) };
    case 'occupant-left':
      return { tenancyId: TenancyId(revocation.tenancyId), personId: PersonId(revocation.personId) };
    case 'person-forgotten':
    case 'grant-ended':
    case 'grant-duty-ended':
      return { personId: PersonId(revocation.personId) };
    default:
      return {};
  }
}

/** What has no place of its own in an entry, as `name=number` words. */
function wordsOf(revocation: Revocation, n: number): string {
  const more = {
    n,
    ...('until' in revocation ? { until: revocation.until } : {}),
    ...('at' in revocation ? { at: revocation.at } : {}),
    ...('decided' in revocation ? { decided: revocation.decided } : {}),
    ...('accountId' in revocation ? { account: revocation.accountId } : {}),
    ...('assignmentId' in revocation ? { assignment: revocation.assignmentId } : {}),
    ...('grantId' in revocation ? { grant: revocation.grantId } : {}),
    ...('controllerId' in revocation ? { controller: revocation.controllerId } : {}),
  };
  return Object.entries(more)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

const numbersIn = (words: string): ReadonlyMap<string, number> =>
  new Map(
    words.split(' ').flatMap((word) => {
      const [name = '', value = ''] = word.split('=');
      return /^\d{1,16}$/.test(value) ? [[name, Number(value)] as const] : [];
    }),
  );

/** The entry of a revocation. `n`: number the register's newest change has, at the least, at the first start after it. */
export const revocationEntry = (revocation: Revocation, { n, by, now }: { n: number; by: number; now: number }): NewEntry => ({
  event: eventOf({ kind: 'register', what: revocation.what, gatewayTime: now }),
  person: { ...NO_PERSON, ...whomOf(revocation), accountId: by, words: wordsOf(revocation, n) },
});

/** An entry that says that a register at change `n` has all revocations before it. */
export const readAgainEntry = (count: number, n: number, now: number): NewEntry => ({
  event: eventOf({ kind: 'register', what: READ_AGAIN, gatewayTime: now }),
  person: { ...NO_PERSON, words: `n=${n} count=${count}` },
});

/** Which stop of which card: the card may be stopped again later. */
export interface StopName {
  readonly credentialId: number;
  /** Epoch ms, as the stop was noted with. */
  readonly at: number;
}

/** An entry that says that whoever stopped a card undid that, `now` (epoch ms). */
export const undoneEntry = ({ credentialId, at }: StopName, { personId, by, now }: { personId: number | null; by: number; now: number }): NewEntry => ({
  event: eventOf({ kind: 'register', what: STOP_UNDONE, gatewayTime: now }),
  person: { ...NO_PERSON, credentialId: CredentialId(credentialId), ...(personId === null ? {} : { personId: PersonId(personId) }), accountId: by, words: `at=${at}` },
});

/** Which move-out. `personId` 0: of all under the tenancy; `at`: when it was stated, epoch ms. */
export interface MoveOutName {
  readonly tenancyId: number;
  readonly personId: number;
  readonly at: number;
}

/** Notes that a move-out was taken back or objected to, before it is; resolves to the entry's index. `by`: account that acts. */
export type TakeBack = (what: MoveOutBack, moveOut: MoveOutName, by: number) => Promise<number>;

/** Takings back into the log, through whoever appends to it. `clock`: epoch ms. */
export const createTakeBack =
  ({ append }: { append(entry: NewEntry): Promise<Appended> }, clock: () => number): TakeBack =>
  async (what, { tenancyId, personId, at }, by) => {
    const whom = { tenancyId: TenancyId(tenancyId), ...(personId === 0 ? {} : { personId: PersonId(personId) }) };
    return (await append({ event: eventOf({ kind: 'register', what, gatewayTime: clock() }), person: { ...NO_PERSON, ...whom, accountId: by, words: `at=${at}` } })).index;
  };

const stopKey = ({ credentialId, at }: StopName): string => `card ${credentialId} ${at}`;
const moveOutKey = ({ tenancyId, personId, at }: MoveOutName): string => `home ${tenancyId} ${personId} ${at}`;

/** Name of what an entry says was taken back, the same as `nameOf` gives it; undefined for any other entry. */
export function undoneIn({ event, person }: Pick<StoredEntry, 'event' | 'person'>): string | undefined {
  const at = event.kind === 'register' ? numbersIn(person.words).get('at') : undefined;
  if (at === undefined) return undefined;
  if (event.what === STOP_UNDONE) return stopKey({ credentialId: person.credentialId, at });
  return MOVE_OUT_BACK.some((what) => what === event.what) ? moveOutKey({ tenancyId: person.tenancyId, personId: person.personId, at }) : undefined;
}

/** Name of a revocation that can be taken back; undefined: it cannot. */
export function nameOf(revocation: Revocation): string | undefined {
  if (revocation.what === 'credential-stopped') return stopKey({ credentialId: revocation.credentialId, at: revocation.at ?? 0 });
  if (revocation.what === 'tenancy-ended') return moveOutKey({ tenancyId: revocation.tenancyId, personId: 0, at: revocation.at ?? 0 });
  return revocation.what === 'occupant-left' ? moveOutKey({ tenancyId: revocation.tenancyId, personId: revocation.personId, at: revocation.at ?? 0 }) : undefined;
}

/** A revocation as the log tells of it. */
export interface Noted {
  /** As `revocationEntry` was given it. */
  readonly n: number;
  /** Undefined: the mark that ends those before it. */
  readonly revocation: Revocation | undefined;
}

function revocationOf(what: string | undefined, person: PersonData, numbers: ReadonlyMap<string, number>): Revocation | undefined {
  const { personId, tenancyId, credentialId, unitId } = person;
  const until = numbers.get('until') ?? 0;
  const [at, decided] = [numbers.get('at'), numbers.get('decided')];
  const more = { ...(at === undefined ? {} : { at }), ...(decided === undefined ? {} : { decided }) };
  switch (what) {
    case 'credential-stopped':
      return { what, credentialId, ...(personId === 0 ? {} : { personId }), ...(at === undefined ? {} : { at }) };
    case 'tenancy-ended':
      return { what, tenancyId, unitId, until, ...more };
    case 'occupant-left':
      return { what, tenancyId, personId, until, ...more };
    case 'grant-ended':
      return { what, personId, grantId: numbers.get('grant') ?? 0, until, ...(at === undefined ? {} : { at }) };
    case 'grant-duty-ended':
      return { what, personId, grantId: numbers.get('grant') ?? 0 };
    case 'person-forgotten':
      return { what, personId };
    case 'account-closed':
      return { what, accountId: numbers.get('account') ?? 0 };
    case 'assignment-ended':
      return { what, assignmentId: numbers.get('assignment') ?? 0, until };
    case 'controller-enrolled':
    case 'controller-retired':
      return { what, controllerId: numbers.get('controller') ?? 0 };
    default:
      return undefined;
  }
}

/** What an entry says was taken away; undefined for any other entry. */
export function notedIn({ event, person }: Pick<StoredEntry, 'event' | 'person'>): Noted | undefined {
  if (event.kind !== 'register') return undefined;
  const numbers = numbersIn(person.words);
  const [n, revocation] = [numbers.get('n') ?? 0, revocationOf(event.what, person, numbers)];
  return revocation !== undefined || event.what === READ_AGAIN ? { n, revocation } : undefined;
}

/** Revocations into the log, through whoever appends to it. `clock`: epoch ms. */
export function createRevoke({ append }: { append(entry: NewEntry): Promise<Appended> }, clock: () => number): Revoke {
  return async (db, revocations, by) => {
    // Each start counts as a change: from the next one on, only a register from before has fewer.
    const about = { n: (await lastChange(db)) + 1, by, now: clock() };
    for (let at = 0; at < revocations.length; at += AT_ONCE) {
      await Promise.all(revocations.slice(at, at + AT_ONCE).map((each) => append(revocationEntry(each, about))));
    }
  };
}
