import { type App, ById, PROBLEMS } from '../app-type.ts';
import { checkPassword, type Exchange, mine, myAccount, placeOf, renew } from '../entering.ts';
import { may } from '../permissions.ts';
import { Refusal, refusal } from '../problem.ts';
import {
  FactorAdded,
  FactorAsk,
  FactorBegin,
  FactorGiven,
  FactorList,
  FactorRename,
  PasskeyAdd,
  PasskeyOptions,
  RecoveryCodes,
  TotpBegin,
  TotpBegun,
  TotpConfirm,
} from '../schemas/own-account.ts';
import { SessionView } from '../schemas/session.ts';
import type { Site } from '../site.ts';
import type { AccountRow } from '../../store/accounts.ts';
import { isStrong } from '../viewer.ts';
import type { FastifyRequest } from 'fastify';

type Given = Pick<FactorGiven, keyof FactorGiven>;

/** Checks what was shown; exactly one thing is. */
async function check(site: Site, request: FastifyRequest, account: AccountRow, { code, recoveryCode, passkey }: Given): Promise<void> {
  const { factors, passkeys } = site;
  if ([code, recoveryCode, passkey].filter((shown) => shown !== undefined).length !== 1) throw refusal('BAD_INPUT', { field: 'body', expected: 'code | recoveryCode | passkey' });
  if (code !== undefined) return factors.giveCode(account, code);
  if (recoveryCode !== undefined) return factors.giveRecoveryCode(account, recoveryCode);
  if (passkey !== undefined) await factors.givePasskey(account, async () => (await passkeys.used(passkey, placeOf(site, request), false))?.accountId === account.id);
}

// What takes a guess counts with signing in (rate-limits.ts); the rest with everything else.

/** Giving the factor: to finish signing in, or again for an act that asks for it. */
function giveRoutes(app: App, site: Site): void {
  app.get(
    '/session/factor',
    { config: may('secondFactor', 'X', 'self'), schema: { summary: 'Which second factors this account can show', response: { 200: FactorAsk, ...PROBLEMS } } },
    (request) => site.factors.ask(mine(request).viewer.accountId),
  );

  app.post(
    '/session/factor',
    { config: may('secondFactor', 'X', 'self'), schema: { summary: 'Show a second factor', body: FactorGiven, response: { 200: SessionView, ...PROBLEMS } } },
    async (request, reply) => {
      const account = await myAccount(site, request);
      await check(site, request, account, request.body).catch((error: unknown) => {
        if (error instanceof Refusal && ['WRONG_CODE', 'PASSKEY_WRONG'].includes(error.problem.code)) site.audit.failedSignIn();
        throw error;
      });
      await site.tries.passed(await myAccount(site, request));
      const answer = await renew(site, { request, reply }, true);
      await site.audit.session('factor-given', account.id);
      return answer;
    },
  );

  app.post(
    '/session/factor/passkey',
    { config: { ...may('secondFactor', 'X', 'self'), rate: 'api' }, schema: { summary: 'Begin showing a passkey', response: { 200: PasskeyOptions, ...PROBLEMS } } },
    (request) => site.passkeys.toUse(mine(request).viewer.accountId, placeOf(site, request)),
  );
}

/**
 * May this session add a factor? Signing in for the first time: while the account has none. Later: with a factor given
 * lately, or, while it has none, with the password once more: a desk left open is not enough.
 */
async function mayAdd(site: Site, request: FastifyRequest, password?: string): Promise<AccountRow> {
  const { viewer } = mine(request);
  const account = await myAccount(site, request);
  const has = (await site.factors.count(account.id)) > 0;
  if (viewer.step === 'enrol' && has) throw refusal('SECOND_FACTOR');
  await site.factors.checkRoom(account.id);
  if (viewer.step === 'enrol' || isStrong(viewer, site.deps.clock())) return account;
  if (has) throw refusal('SECOND_FACTOR');
  if (password === undefined) throw refusal('BAD_INPUT', { field: 'password', expected: '现在的密码 / your current password' });
  await checkPassword(site, account, password);
  return account;
}

/** A factor was proven: sessions opened without one end, this one is whole. */
async function added(site: Site, exchange: Exchange, account: AccountRow): Promise<FactorAdded> {
  const recoveryCodes = await site.factors.firstCodes(account.id);
  if (recoveryCodes.length > 0) await site.sessions.endOf(account.id, { keep: mine(exchange.request).token });
  return { session: await renew(site, exchange, true), recoveryCodes };
}

