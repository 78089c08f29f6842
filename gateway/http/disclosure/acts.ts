import { refusal } from '../problem.ts';
import type { Site } from '../site.ts';
import { touches, type Viewer } from '../viewer.ts';
import type { ExportBody } from './export.ts';
import { dayNumber, LOOKS_A_DAY } from './looks.ts';
import { ROSTER_EXPORT } from './roster-export.ts';

/** Who may agree to more look-ups or a large export: a colleague of the same area, the district, the privacy officer. */
const SECONDS = ['OF', 'DA', 'PO'] as const;
const KINDS = ['lookUps', 'export', ROSTER_EXPORT] as const;

interface MoreLooks {
  readonly accountId: number;
  /** yyyymmdd */
  readonly day: number;
  readonly name: string;
}

/** Is it an act of the disclosure gate? */
export const isReleaseKind = (kind: string): kind is (typeof KINDS)[number] => KINDS.some((each) => each === kind);

/** An approver stands for some place of whoever asks; who sees the whole site, for everybody. */
export async function mayRelease({ scopes, deps: { accounts } }: Pick<Site, 'scopes' | 'deps'>, requestedBy: number, approver: Viewer): Promise<boolean> {
  const account = await accounts.byId(requestedBy);
  if (account === undefined) return false;
  return approver.scope.all || [...(await scopes.of(account)).buildings].some((id) => touches(approver, id));
}

/** Makes known what of the gate needs a second person (design.md 9; domain.md 5.8, rule 5). */
export function registerActs(site: Site): void {
  const { secondPerson, looks } = site;
  secondPerson.register<MoreLooks>('lookUps', {
    approvers: SECONDS,
    describe: ({ name, day }) => ({ zh: `${name} 在 ${day} 再查看 ${LOOKS_A_DAY} 次`, en: `${LOOKS_A_DAY} more look-ups for ${name} on ${day}` }),
    async run({ accountId, day }, approver) {
      if (!(await mayRelease(site, accountId, approver))) throw refusal('NOT_ALLOWED');
      await looks.release(accountId, day);
    },
  });
  secondPerson.register<ExportBody>('export', {
    approvers: SECONDS,
    describe: ({ persons, asked }) => ({ zh: `导出 ${persons} 人的出入记录 ${asked}`.trim(), en: `Export entries of ${persons} persons ${asked}`.trim() }),
    // Agreeing is all: whoever asked fetches the file himself, while his purpose runs.
    async run({ building }, approver) {
      if (building === null ? !approver.scope.all : !touches(approver, building)) throw refusal('NOT_ALLOWED');
    },
  });
}

/** Asks a second person for more look-ups today; the row number of the act that now waits. */
export const askForLooks = ({ secondPerson, deps: { clock } }: Site, viewer: Viewer, reason: string): Promise<number> => {
  const body: MoreLooks = { accountId: viewer.accountId, day: dayNumber(clock()), name: viewer.displayName };
  return secondPerson.ask(viewer, 'lookUps', body, reason);
};
