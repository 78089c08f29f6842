import type { Role } from '../core/roles.ts';
import type { Sentence } from '../core/reasons.ts';
import { type AccountAsked, type AccountDoings, type PlaceAsked, whom } from './account-doings.ts';
import { refusal } from './problem.ts';
import type { Site } from './site.ts';
import type { Viewer } from './viewer.ts';

/** Names of the kinds of act that give rights to accounts. */
export const ACCOUNT_ACTS = { create: 'account', assign: 'assignment', enable: 'account-enable', reset: 'account-reset' } as const;

/** An act on an account that is there. */
export interface OnAccount {
  readonly accountId: number;
}
/** A place for an account. */
export interface AssignAsked extends OnAccount {
  readonly wish: PlaceAsked;
}

/** The account, or the staff number of one that is yet to be made. */
export type Target = OnAccount | { readonly holder: string | null };
/** Refuses SELF_GRANT when the target is the viewer's own account or another one of the same natural person. */
export type NeedOther = (viewer: Viewer, target: Target) => Promise<void>;

export const needOtherOf =
  ({ offices: { people } }: Pick<Site, 'offices'>): NeedOther =>
  async (viewer, target) => {
    const own =
      'accountId' in target ? await people.samePerson(viewer.accountId, target.accountId) : target.holder !== null && (await people.isHolder(viewer.accountId, target.holder));
    if (own) throw refusal('SELF_GRANT');
  };

/** An administrator is agreed to by an administrator; everybody else of an office also by the privacy officer. */
const APPROVERS = ['SA', 'PO'] as const;

/** Tells the two-person rule how each act is described and done. */
export function registerAccountKinds(site: Site, doing: AccountDoings, needOther: NeedOther): void {
  const { accounts, assignments } = site.offices;

  async function needApprover(approver: Viewer, role: Role, target: Target): Promise<void> {
    if (role === 'SA' && approver.role !== 'SA') throw refusal('NOT_ALLOWED');
    await needOther(approver, target);
  }
  async function account(accountId: number): Promise<Sentence> {
    const found = await accounts.find(accountId, site.deps.clock());
    return found === undefined ? { zh: '一个账号', en: 'an account' } : whom(found);
  }
  async function places(wishes: readonly PlaceAsked[]): Promise<Sentence> {
    const names = await Promise.all(wishes.map(({ place, placeId }) => assignments.placeName(place, placeId)));
    return { zh: names.map(({ zh }) => zh).join('、') || '还没定', en: names.map(({ en }) => en).join(', ') || 'no place yet' };
  }

  site.secondPerson.register<AccountAsked>(ACCOUNT_ACTS.create, {
    approvers: APPROVERS,
    async describe(asked) {
      const [who, where] = [whom(asked), await places(asked.assignments)];
      return { zh: `新建${who.zh}，管：${where.zh}`, en: `New ${who.en}, for: ${where.en}` };
    },
    async run(asked, approver) {
      await needApprover(approver, asked.role, asked);
      await doing.create(approver, asked);
    },
  });
  site.secondPerson.register<AssignAsked>(ACCOUNT_ACTS.assign, {
    approvers: APPROVERS,
    async describe({ accountId, wish }) {
      const [who, where] = [await account(accountId), await places([wish])];
      return { zh: `让${who.zh}管：${where.zh}`, en: `A place for ${who.en}: ${where.en}` };
    },
    async run(asked, approver) {
      await needApprover(approver, (await doing.needed(asked.accountId)).role, asked);
      await doing.assign(approver, asked.accountId, asked.wish);
    },
  });
  const onAccount = (kind: string, words: Sentence, run: (approver: Viewer, accountId: number) => Promise<unknown>): void =>
    site.secondPerson.register<OnAccount>(kind, {
      approvers: APPROVERS,
      async describe({ accountId }) {
        const who = await account(accountId);
        return { zh: `${words.zh}${who.zh}`, en: `${words.en} ${who.en}` };
      },
      async run(asked, approver) {
        await needApprover(approver, (await doing.needed(asked.accountId)).role, asked);
        await run(approver, asked.accountId);
      },
    });
  onAccount(ACCOUNT_ACTS.enable, { zh: '重新启用', en: 'Enable again:' }, async (approver, id) => doing.enable(approver, await doing.needed(id)));
  onAccount(ACCOUNT_ACTS.reset, { zh: '重设登录：', en: 'Reset the sign-in of' }, async (approver, id) => doing.link(approver, await doing.needed(id), 'reset'));
}
