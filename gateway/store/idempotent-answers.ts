import type { Register } from './register.ts';
import { ms } from './values.ts';

/** A request as it is told from others: whose, under which key, to which route, and a keyed hash of all it says. */
export interface KeyedRequest {
  readonly accountId: number;
  readonly key: string;
  readonly route: string;
  readonly content: string;
}

/** What came of the first request under a key. */
export interface EarlierRequest {
  /** False: it said something else. */
  readonly same: boolean;
  /** HTTP status; 0 while there is no answer. */
  readonly status: number;
  /** Undefined when the answer is not kept: too large, a file, or a secret that is shown once. */
  readonly body: string | undefined;
  /** Epoch ms. */
  readonly createdAt: number;
}

/** Answers to requests with an Idempotency-Key. */
export interface IdempotentAnswers {
  /** Takes the key for this request, and returns undefined; or what is there under it since `since`. */
  claim(request: KeyedRequest, times: { readonly since: number; readonly now: number }): Promise<EarlierRequest | undefined>;
  /** The request was answered. */
  answer(request: Pick<KeyedRequest, 'accountId' | 'key'>, status: number, body: string | undefined): Promise<void>;
  /** Nothing was done: the key is free again. */
  free(request: Pick<KeyedRequest, 'accountId' | 'key'>): Promise<void>;
  /** Removes what is older than `before`. */
  sweep(before: number): Promise<void>;
}

/** Answers are sealed, since they show what the asker saw; of the request there is a keyed hash, from which nobody finds it by trying. */
export function idempotentAnswersOf({ write, vault }: Register): IdempotentAnswers {
  return {
    claim: ({ accountId, key, route, content }, { since, now }) =>
      write(async (db) => {
        const where = { accountId_key: { accountId, key } };
        const bodyHash = vault.hash('request', content);
        const row = await db.idempotentAnswer.findUnique({ where });
        if (row !== null && row.createdAt >= since) {
          const same = row.route === route && Buffer.from(row.bodyHash).equals(bodyHash);
          return { same, status: row.status, createdAt: ms(row.createdAt), body: row.bodySealed === null ? undefined : vault.open('answer.body', row.bodySealed) };
        }
        const fresh = { route, bodyHash, status: 0, bodySealed: null, createdAt: now };
        await db.idempotentAnswer.upsert({ where, create: { accountId, key, ...fresh }, update: fresh });
        return undefined;
      }),
    async answer({ accountId, key }, status, body) {
      const data = { status, bodySealed: body === undefined ? null : vault.seal('answer.body', body) };
      await write((db) => db.idempotentAnswer.updateMany({ where: { accountId, key }, data }));
    },
    async free({ accountId, key }) {
      await write((db) => db.idempotentAnswer.deleteMany({ where: { accountId, key } }));
    },
    async sweep(before) {
      await write((db) => db.idempotentAnswer.deleteMany({ where: { createdAt: { lt: before } } }));
    },
  };
}
