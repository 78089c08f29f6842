import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type IdempotentAnswers, idempotentAnswersOf, type KeyedRequest } from '../store/idempotent-answers.ts';
import type { App } from './app-type.ts';
import type { Declared } from './permissions.ts';
import { PROBLEM_JSON, refusal } from './problem.ts';
import type { Site } from './site.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The answer holds a secret that is shown once: a repeat is told that it was done, and not what it was. */
    readonly shownOnce?: boolean;
  }
  interface FastifyRequest {
    /** Set while this request is the first under its Idempotency-Key. */
    keyed: KeyedRequest | undefined;
  }
}

/** How long an answer is kept. */
export const KEPT_MS = 24 * 3_600_000;
/** After this long nobody is still at work on a request: the process was stopped in between. */
export const GIVEN_UP_MS = 5 * 60_000;
const SWEEP_MS = 3_600_000;
const MOST_BYTES = 64 * 1024;
const RETRY_SECONDS = 2;
/** Visible ASCII, with or without the quotes of a structured field (draft-ietf-httpapi-idempotency-key-header). */
const KEY = /^"?([\x21\x23-\x5b\x5d-\x7e]{1,64})"?$/;
/** Signing in and what belongs to it: each try counts for itself, and answers set cookies. */
const LEFT_OUT: ReadonlySet<string> = new Set(['signIn', 'session', 'password', 'secondFactor', 'demo', 'health', 'document', 'console']);
/** 429 and 503: nothing was done, try again; and then it must be tried indeed. */
const NOTHING_DONE: ReadonlySet<number> = new Set([429, 503]);
const JSON_OK = 'application/json; charset=utf-8';

/** Does the Idempotency-Key header count on this route? Every POST that creates or acts, for whoever is signed in. One that only asks may be sent twice anyway. */
export const takesKey = (method: string | readonly string[], { data, action, of, shownOnce = false }: Partial<Declared> & { readonly shownOnce?: boolean }): boolean =>
  String(method) === 'POST' && (action !== 'R' || shownOnce) && data !== undefined && of !== 'open' && !LEFT_OUT.has(data);

function keyOf(request: FastifyRequest): string | undefined {
  const field = request.headers['idempotency-key'];
  if (field === undefined || !takesKey(request.method, request.routeOptions.config)) return undefined;
  const key = KEY.exec(String(field))?.[1];
  if (key === undefined) throw refusal('BAD_INPUT', { field: 'idempotency-key', expected: '1–64 × ASCII' });
  return key;
}

/** A body as bytes. What can be read but not written again is nested thousands deep (RangeError): no request of anybody's. */
function bytesOf(body: unknown): Buffer | string {
  if (Buffer.isBuffer(body)) return body;
  try {
    return JSON.stringify(body ?? null);
  } catch {
    throw refusal('BAD_INPUT', { field: 'body', expected: 'JSON' });
  }
}

/** Address with its query, and the body: what makes two requests the same. The route column itself names no object and no person. */
const contentOf = ({ url, body }: FastifyRequest): string => `${url}\0${createHash('sha256').update(bytesOf(body)).digest('hex')}`;

/** Answers a repeat from what is kept, or refuses it; `undefined`: this request is the first and is to be carried out. */
async function repeat(answers: IdempotentAnswers, keyed: KeyedRequest, now: number): Promise<{ readonly status: number; readonly body: string } | undefined> {
  const earlier = await answers.claim(keyed, { since: now - KEPT_MS, now });
  if (earlier === undefined) return undefined;
  const { same, status, body, createdAt } = earlier;
  if (!same) throw refusal('IDEMPOTENCY_MISMATCH', { field: 'idempotency-key' });
  if (status === 0) throw now - createdAt < GIVEN_UP_MS ? refusal('IDEMPOTENCY_RUNNING', { retryAfter: RETRY_SECONDS }) : refusal('OUTCOME_UNKNOWN');
  if (body === undefined) throw refusal('DONE_ALREADY');
  return { status, body };
}

/** The answer's text when it may be kept: JSON, not too large, without a secret that is shown once. */
function kept(request: FastifyRequest, reply: FastifyReply, payload: unknown): string | undefined {
  const fine = reply.statusCode >= 400 || request.routeOptions.config.shownOnce !== true;
  const isJson = /^application\/(problem\+)?json/.test(String(reply.getHeader('content-type') ?? ''));
  return fine && isJson && typeof payload === 'string' && Buffer.byteLength(payload) <= MOST_BYTES ? payload : undefined;
}

/**
 * Idempotency-Key: a request sent twice is done once, and its second answer is the first one, marked `idempotent-replayed`.
 * The act and the keeping of its answer are two writes. Stopped in between, the key is neither free nor answered: for five
 * minutes a repeat is told to wait, then OUTCOME_UNKNOWN until the day is over. So it is never done twice behind the sender's
 * back, and he is told to look.
 */
export function addIdempotency(app: App, { deps: { register, clock, onError } }: Site): void {
  const answers = idempotentAnswersOf(register);
  let swept = Number.NEGATIVE_INFINITY;
  const fail = (error: unknown): void => onError(error, 'idempotent answers');
  app.decorateRequest('keyed', undefined);

  app.addHook('preHandler', async (request, reply) => {
    const key = keyOf(request);
    if (key === undefined || request.viewer === undefined) return;
    const now = clock();
    if (now - swept >= SWEEP_MS) {
      swept = now;
      answers.sweep(now - KEPT_MS).catch(fail);
    }
    const keyed: KeyedRequest = { accountId: request.viewer.accountId, key, route: `POST ${request.routeOptions.url ?? ''}`, content: contentOf(request) };
    const earlier = await repeat(answers, keyed, now);
    if (earlier === undefined) {
      request.keyed = keyed;
      return;
    }
    reply.header('idempotent-replayed', 'true').code(earlier.status);
    return reply.type(earlier.status >= 400 ? PROBLEM_JSON : JSON_OK).send(earlier.body);
  });

  app.addHook('onSend', async (request, reply, payload) => {
    const { keyed } = request;
    if (keyed === undefined) return payload;
    request.keyed = undefined;
    // The act is done: an answer that cannot be kept is still given.
    const noted = NOTHING_DONE.has(reply.statusCode) ? answers.free(keyed) : answers.answer(keyed, reply.statusCode, kept(request, reply, payload));
    await noted.catch(fail);
    return payload;
  });
}
