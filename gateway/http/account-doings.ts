import type { Role } from '../core/roles.ts';
import type { Sentence } from '../core/reasons.ts';
import { assign, type PlaceWish } from '../register/assign.ts';
import { type AccountWish, makeAccount } from '../register/make-account.ts';
import type { DeskRow } from '../store/account-desk.ts';
import { told } from './offices.ts';
import { refusal } from './problem.ts';
import type { Invited } from './schemas/accounts.ts';
import type { Site } from './site.ts';
import type { Viewer } from './viewer.ts';

/** An assignment as it was asked for: without a begin it begins when it is given. */
export type PlaceAsked = Omit<PlaceWish, 'fromAt'> & { readonly fromAt: number | null };
/** An account as it was asked for. */
export type AccountAsked = Omit<AccountWish, 'assignments'> & { readonly assignments: readonly PlaceAsked[] };
/** An account, as much as sentences about it say. */
export type Named = Pick<DeskRow, 'id' | 'displayName'>;

const ROLE_WORDS: Readonly<Record<Role, Sentence>> = {
  TEN: { zh: '租客', en: 'tenant' },
  LL: { zh: '房东', en: 'landlord' },
  BL: { zh: '楼长', en: 'building leader' },
  GW: { zh: '网格员', en: 'grid worker' },
  CL: { zh: '窗口人员', en: 'clerk' },
  OF: { zh: '民警', en: 'officer' },
  DA: { zh: '区管理员', en: 'district administrator' },
  SA: { zh: '系统管理员', en: 'system administrator' },
  AU: { zh: '审计员', en: 'auditor' },
  PO: { zh: '隐私专员', en: 'privacy officer' },
};

/** Who is meant, in a sentence for the person who decides. */
export const whom = ({ role, displayName }: Pick<DeskRow, 'role' | 'displayName'>): Sentence => ({
  zh: `${ROLE_WORDS[role].zh}“${displayName}”`,
  en: `${ROLE_WORDS[role].en} “${displayName}”`,
});

/** The assignment beginning at the moment asked for, or `now` when that is past or was left open. */
export const begins = (now: number, wish: PlaceAsked): PlaceWish => ({ ...wish, fromAt: Math.max(now, wish.fromAt ?? now) });

/** The account as it would be made at `now`. */
export const madeAt = (now: number, asked: AccountAsked): AccountWish => ({ ...asked, assignments: asked.assignments.map((each) => begins(now, each)) });

const MESSAGES = {
  join: { kind: 'invitation', what: 'account-invited', zh: '请用这个链接设置密码，开始使用门簿。', en: 'Use this link to set a password and begin with Doorbook.' },
  reset: { kind: 'reset', what: 'reset-invited', zh: '请用这个链接重新设置密码和第二道验证。', en: 'Use this link to set a new password and second factor.' },
} as const;

/** Giving rights, once it may be done: each writes down who did what before it does it. */
export interface AccountDoings {
  needed(id: number): Promise<DeskRow>;
  create(viewer: Viewer, asked: AccountAsked): Promise<number>;
  assign(viewer: Viewer, accountId: number, wish: PlaceAsked): Promise<number>;
  enable(viewer: Viewer, account: Named): Promise<null>;
  /** A link that works once; also put into the outbox. */
  link(viewer: Viewer, account: Named, kind: 'join' | 'reset'): Promise<Invited>;
}

const named = ({ id, displayName }: Named): { words: string } => ({ words: `#${id} ${displayName}` });

export function accountDoings(site: Site): AccountDoings {
  const { register, clock, config } = site.deps;
  return {
    async needed(id) {
      const account = await site.offices.accounts.find(id, clock());
      if (account === undefined) throw refusal('NOT_FOUND');
      return account;
    },
    async create(viewer, asked) {
      const now = clock();
      const wish = madeAt(now, asked);
      const note = () => site.audit.acted(viewer, 'account-created', { words: `${wish.role} ${wish.displayName}` });
      const id = await told(makeAccount(register, wish, { by: viewer.accountId, now, note }));
      await site.rightsChanged();
      return id;
    },
    async assign(viewer, accountId, wish) {
      const now = clock();
      const note = () => site.audit.acted(viewer, 'assigned', { words: `#${accountId} ${wish.place} ${wish.placeId}` });
      const id = await told(assign(register, accountId, begins(now, wish), { by: viewer.accountId, now, note }));
      await site.rightsChanged();
      return id;
    },
    async enable(viewer, account) {
      await site.audit.acted(viewer, 'account-enabled', named(account));
      await site.offices.accounts.enable(account.id);
      await site.rightsChanged();
      return null;
    },
    async link(viewer, account, kind) {
      const { what, ...message } = MESSAGES[kind];
      await site.audit.acted(viewer, what, named(account));
      const { token, expiresAt } = await site.invitations.create(account.id, kind, viewer.accountId, clock());
      const url = `${config.publicUrl ?? ''}/invite/${token}`;
      await site.sender.send({ ...message, accountId: account.id, to: account.displayName, link: { url, token } });
      return { link: url, expiresAt };
    },
  };
}
