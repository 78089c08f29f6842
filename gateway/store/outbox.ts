import type { Register } from './register.ts';
import { ms } from './values.ts';

/** What a message says, as it is sealed. */
export interface MessageBody {
  /** Whom it is for, as colleagues call him. */
  readonly to: string;
  readonly zh: string;
  readonly en: string;
  /** A link that works once; null when there is none, or it was used. */
  readonly link: string | null;
  /** SHA-256 of the invitation's token in the link, hex; '' without one. */
  readonly tokenHash: string;
}

export interface OutboxRow extends MessageBody {
  readonly id: number;
  readonly at: number;
  /** invitation | reset | alarm … */
  readonly kind: string;
  readonly accountId: number | null;
}

/** Messages that were handed on. A link stays only while somebody can use it. */
export interface Outbox {
  put(message: Omit<OutboxRow, 'id'>): Promise<void>;
  /** Newest first; `before`: below this row number. Links that can be used no more at `now` (epoch ms) are forgotten for good. */
  page(wish: { readonly before: number | undefined; readonly limit: number; readonly now: number }): Promise<readonly OutboxRow[]>;
}

/** The register's outbox. */
export function outboxOf({ read, write, vault }: Register): Outbox {
  const sealed = ({ to, zh, en, link, tokenHash }: MessageBody) => vault.seal('outbox.body', JSON.stringify({ to, zh, en, link, tokenHash }));

  async function usable(tokenHash: string, now: number): Promise<boolean> {
    const where = { tokenHash: Uint8Array.from(Buffer.from(tokenHash, 'hex')), usedAt: null, revokedAt: null, expiresAt: { gt: now } };
    return (await read.invitation.count({ where })) > 0;
  }
  async function fresh(row: OutboxRow, now: number): Promise<OutboxRow> {
    if (row.link === null || row.tokenHash === '' || (await usable(row.tokenHash, now))) return row;
    const without = { ...row, link: null };
    await write((db) => db.outboxMessage.update({ where: { id: row.id }, data: { bodySealed: sealed(without) } }));
    return without;
  }
  return {
    async put({ at, kind, accountId, ...body }) {
      await write((db) => db.outboxMessage.create({ data: { at, kind, accountId, bodySealed: sealed(body), sentAt: at } }));
    },
    async page({ before, limit, now }) {
      const rows = await read.outboxMessage.findMany({ where: before === undefined ? {} : { id: { lt: before } }, orderBy: { id: 'desc' }, take: limit });
      const opened = rows.map(({ id, at, kind, accountId, bodySealed }): OutboxRow => {
        const body: MessageBody = JSON.parse(vault.open('outbox.body', bodySealed));
        return { id, at: ms(at), kind, accountId, ...body };
      });
      return Promise.all(opened.map((row) => fresh(row, now)));
    },
  };
}
