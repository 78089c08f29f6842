import { isIP } from 'node:net';
import fastifyRateLimit, { normalizeIP } from '@fastify/rate-limit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config.ts';
import type { App } from './app-type.ts';
import type { Declared } from './permissions.ts';
import { refusal } from './problem.ts';
import { LOCAL_OPERATOR } from './viewer.ts';

/** Requests a minute. */
export interface RateLimits {
  /** Signing in, invitations and second factors, for each address. */
  readonly signIn: number;
  /** Everything else, for each account; for each address while nobody is signed in. */
  readonly api: number;
  /** Files made for somebody, for each account. */
  readonly export: number;
}

/** Which of the limits counts for a route; `none` for what is held by its own means. */
export type RateGroup = keyof RateLimits | 'none';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Counts in another group than its data would say. */
    readonly rate?: RateGroup;
  }
}

/** What holds unless a test says otherwise; docs/api.md tells users. */
export const RATE_LIMITS: RateLimits = { signIn: 10, api: 600, export: 6 };

const MINUTE = 60_000;
/** Addresses and accounts remembered for each limit; the least recent goes first. */
const REMEMBERED = 20_000;
/** A subscriber has at least this much of the IPv6 space. */
const IPV6_PREFIX = 64;
const LOOPBACK = /^(::ffff:)?127\.|^::1$/;
/** Acts where something is guessed. Setting a factor up is none: there the session is there already, and counts by account. */
const GUESSED: ReadonlySet<string> = new Set(['signIn:C', 'secondFactor:X', 'password:U']);

/**
 * The address a request came from. Behind a proxy on this computer (PUBLIC_URL is https and TLS is not ours) it is the last
 * entry of X-Forwarded-For: that one the proxy wrote; what the client wrote stands before it and is never read.
 */
export function addressOf({ tls, publicUrl }: Config, request: FastifyRequest): string {
  const proxied = tls === undefined && publicUrl?.startsWith('https://') === true && LOOPBACK.test(request.ip);
  const last = proxied
    ? String(request.headers['x-forwarded-for'] ?? '')
        .split(',')
        .at(-1)
        ?.trim()
    : undefined;
  return normalizeIP(last !== undefined && isIP(last) !== 0 ? last : request.ip, IPV6_PREFIX);
}

/** The limit of a route: as it says itself, else by what it does. */
function groupOf(method: string, url: string, { data, action, rate }: Partial<Declared> & { readonly rate?: RateGroup }): RateGroup {
  if (rate !== undefined) return rate;
  if (!url.startsWith('/api/') || url.endsWith('/live')) return 'none';
  return method !== 'GET' && GUESSED.has(`${data}:${action}`) ? 'signIn' : 'api';
}

/** Counts a request and answers RATE_LIMITED (429) with Retry-After when it is one too many. Call it once the viewer is known. */
export type LimitRate = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/** Puts the counters in place: in memory, so a restart forgets them. The local operator is not counted. */
export async function createRateLimits(app: App, config: Config, limits: RateLimits = RATE_LIMITS): Promise<LimitRate> {
  await app.register(fastifyRateLimit, { global: false });
  const keyGenerator = (request: FastifyRequest): string => {
    const account = groupOf(request.method, request.routeOptions.url ?? '', request.routeOptions.config) === 'signIn' ? undefined : request.viewer?.accountId;
    return account === undefined ? `from ${addressOf(config, request)}` : `account ${account}`;
  };
  // `cache` belongs to the store and is missing in the plugin's own type of these options.
  const counter = (max: number) => app.createRateLimit(Object.assign({ max, timeWindow: MINUTE, keyGenerator }, { cache: REMEMBERED }));
  const counters = { signIn: counter(limits.signIn), api: counter(limits.api), export: counter(limits.export) };
  return async (request, reply) => {
    const group = groupOf(request.method, request.routeOptions.url ?? '', request.routeOptions.config);
    if (group === 'none' || request.viewer === LOCAL_OPERATOR) return;
    const count = await counters[group](request);
    if (count.isAllowed) return;
    reply.headers({ 'ratelimit-limit': count.max, 'ratelimit-remaining': count.remaining, 'ratelimit-reset': count.ttlInSeconds });
    if (count.isExceeded) throw refusal('RATE_LIMITED', { retryAfter: count.ttlInSeconds });
  };
}
