import type { PendingAct } from './generated/client.ts';
import type { Register } from './register.ts';
import { ms, msOrNull, wordOf } from './values.ts';

const DECISIONS = ['', 'approved', 'refused', 'withdrawn'] as const;
/** How an act ended; '' while it waits. */
export type Decision = (typeof DECISIONS)[number];

/** Something that a second person must agree to. Times are epoch ms. */
export interface PendingActRow {
  readonly id: number;
  readonly kind: string;
  /** What is to be done, as JSON. */
  readonly body: string;
  readonly reason: string;
  /** What whoever decided it wrote down. */
  readonly note: string;
  readonly requestedBy: number;
  readonly requestedAt: number;
  readonly expiresAt: number;
  readonly decidedBy: number | null;
  readonly decidedAt: number | null;
  readonly decision: Decision;
  readonly breakGlass: boolean;
}

export type NewPendingAct = Pick<PendingActRow, 'kind' | 'body' | 'reason' | 'requestedBy' | 'requestedAt' | 'expiresAt'>;

export interface Deciding {
  readonly decision: Exclude<Decision, ''>;
  readonly by: number;
  /** Epoch ms. */
  readonly at: number;
  readonly note?: string;
  readonly breakGlass?: boolean;
}

/** Which acts a page shows. `before`: below this row number; `kind`: only of it, `notKind`: all but it. */
export interface ActPage {
  readonly waiting: boolean;
  readonly now: number;
  readonly before?: number | undefined;
  readonly kind?: string;
  readonly notKind?: string;
  /** Only what this account asked for, and these kinds, by accounts of these offices when they are given. */
  readonly concern?: { readonly accountId: number; readonly kinds: readonly string[]; readonly ofOrgs?: readonly number[] };
  readonly limit: number;
}

/** Acts that wait for a second person. What they are about and why is sealed. */
export interface PendingActs {
  create(act: NewPendingAct): Promise<number>;
  find(id: number): Promise<PendingActRow | undefined>;
  /** Newest first. */
  page(wish: ActPage): Promise<readonly PendingActRow[]>;
  /** Decides a waiting act, once; false when it was decided already or is over. */
  decide(id: number, deciding: Deciding): Promise<boolean>;
  /** What was decided could not be carried out: it waits again. */
  reopen(id: number): Promise<void>;
}

/** Pending acts of the register. */
export function pendingActsOf({ read, write, vault }: Register): PendingActs {
  const sealed = (body: string, note: string) => vault.seal('act.body', JSON.stringify({ body, note }));
  function row({ bodySealed, reasonSealed, requestedAt, expiresAt, decidedAt, decision, ...act }: PendingAct): PendingActRow {
    const { body, note }: { body: string; note: string } = JSON.parse(vault.open('act.body', bodySealed));
    return {
      ...act,
      body,
      note,
      reason: vault.open('act.reason', reasonSealed),
      requestedAt: ms(requestedAt),
      expiresAt: ms(expiresAt),
      decidedAt: msOrNull(decidedAt),
      decision: wordOf('PendingAct.decision', DECISIONS, decision),
    };
  }
  async function askedIn(orgs: readonly number[] | undefined) {
    if (orgs === undefined) return {};
    const accounts = await read.account.findMany({ where: { orgId: { in: [...orgs] } }, select: { id: true } });
    return { requestedBy: { in: accounts.map(({ id }) => id) } };
  }
  return {
    async create({ body, reason, ...act }) {
      return (await write((db) => db.pendingAct.create({ data: { ...act, bodySealed: sealed(body, ''), reasonSealed: vault.seal('act.reason', reason) } }))).id;
    },
    async find(id) {
      const found = await read.pendingAct.findUnique({ where: { id } });
      return found === null ? undefined : row(found);
    },
    async page(wish) {
      const { waiting, now, before, kind, notKind, concern, limit } = wish;
      const waits = { decision: '', expiresAt: { gt: now } };
      const conditions = [
        waiting ? waits : { NOT: waits },
        before === undefined ? {} : { id: { lt: before } },
        kind === undefined ? {} : { kind },
        notKind === undefined ? {} : { NOT: { kind: notKind } },
        concern === undefined ? {} : { OR: [{ requestedBy: concern.accountId }, { kind: { in: [...concern.kinds] }, ...(await askedIn(concern.ofOrgs)) }] },
      ];
      return (await read.pendingAct.findMany({ where: { AND: conditions }, orderBy: { id: 'desc' }, take: limit })).map(row);
    },
    decide: (id, { decision, by, at, note = '', breakGlass = false }) =>
      write(async (db) => {
        const found = await db.pendingAct.findUnique({ where: { id } });
        if (found === null || found.decision !== '' || ms(found.expiresAt) <= at) return false;
        const bodySealed = sealed(row(found).body, note);
        await db.pendingAct.update({ where: { id }, data: { decision, decidedBy: by, decidedAt: at, breakGlass, bodySealed } });
        return true;
      }),
    async reopen(id) {
      await write((db) => db.pendingAct.update({ where: { id }, data: { decision: '', decidedBy: null, decidedAt: null, breakGlass: false } }));
    },
  };
}