function addRoutes(app: App, site: Site): void {
  const config = { ...may('secondFactor', 'C', 'self'), shownOnce: true };

  app.post(
    '/session/factors/totp',
    { config, schema: { summary: 'Begin an authenticator app: its secret, shown this once', body: TotpBegin, response: { 200: TotpBegun, ...PROBLEMS } } },
    async (request) => {
      const account = await mayAdd(site, request, request.body.password);
      return site.factors.beginTotp(account, { label: request.body.label, place: new URL(placeOf(site, request).origin).hostname });
    },
  );

  app.post(
    '/session/factors/totp/:id/confirm',
    { config, schema: { summary: 'Prove the authenticator app with a code', params: ById, body: TotpConfirm, response: { 200: FactorAdded, ...PROBLEMS } } },
    async (request, reply) => {
      const { viewer } = mine(request);
      const account = await myAccount(site, request);
      if (viewer.step === 'enrol' && (await site.factors.count(account.id)) > 0) throw refusal('SECOND_FACTOR');
      await site.factors.confirmTotp(account, { id: request.params.id, code: request.body.code }, () => site.audit.acted(viewer, 'factor-added', { words: 'totp' }));
      return added(site, { request, reply }, account);
    },
  );

  app.post(
    '/session/factors/passkey/options',
    { config, schema: { summary: 'Begin a passkey', body: FactorBegin, response: { 200: PasskeyOptions, ...PROBLEMS } } },
    async (request) => site.passkeys.toAdd(await mayAdd(site, request, request.body.password), placeOf(site, request)),
  );

  app.post(
    '/session/factors/passkey',
    { config: { ...config, rate: 'api' }, schema: { summary: 'Add the passkey that the browser made', body: PasskeyAdd, response: { 200: FactorAdded, ...PROBLEMS } } },
    async (request, reply) => {
      const { viewer } = mine(request);
      const account = await myAccount(site, request);
      if (viewer.step === 'enrol' && (await site.factors.count(account.id)) > 0) throw refusal('SECOND_FACTOR');
      // The challenge in it was given out by the route before, after its checks, to this very session.
      const made = await site.passkeys.made(request.body.passkey, placeOf(site, request));
      await site.audit.acted(viewer, 'factor-added', { words: 'passkey' });
      await site.factors.addPasskey({ ...made, accountId: account.id, label: request.body.label });
      return added(site, { request, reply }, account);
    },
  );
}

async function listOf(site: Site, request: FastifyRequest): Promise<FactorList> {
  const account = await myAccount(site, request);
  const factors = (await site.factors.list(account.id)).map(({ id, kind, label, createdAt, lastUsedAt }) => ({ id, kind, label, createdAt, lastUsedAt }));
  return {
    factors,
    recoveryLeft: await site.factors.recoveryLeft(account.id),
    required: site.factors.required(account),
    passkeyHere: site.passkeys.possible(placeOf(site, request).origin),
  };
}

/** One's own second factors. */
export function factorRoutes(app: App, site: Site): void {
  giveRoutes(app, site);
  addRoutes(app, site);

  app.get('/session/factors', { config: may('secondFactor', 'R', 'self'), schema: { summary: 'Own second factors', response: { 200: FactorList, ...PROBLEMS } } }, (request) =>
    listOf(site, request),
  );

  app.put(
    '/session/factors/:id',
    {
      config: { ...may('secondFactor', 'U', 'self'), rate: 'api' },
      schema: { summary: 'Call a second factor something else', params: ById, body: FactorRename, response: { 200: FactorList, ...PROBLEMS } },
    },
    async (request) => {
      await site.factors.rename(mine(request).viewer.accountId, request.params.id, request.body.label);
      return listOf(site, request);
    },
  );

  app.delete(
    '/session/factors/:id',
    { config: may('secondFactor', 'D', 'self', { strong: true }), schema: { summary: 'Remove a second factor', params: ById, response: { 200: FactorList, ...PROBLEMS } } },
    async (request) => {
      const { viewer } = mine(request);
      await site.factors.remove(await myAccount(site, request), request.params.id, () => site.audit.acted(viewer, 'factor-removed'));
      return listOf(site, request);
    },
  );

  app.post(
    '/session/recovery-codes',
    {
      config: { ...may('secondFactor', 'U', 'self', { strong: true }), shownOnce: true, rate: 'api' },
      schema: { summary: 'Ten new recovery codes; the old ones are worth nothing', response: { 200: RecoveryCodes, ...PROBLEMS } },
    },
    async (request) => {
      const { viewer } = mine(request);
      // Without a factor a code would open nothing, or, worse, be the only one.
      if ((await site.factors.count(viewer.accountId)) === 0) throw refusal('NOT_FOUND');
      await site.audit.acted(viewer, 'recovery-codes-made');
      return { recoveryCodes: await site.factors.newCodes(viewer.accountId) };
    },
  );
}
