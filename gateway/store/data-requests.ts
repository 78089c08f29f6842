import type { DataRequest } from './generated/client.ts';
import type { Register } from './register.ts';
import { ms, msOrNull, wordOf } from './values.ts';
import type { Vault } from './vault.ts';

const KINDS = ['copy', 'correct', 'delete', 'withdraw'] as const;
export type RequestKind = (typeof KINDS)[number];
const STATES = ['open', 'answered', 'refused'] as const;
export type RequestState = (typeof STATES)[number];

/** What a person asks about his own data (PIPL 44-47). Times are epoch ms. */
export interface RequestRow {
  readonly id: number;
  readonly kind: RequestKind;
  readonly personId: number;
  readonly filedBy: number;
  readonly receivedAt: number;
  readonly dueAt: number;
  readonly state: RequestState;
  readonly text: string;
  /** '' while it is open. */
  readonly answer: string;
  readonly decidedBy: number | null;
  readonly decidedAt: number | null;
  /** The copy was handed out; null: not yet. */
  readonly copiedAt: number | null;
  readonly version: number;
}

/** A place in the queue: the column it is ordered by, then the row. */
export interface RequestPlace {
  readonly at: number;
  readonly id: number;
}

export type NewRequest = Pick<RequestRow, 'kind' | 'personId' | 'filedBy' | 'dueAt' | 'text'>;
export interface Decision {
  readonly state: 'answered' | 'refused';
  readonly answer: string;
  readonly decidedBy: number;
}

/** Requests of people about their own data. */
export interface DataRequests {
  file(request: NewRequest, now: number): Promise<RequestRow>;
  find(id: number): Promise<RequestRow | undefined>;
  /** Newest first. */
  ofPerson(personId: number): Promise<readonly RequestRow[]>;
  /** Open ones by due date, the nearest first. */
  open(limit: number, after?: RequestPlace): Promise<readonly RequestRow[]>;
  /** Decided ones, newest decision first. */
  closed(limit: number, after?: RequestPlace): Promise<readonly RequestRow[]>;
  /** Undefined: it is decided already, or at another version. */
  decide(id: number, version: number, decision: Decision, now: number): Promise<RequestRow | undefined>;
  /** Marks the copy as handed out; false: it was, and is not given again. */
  takeCopy(id: number, now: number): Promise<boolean>;
  /** Raises the version; false: it is at another by now. */
  touch(id: number, version: number): Promise<boolean>;
}

/** What is sealed as the answer. */
interface Answer {
  readonly words: string;
  readonly copiedAt?: number;
}

function openAnswer(vault: Vault, sealed: Uint8Array | null): Answer {
  if (sealed === null) return { words: '' };
  const answer: Answer = JSON.parse(vault.open('request.answer', sealed));
  return answer;
}
const sealAnswer = (vault: Vault, answer: Answer): Uint8Array<ArrayBuffer> => vault.seal('request.answer', JSON.stringify(answer));

function requestRow(vault: Vault, { bodySealed, answerSealed, ...row }: DataRequest): RequestRow {
  const { words, copiedAt = null } = openAnswer(vault, answerSealed);
  return {
    ...row,
    copiedAt,
    text: vault.open('request.body', bodySealed),
    answer: words,
    kind: wordOf('DataRequest.kind', KINDS, row.kind),
    state: wordOf('DataRequest.state', STATES, row.state),
    receivedAt: ms(row.receivedAt),
    dueAt: ms(row.dueAt),
    decidedAt: msOrNull(row.decidedAt),
  };
}

/** Data requests of the register. */
export function dataRequestsOf({ read, write, vault }: Register): DataRequests {
  const rows = (found: readonly DataRequest[]): RequestRow[] => found.map((row) => requestRow(vault, row));
  return {
    async file({ text, dueAt, ...request }, now) {
      const data = { ...request, dueAt: BigInt(dueAt), receivedAt: BigInt(now), bodySealed: vault.seal('request.body', text) };
      return requestRow(vault, await write((db) => db.dataRequest.create({ data })));
    },
    async find(id) {
      const row = await read.dataRequest.findUnique({ where: { id } });
      return row === null ? undefined : requestRow(vault, row);
    },
    ofPerson: async (personId) => rows(await read.dataRequest.findMany({ where: { personId }, orderBy: { id: 'desc' } })),
    async open(limit, after) {
      const behind = after === undefined ? {} : { OR: [{ dueAt: { gt: BigInt(after.at) } }, { dueAt: BigInt(after.at), id: { gt: after.id } }] };
      return rows(await read.dataRequest.findMany({ where: { state: 'open', ...behind }, orderBy: [{ dueAt: 'asc' }, { id: 'asc' }], take: limit }));
    },
    async closed(limit, after) {
      const behind = after === undefined ? {} : { OR: [{ decidedAt: { lt: BigInt(after.at) } }, { decidedAt: BigInt(after.at), id: { lt: after.id } }] };
      return rows(await read.dataRequest.findMany({ where: { state: { not: 'open' }, ...behind }, orderBy: [{ decidedAt: 'desc' }, { id: 'desc' }], take: limit }));
    },
    decide: (id, version, { state, answer, decidedBy }, now) =>
      write(async (db) => {
        const data = { state, decidedBy, decidedAt: BigInt(now), answerSealed: sealAnswer(vault, { words: answer }), version: { increment: 1 } };
        const { count } = await db.dataRequest.updateMany({ where: { id, version, state: 'open' }, data });
        return count === 0 ? undefined : requestRow(vault, await db.dataRequest.findUniqueOrThrow({ where: { id } }));
      }),
    takeCopy: (id, now) =>
      write(async (db) => {
        const row = await db.dataRequest.findUnique({ where: { id } });
        if (row === null) return false;
        const answer = openAnswer(vault, row.answerSealed);
        if (row.state !== 'answered' || answer.copiedAt !== undefined) return false;
        await db.dataRequest.update({ where: { id }, data: { answerSealed: sealAnswer(vault, { ...answer, copiedAt: now }), version: { increment: 1 } } });
        return true;
      }),
    touch: async (id, version) => (await write((db) => db.dataRequest.updateMany({ where: { id, version }, data: { version: { increment: 1 } } }))).count === 1,
  };
}
