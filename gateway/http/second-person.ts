import type { Role } from '../core/roles.ts';
import type { Sentence } from '../core/reasons.ts';
import type { Decision, PendingActRow, PendingActs } from '../store/pending-acts.ts';
import type { AccountPeople } from '../store/account-people.ts';
import type { Audit } from './audit.ts';
import { refusal } from './problem.ts';
import type { Viewer } from './viewer.ts';

const EXPIRY_MS = 7 * 86_400_000;
/** An alarm waits until somebody looks into it. */
const NEVER = Number.MAX_SAFE_INTEGER;
/** Kind of the act whose approval is the acknowledgement of a break-glass alarm. */
export const ALARM = 'break-glass-alarm';
/** Longest an audit line's words may be. */
const WORDS = 120;
const LEAST_REASON = 4;

/** One kind of act that needs a second person. `B`: what `ask` is given for it. */
export interface ActRule<B> {
  readonly approvers: readonly Role[];
  /** What is to be done, for the person who decides. */
  describe(body: B): Sentence | Promise<Sentence>;
  /** Does it, with the rights of whoever agreed; throws a Refusal when he may not, or it can no longer be done. */
  run(body: B, approver: Viewer): Promise<void>;
}

type Rule = ActRule<string>;

/** What somebody who administers rights may be told about an act. */
export interface ActState {
  readonly act: PendingActRow;
  readonly what: Sentence;
  readonly state: 'waiting' | 'expired' | Exclude<Decision, ''>;
  readonly mayDecide: boolean;
}

/** The two-person rule (domain.md 5.8): whoever asks for an act cannot agree to it, under no account of his. */
export interface SecondPerson {
  /** Makes a kind known, once, when the routes are built. */
  register<B extends object>(kind: string, rule: ActRule<B>): void;
  /** Row number of the act that now waits. `reason`: at least 4 characters, which is a sentence in Chinese. */
  ask(viewer: Viewer, kind: string, body: object, reason: string): Promise<number>;
  approve(viewer: Viewer, id: number): Promise<void>;
  refuse(viewer: Viewer, id: number, note: string): Promise<void>;
  /** Taken back by whoever asked. */
  withdraw(viewer: Viewer, id: number): Promise<void>;
  /** Done by its requester alone; raises an alarm. Returns the alarm's row number. */
  breakGlass(viewer: Viewer, id: number, reason: string): Promise<number>;
  /** Somebody else has looked into an alarm. */
  acknowledge(viewer: Viewer, id: number, note: string): Promise<void>;
  state(viewer: Viewer, act: PendingActRow): Promise<ActState>;
  /** Kinds of act this role may decide. */
  kindsFor(role: Role): string[];
}

export interface SecondPersonParts {
  readonly acts: PendingActs;
  readonly people: AccountPeople;
  readonly audit: Audit;
  readonly clock: () => number;
}

/** Body of an alarm. */
export interface AlarmBody {
  readonly act: number;
  readonly entry: number;
}

/** What those two steps share, with the rules that were made known. */
function judge({ acts, people, clock }: SecondPersonParts, rules: ReadonlyMap<string, Rule>) {
  const over = (act: PendingActRow): boolean => act.decision !== '' || act.expiresAt <= clock();
  const other = async (viewer: Viewer, act: PendingActRow): Promise<boolean> =>
    viewer.accountId > 0 && viewer.accountId !== act.requestedBy && !(await people.samePerson(viewer.accountId, act.requestedBy));

  /** The act, while it waits. */
  async function waiting(id: number): Promise<{ act: PendingActRow; rule: Rule }> {
    const act = await acts.find(id);
    const rule = act === undefined ? undefined : rules.get(act.kind);
    if (act === undefined || rule === undefined) throw refusal('NOT_FOUND');
    if (over(act)) throw refusal('ACT_OVER');
    return { act, rule };
  }
  /** As `waiting`, for somebody who may decide it. An alarm is no act: it is acknowledged, with a note. */
  async function decidable(viewer: Viewer, id: number, alarm = false): Promise<{ act: PendingActRow; rule: Rule }> {
    const found = await waiting(id);
    if ((found.act.kind === ALARM) !== alarm) throw refusal('NOT_FOUND');
    if (!found.rule.approvers.includes(viewer.role)) throw refusal('NOT_ALLOWED');
    if (!(await other(viewer, found.act))) throw refusal('SAME_PERSON');
    return found;
  }
  return { over, other, waiting, decidable };
}

function needOwn({ accountId }: Viewer, { requestedBy, kind }: PendingActRow): void {
  if (requestedBy !== accountId || kind === ALARM) throw refusal('NOT_ALLOWED');
}

/** Words of an act for its audit line. */
const words = (sentence: Sentence, why: string): string => `${sentence.zh}：${why}`.slice(0, WORDS);

interface Settling {
  /** Word of the audit line. */
  readonly what: 'act-approved' | 'break-glass' | 'break-glass-seen';
  readonly note: string;
  readonly run: (entry: number) => Promise<void>;
}

