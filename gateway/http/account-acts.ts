import { checkAssignment } from '../register/assign.ts';
import { checkAccount } from '../register/make-account.ts';
import type { DeskRow } from '../store/account-desk.ts';
import { type AccountAsked, accountDoings, begins, madeAt, type Named, type PlaceAsked } from './account-doings.ts';
import { ACCOUNT_ACTS, needOtherOf, registerAccountKinds } from './account-kinds.ts';
import { needAdministers, needsSecond } from './district.ts';
import { told } from './offices.ts';
import type { Invited } from './schemas/accounts.ts';
import type { Site } from './site.ts';
import type { Viewer } from './viewer.ts';

/** Done at once, or waiting for a second person. */
export type Outcome<T> = { readonly done: T } | { readonly act: number };

/**
 * Acts that give rights, each of which needs a second person when an administrator does it for an office role
 * (domain.md 5.6, 5.8). They refuse SELF_GRANT and ROLE_NOT_YOURS; the viewer's district is the routes' question.
 */
export interface AccountActs {
  create(viewer: Viewer, wish: AccountAsked, reason: string): Promise<Outcome<number>>;
  /** An agent of a landlord, with the link to take the account up. */
  agent(viewer: Viewer, wish: AccountAsked): Promise<{ id: number; invitation: Invited }>;
  assign(viewer: Viewer, account: DeskRow, wish: PlaceAsked, reason: string): Promise<Outcome<number>>;
  enable(viewer: Viewer, account: DeskRow, reason: string): Promise<Outcome<null>>;
  /** A link by which the account is begun anew; sessions and factors end when it is used. */
  reset(viewer: Viewer, account: DeskRow, reason: string): Promise<Outcome<Invited>>;
  /** A link by which a new account is taken up. */
  invite(viewer: Viewer, account: Named): Promise<Invited>;
}

/** The acts on accounts, made known to the two-person rule. Once for a site. */
export function createAccountActs(site: Site): AccountActs {
  const { register, clock } = site.deps;
  const doing = accountDoings(site);
  const needOther = needOtherOf(site);
  registerAccountKinds(site, doing, needOther);

  /** At once, or asked of a second person after `check` has said now what it would say then. */
  async function either<T>(viewer: Viewer, account: Pick<DeskRow, 'role'>, { at, done }: { at: () => Promise<number>; done: () => Promise<T> }): Promise<Outcome<T>> {
    needAdministers(viewer, account.role);
    return needsSecond(viewer, account.role) ? { act: await at() } : { done: await done() };
  }
  const ask = (viewer: Viewer, kind: keyof typeof ACCOUNT_ACTS, body: object, reason: string) => site.secondPerson.ask(viewer, ACCOUNT_ACTS[kind], body, reason);

  return {
    async create(viewer, wish, reason) {
      await needOther(viewer, wish);
      return either(viewer, wish, {
        done: () => doing.create(viewer, wish),
        async at() {
          await told(register.write((db) => checkAccount(db, madeAt(clock(), wish), clock())));
          return ask(viewer, 'create', wish, reason);
        },
      });
    },
    async agent(viewer, wish) {
      const id = await doing.create(viewer, wish);
      return { id, invitation: await doing.link(viewer, { id, displayName: wish.displayName }, 'join') };
    },
    async assign(viewer, account, wish, reason) {
      const { id: accountId, role } = account;
      await needOther(viewer, { accountId });
      return either(viewer, account, {
        done: () => doing.assign(viewer, accountId, wish),
        async at() {
          await told(register.write((db) => checkAssignment(db, { accountId, role }, begins(clock(), wish), clock())));
          return ask(viewer, 'assign', { accountId, wish }, reason);
        },
      });
    },
    async enable(viewer, account, reason) {
      const { id: accountId } = account;
      await needOther(viewer, { accountId });
      return either(viewer, account, { done: () => doing.enable(viewer, account), at: () => ask(viewer, 'enable', { accountId }, reason) });
    },
    async reset(viewer, account, reason) {
      const { id: accountId } = account;
      await needOther(viewer, { accountId });
      return either(viewer, account, { done: () => doing.link(viewer, account, 'reset'), at: () => ask(viewer, 'reset', { accountId }, reason) });
    },
    invite: (viewer, account) => doing.link(viewer, account, 'join'),
  };
}
