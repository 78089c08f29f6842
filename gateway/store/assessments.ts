import type { ImpactAssessment } from './generated/client.ts';
import type { Register } from './register.ts';
import { ms, msOrNull, wordOf } from './values.ts';
import type { Vault } from './vault.ts';

const STATES = ['draft', 'accepted', 'retired'] as const;
export type AssessmentState = (typeof STATES)[number];

/** Answers to the fixed questions (PIPL art. 56). */
export interface AssessmentAnswers {
  readonly purpose: string;
  readonly necessity: string;
  readonly data: string;
  readonly risk: string;
  readonly measures: string;
}

/** An impact assessment. Times are epoch ms. */
export interface AssessmentEntry {
  readonly id: number;
  readonly title: string;
  readonly answers: AssessmentAnswers;
  readonly state: AssessmentState;
  readonly createdBy: number;
  readonly createdAt: number;
  /** When it was accepted, or retired after that. */
  readonly decidedAt: number | null;
  readonly reviewAt: number | null;
  readonly version: number;
}

/** From one state at one version to another state. */
export interface Move {
  readonly version: number;
  readonly from: AssessmentState;
  readonly to: 'accepted' | 'retired';
  readonly by: number;
  /** Kept as it is when left out. */
  readonly reviewAt?: number;
}

/** Impact assessments. */
export interface Assessments {
  /** Newest first. */
  list(): Promise<readonly AssessmentEntry[]>;
  find(id: number): Promise<AssessmentEntry | undefined>;
  create(title: string, answers: AssessmentAnswers, by: { readonly accountId: number; readonly now: number }): Promise<AssessmentEntry>;
  /** False: it is no draft, or at another version. */
  rewrite(id: number, version: number, title: string, answers: AssessmentAnswers): Promise<boolean>;
  move(id: number, move: Move, now: number): Promise<boolean>;
}

function assessmentEntry(vault: Vault, { bodySealed, ...row }: ImpactAssessment): AssessmentEntry {
  const answers: AssessmentAnswers = JSON.parse(vault.open('assessment.body', bodySealed));
  return {
    ...row,
    answers,
    state: wordOf('ImpactAssessment.state', STATES, row.state),
    createdAt: ms(row.createdAt),
    decidedAt: msOrNull(row.decidedAt),
    reviewAt: msOrNull(row.reviewAt),
  };
}

/** Impact assessments of the register. */
export function assessmentsOf({ read, write, vault }: Register): Assessments {
  const sealed = (answers: AssessmentAnswers) => vault.seal('assessment.body', JSON.stringify(answers));
  return {
    list: async () => (await read.impactAssessment.findMany({ orderBy: { id: 'desc' } })).map((row) => assessmentEntry(vault, row)),
    async find(id) {
      const row = await read.impactAssessment.findUnique({ where: { id } });
      return row === null ? undefined : assessmentEntry(vault, row);
    },
    create: async (title, answers, { accountId, now }) =>
      assessmentEntry(vault, await write((db) => db.impactAssessment.create({ data: { title, bodySealed: sealed(answers), createdBy: accountId, createdAt: BigInt(now) } }))),
    async rewrite(id, version, title, answers) {
      const data = { title, bodySealed: sealed(answers), version: version + 1 };
      return (await write((db) => db.impactAssessment.updateMany({ where: { id, version, state: 'draft' }, data }))).count === 1;
    },
    async move(id, { version, from, to, by, reviewAt }, now) {
      const data = { state: to, decidedBy: by, decidedAt: BigInt(now), version: version + 1, ...(reviewAt === undefined ? {} : { reviewAt: BigInt(reviewAt) }) };
      return (await write((db) => db.impactAssessment.updateMany({ where: { id, version, state: from }, data }))).count === 1;
    },
  };
}
