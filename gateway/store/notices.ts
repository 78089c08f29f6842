import type { PrivacyNotice } from './generated/client.ts';
import type { Register } from './register.ts';
import { ms, msOrNull, wordOf } from './values.ts';

/** A version of the privacy notice. Times are epoch ms; null: a draft. */
export interface NoticeRow {
  readonly id: number;
  readonly number: number;
  readonly zh: string;
  readonly en: string;
  readonly publishedAt: number | null;
}

const PURPOSES = ['notice', 'doorLog', 'cardAsKey', 'welfareCheck'] as const;
/** What is agreed to; `notice`: it was read. */
export type ConsentPurpose = (typeof PURPOSES)[number];

/** One answer of a person, kept as it was given. */
export interface ConsentRow {
  readonly purpose: ConsentPurpose;
  readonly given: boolean;
  readonly at: number;
  /** Version of the notice it answered. */
  readonly notice: number;
  /** A later answer took its place. */
  readonly withdrawnAt: number | null;
}

interface Texts {
  readonly zh: string;
  readonly en: string;
}

/** Notices and what people answered to them. */
export interface Notices {
  /** Newest version first, a draft before all. */
  list(): Promise<readonly NoticeRow[]>;
  find(id: number): Promise<NoticeRow | undefined>;
  /** The newest published one. */
  current(): Promise<NoticeRow | undefined>;
  /** The next version as a draft; undefined: there is one already. */
  draft(texts: Texts): Promise<NoticeRow | undefined>;
  /** False: it is published, or reads otherwise than `was` by now. */
  rewrite(id: number, was: Texts, texts: Texts): Promise<boolean>;
  publish(id: number, was: Texts, by: { readonly accountId: number; readonly now: number }): Promise<boolean>;
  /** Newest first. */
  consents(personId: number): Promise<readonly ConsentRow[]>;
  /** Writes an answer down; the one before it on the same purpose stops to count. */
  answer(personId: number, answer: { readonly noticeId: number; readonly purpose: ConsentPurpose; readonly given: boolean }, now: number): Promise<void>;
  /** Withdraws every switch that stands; how many did. */
  withdrawAll(personId: number, noticeId: number, now: number): Promise<number>;
}

const noticeRow = ({ id, number, textZh, textEn, publishedAt }: PrivacyNotice): NoticeRow => ({ id, number, zh: textZh, en: textEn, publishedAt: msOrNull(publishedAt) });
const texts = ({ zh, en }: Texts) => ({ textZh: zh, textEn: en });

type NoticePart = Omit<Notices, 'consents' | 'answer' | 'withdrawAll'>;

function versionsOf({ read, write }: Register): NoticePart {
  const one = (row: PrivacyNotice | null): NoticeRow | undefined => (row === null ? undefined : noticeRow(row));
  return {
    list: async () => (await read.privacyNotice.findMany({ orderBy: { number: 'desc' } })).map(noticeRow),
    find: async (id) => one(await read.privacyNotice.findUnique({ where: { id } })),
    current: async () => one(await read.privacyNotice.findFirst({ where: { publishedAt: { not: null } }, orderBy: { number: 'desc' } })),
    draft: (wish) =>
      write(async (db) => {
        const last = await db.privacyNotice.findFirst({ orderBy: { number: 'desc' } });
        if (last !== null && last.publishedAt === null) return undefined;
        return noticeRow(await db.privacyNotice.create({ data: { number: (last?.number ?? 0) + 1, ...texts(wish) } }));
      }),
    rewrite: async (id, was, wish) => (await write((db) => db.privacyNotice.updateMany({ where: { id, publishedAt: null, ...texts(was) }, data: texts(wish) }))).count === 1,
    publish: async (id, was, { accountId, now }) =>
      (await write((db) => db.privacyNotice.updateMany({ where: { id, publishedAt: null, ...texts(was) }, data: { publishedAt: BigInt(now), publishedBy: accountId } }))).count ===
      1,
  };
}

/** Notices and consents of the register. */
export function noticesOf(register: Register): Notices {
  const { read, write } = register;
  const inForce = (personId: number, purpose: { not: string } | string) => ({ personId, purpose, withdrawnAt: null });
  return {
    ...versionsOf(register),
    async consents(personId) {
      const rows = await read.consent.findMany({ where: { personId }, include: { notice: { select: { number: true } } }, orderBy: { id: 'desc' } });
      return rows.map(({ purpose, given, at, notice, withdrawnAt }) => ({
        given,
        purpose: wordOf('Consent.purpose', PURPOSES, purpose),
        at: ms(at),
        notice: notice.number,
        withdrawnAt: msOrNull(withdrawnAt),
      }));
    },
    async answer(personId, { noticeId, purpose, given }, now) {
      const at = BigInt(now);
      await write((db) =>
        db.$transaction([
          db.consent.updateMany({ where: inForce(personId, purpose), data: { withdrawnAt: at } }),
          db.consent.create({ data: { personId, noticeId, purpose, given, at } }),
        ]),
      );
    },
    withdrawAll: (personId, noticeId, now) =>
      write(async (db) => {
        const standing = await db.consent.findMany({ where: { ...inForce(personId, { not: 'notice' }), given: true }, select: { id: true, purpose: true } });
        const at = BigInt(now);
        await db.$transaction([
          db.consent.updateMany({ where: { id: { in: standing.map(({ id }) => id) } }, data: { withdrawnAt: at } }),
          db.consent.createMany({ data: standing.map(({ purpose }) => ({ personId, noticeId, purpose, given: false, at })) }),
        ]);
        return standing.length;
      }),
  };
}