/** Decides first, so that two at once cannot both do it; written down before it is done; waits again when it could not be done. */
function settler({ acts, audit, clock }: SecondPersonParts, rules: ReadonlyMap<string, Rule>) {
  return async (viewer: Viewer, act: PendingActRow, { what, note, run }: Settling): Promise<void> => {
    const deciding = { decision: 'approved', by: viewer.accountId, at: clock(), note, breakGlass: what === 'break-glass' } as const;
    if (!(await acts.decide(act.id, deciding))) throw refusal('ACT_OVER');
    try {
      const about = (await rules.get(act.kind)?.describe(act.body)) ?? { zh: '', en: '' };
      await run(await audit.acted(viewer, what, { words: words(about, note === '' ? act.reason : note) }));
    } catch (error) {
      await acts.reopen(act.id);
      throw error;
    }
  };
}

/** Raises the alarm before the act is done alone, so that none is done without; takes it back when the act fails. Returns the alarm's row number. */
function raiser({ acts, clock }: SecondPersonParts) {
  return async ({ accountId }: Viewer, body: AlarmBody, { reason, run }: { reason: string; run: () => Promise<void> }): Promise<number> => {
    const alarm = await acts.create({ kind: ALARM, body: JSON.stringify(body), reason, requestedBy: accountId, requestedAt: clock(), expiresAt: NEVER });
    await run().catch(async (error: unknown) => {
      await acts.decide(alarm, { decision: 'withdrawn', by: accountId, at: clock() });
      throw error;
    });
    return alarm;
  };
}

/** An alarm says what was done; agreeing to it does nothing more. */
const alarmRule = (acts: PendingActs, rules: ReadonlyMap<string, Rule>): Rule => ({
  approvers: ['SA', 'PO'],
  async describe(text) {
    const { act }: AlarmBody = JSON.parse(text);
    const done = await acts.find(act);
    const rule = done === undefined ? undefined : rules.get(done.kind);
    return done === undefined || rule === undefined ? { zh: '单人执行', en: 'Done alone' } : rule.describe(done.body);
  },
  run: async () => undefined,
});

/** The two-person rule over the acts of a register. */
export function createSecondPerson(parts: SecondPersonParts): SecondPerson {
  const { acts, people, audit, clock } = parts;
  const rules = new Map<string, Rule>();
  const { over, other, waiting, decidable } = judge(parts, rules);
  const settle = settler(parts, rules);
  const raise = raiser(parts);

  const second: SecondPerson = {
    register(kind, rule) {
      if (rules.has(kind)) throw new Error(`the kind of act "${kind}" is there twice`);
      rules.set(kind, { approvers: rule.approvers, describe: (body) => rule.describe(JSON.parse(body)), run: (body, approver) => rule.run(JSON.parse(body), approver) });
    },
    async ask(viewer, kind, body, reason) {
      const rule = rules.get(kind);
      if (rule === undefined) throw new Error(`no kind of act "${kind}"`);
      if (reason.trim().length < LEAST_REASON)
        throw refusal('BAD_INPUT', { field: 'reason', expected: '至少 4 个字，给第二个人看 / at least 4 characters, for the second person' });
      const text = JSON.stringify(body);
      await audit.acted(viewer, 'act-asked', { words: words(await rule.describe(text), reason.trim()) });
      const requestedAt = clock();
      return acts.create({ kind, body: text, reason: reason.trim(), requestedBy: viewer.accountId, requestedAt, expiresAt: requestedAt + EXPIRY_MS });
    },
    async approve(viewer, id) {
      const { act, rule } = await decidable(viewer, id);
      // Whoever lost his account may not reach on through what he asked for before.
      if (!(await people.inForce(act.requestedBy))) throw refusal('ACT_OVER');
      await settle(viewer, act, { what: 'act-approved', note: '', run: () => rule.run(act.body, viewer) });
    },
    async refuse(viewer, id, note) {
      const { act, rule } = await decidable(viewer, id);
      await audit.acted(viewer, 'act-refused', { words: words(await rule.describe(act.body), note) });
      if (!(await acts.decide(id, { decision: 'refused', by: viewer.accountId, at: clock(), note }))) throw refusal('ACT_OVER');
    },
    async withdraw(viewer, id) {
      const { act, rule } = await waiting(id);
      needOwn(viewer, act);
      await audit.acted(viewer, 'act-withdrawn', { words: words(await rule.describe(act.body), '') });
      if (!(await acts.decide(id, { decision: 'withdrawn', by: viewer.accountId, at: clock() }))) throw refusal('ACT_OVER');
    },
    async breakGlass(viewer, id, reason) {
      const { act, rule } = await waiting(id);
      needOwn(viewer, act);
      let alarm = 0;
      await settle(viewer, act, {
        what: 'break-glass',
        note: reason,
        run: async (entry) => {
          alarm = await raise(viewer, { act: id, entry }, { reason, run: () => rule.run(act.body, viewer) });
        },
      });
      return alarm;
    },
    async acknowledge(viewer, id, note) {
      const { act } = await decidable(viewer, id, true);
      await settle(viewer, act, { what: 'break-glass-seen', note, run: async () => undefined });
    },
    kindsFor: (role) => [...rules].filter(([, { approvers }]) => approvers.includes(role)).map(([kind]) => kind),
    async state(viewer, act) {
      const rule = rules.get(act.kind);
      const what = (await rule?.describe(act.body)) ?? { zh: '这个版本不认识的事', en: 'Something this version does not know' };
      const state = act.decision === '' ? (over(act) ? 'expired' : 'waiting') : act.decision;
      const mayDecide = state === 'waiting' && rule?.approvers.includes(viewer.role) === true && (await other(viewer, act));
      return { act, what, state, mayDecide };
    },
  };
  rules.set(ALARM, alarmRule(acts, rules));
  return second;
}
