import type { Outbox } from '../store/outbox.ts';
import { hashToken } from './sessions.ts';

/** Something a person is to be told. Both languages, because nobody knows yet which one he reads. */
export interface Message {
  /** invitation | reset | alarm … */
  readonly kind: string;
  readonly accountId: number | null;
  /** Whom it is for, as colleagues call him. */
  readonly to: string;
  readonly zh: string;
  readonly en: string;
  /** An address that works once, with the invitation's token in it. */
  readonly link?: { readonly url: string; readonly token: string };
}

/** The way messages leave. There is no e-mail and no SMS: what is handed over in person is kept here. */
export interface Sender {
  send(message: Message): Promise<void>;
}

/** A sender that puts messages into the outbox, sealed, for the page that shows them. */
export const outboxSender = (outbox: Outbox, clock: () => number): Sender => ({
  send: ({ link, ...message }) => outbox.put({ ...message, at: clock(), link: link?.url ?? null, tokenHash: link === undefined ? '' : hashToken(link.token).toString('hex') }),
});
