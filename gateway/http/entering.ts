import type { FastifyReply, FastifyRequest } from 'fastify';
import { pairsOf } from '../core/matrix.ts';
import type { AccountRow } from '../store/accounts.ts';
import { cookieName, isSecure, who } from './guard.ts';
import { demoHere } from './loopback.ts';
import type { Place } from './passkeys.ts';
import { refusal } from './problem.ts';
import { addressOf } from './rate-limits.ts';
import type { SessionView } from './schemas/session.ts';
import { ABSOLUTE_MS, csrfOf, newToken, type Opening } from './sessions.ts';
import type { Site } from './site.ts';
import { assigned, type Viewer, viewerOf } from './viewer.ts';

const AGENT_CHARS = 160;

/** One request and its answer. */
export interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Gives the browser its session. No script reads it, no other site sends it. */
export function setCookie(site: Site, reply: FastifyReply, token: string): void {
  const secure = isSecure(site);
  reply.setCookie(cookieName(secure), token, { httpOnly: true, sameSite: 'strict', secure, path: '/' });
}

/** Who is signed in, as the console is told. */
export async function sessionView(site: Site, request: FastifyRequest, { token, viewer }: { token: string; viewer: Viewer | undefined }): Promise<SessionView> {
  const account = viewer === undefined ? null : { id: viewer.accountId, login: viewer.login, displayName: viewer.displayName, role: viewer.role, step: viewer.step };
  const whole = viewer !== undefined && viewer.step === 'full';
  const mine = { may: whole ? pairsOf(viewer.role) : [], assigned: whole && assigned(viewer) };
  return { account, ...mine, csrf: csrfOf(token), demo: demoHere(site.deps.config, request), setup: viewer === undefined && (await site.firstAccount.isOpen()) };
}

/** Where a session begins after the password. A demo account has no factor to give: on this computer, in the demo, its entry counts as strong. */
async function stepOf({ deps, factors }: Site, account: AccountRow): Promise<Pick<Opening, 'step' | 'strongAt'>> {
  if (deps.config.demo && account.passwordHash === '') return { step: 'full', strongAt: deps.clock() + ABSOLUTE_MS };
  return { step: await factors.stepAfterPassword(account), strongAt: null };
}

/**
 * Begins a session with a new token: what the browser held before is worth nothing after (ASVS 7.2.4). `shown`: how
 * far the account has shown who it is, when not by a password.
 */
export async function begin(site: Site, { request, reply }: Exchange, account: AccountRow, shown?: Pick<Opening, 'step' | 'strongAt'>): Promise<SessionView> {
  const standing = shown ?? (await stepOf(site, account));
  if (standing.step !== 'factor') await site.tries.passed(account);
  const opening = { ...standing, agent: (request.headers['user-agent'] ?? '').slice(0, AGENT_CHARS), address: addressOf(site.deps.config, request) };
  const token = await site.sessions.open(account, opening, request.token);
  setCookie(site, reply, token);
  return sessionView(site, request, { token, viewer: viewerOf({ account, ...opening }, await site.scopes.of(account)) });
}

/** The session goes on under a new token; `strong`: the second factor was given just now. */
export async function renew(site: Site, { request, reply }: Exchange, strong: boolean): Promise<SessionView> {
  const { token, viewer } = mine(request);
  const fresh = await site.sessions.renew(token, { step: 'full', strongAt: strong ? site.deps.clock() : viewer.strongAt });
  setCookie(site, reply, fresh);
  return sessionView(site, request, { token: fresh, viewer: await site.sessions.resolve(fresh, false) });
}

/** Signs out: the browser gets a token that stands for nobody. */
export async function leave(site: Site, { request, reply }: Exchange): Promise<SessionView> {
  if (request.token !== undefined) await site.sessions.close(request.token);
  const token = newToken();
  setCookie(site, reply, token);
  return sessionView(site, request, { token, viewer: undefined });
}

/** Who asks with a browser's session: what is one's own is no business of the command line nor of an access token. */
export function mine(request: FastifyRequest): { readonly token: string; readonly viewer: Viewer } {
  const viewer = who(request);
  if (request.token === undefined || viewer.accountId === 0 || viewer.pairs !== undefined) throw refusal('NOT_ALLOWED');
  return { token: request.token, viewer };
}

/** The account behind a browser's session. */
export async function myAccount({ deps }: Site, request: FastifyRequest): Promise<AccountRow> {
  const account = await deps.accounts.byId(mine(request).viewer.accountId);
  if (account === undefined) throw refusal('NOT_SIGNED_IN');
  return account;
}

/** The current password, asked again before something about signing in is changed. Wrong ones count. Throws WRONG_PASSWORD or TOO_MANY_TRIES. */
export async function checkPassword({ tries, passwords }: Site, account: AccountRow, password: string): Promise<void> {
  tries.check(account.login, account);
  if (await passwords.verify(account.passwordHash, password)) return;
  await tries.failed(account.login);
  throw refusal('WRONG_PASSWORD');
}

/** The address a browser sees: by its own Origin, which the guard has checked, else by what is set up. */
export function placeOf({ deps: { config } }: Site, { token, headers, host }: FastifyRequest): Place {
  const origin = headers.origin ?? (config.publicUrl === undefined ? `${config.tls === undefined ? 'http' : 'https'}://${host}` : new URL(config.publicUrl).origin);
  if (token === undefined || !URL.canParse(origin)) throw refusal('CSRF');
  return { origin, token };
}
