import { randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { afterAll, afterEach, expect } from 'vitest';
import type { Role } from '../../gateway/core/roles.ts';
import type { AccountRow } from '../../gateway/store/accounts.ts';
import { assignmentsFor, type Browser, browser, PASSWORD, type Wish, type World, world } from './fixture.ts';

/** The code an authenticator app shows for a secret at a time (epoch ms). */
export const codeAt = (secret: unknown, now: number): string => new TOTP({ secret: Secret.fromBase32(String(secret)) }).generate({ timestamp: now });

/** Any six digits but the right ones. */
export const wrongCode = (secret: unknown, now: number): string => String((Number(codeAt(secret, now)) + 77_777) % 1_000_000).padStart(6, '0');

/** Argon2id of PASSWORD at the least cost there is: tests sign in more often than people do. */
const CHEAP_HASH = '$argon2id$v=19$m=8,t=1,p=1$/k2yo/gNnZI/kUzGikAUgw$yywCd26KxoFZUMVKQv+7it0Z9HBoiaBWs+HGQbcgMVc';

/** A login nobody else in a shared world has. */
export const newLogin = (start: string): string => `${start.toLowerCase()}-${randomBytes(6).toString('hex')}`;

/** An account with a password, as an administrator's invitation leaves it. */
export function withPassword(here: World, role: Role, login = newLogin(role)): Promise<AccountRow> {
  return here.site.deps.accounts.create({ login, passwordHash: CHEAP_HASH, role, displayName: role, assignments: assignmentsFor(role, [here.building.buildingId]) }, here.time.now);
}

/** A browser that has given this login's password, and whatever step comes then. */
export async function passwordGiven(here: World, login: string): Promise<Browser> {
  const me = await browser(here);
  expect((await me.ask('POST', 'session', { login, password: PASSWORD })).status).toBe(200);
  return me;
}

export interface Enrolled {
  readonly me: Browser;
  readonly login: string;
  readonly accountId: number;
  readonly secret: string;
  readonly recoveryCodes: readonly string[];
}

/** An account of this role that has signed in and set up an authenticator app. */
export async function enrolled(here: World, role: Role, login?: string): Promise<Enrolled> {
  const account = await withPassword(here, role, login);
  const me = await passwordGiven(here, account.login);
  const { json: begun } = await me.ask('POST', 'session/factors/totp', { label: 'Phone', password: PASSWORD });
  const done = await me.ask('POST', `session/factors/totp/${begun['id']}/confirm`, { code: codeAt(begun['secret'], here.time.now) });
  expect(done.json).toMatchObject({ session: { account: { step: 'full' } } });
  me.csrf = Object(done.json['session'])['csrf'];
  const recoveryCodes: string[] = Object(done.json['recoveryCodes']);
  return { me, login: account.login, accountId: account.id, secret: String(begun['secret']), recoveryCodes };
}

/** The next half minute: codes work once. */
export const nextCode = (here: World, secret: string): string => {
  here.time.now += 30_000;
  return codeAt(secret, here.time.now);
};

/**
 * One world for all tests of a file, since making one takes longer than most of them; a test with a wish of its own gets
 * its own. Call it at the top of the file.
 */
export function sharedWorld(): (wish?: Wish) => Promise<World> {
  let shared: Promise<World> | undefined;
  const own: World[] = [];
  afterEach(async () => {
    for (const here of own.splice(0)) await here.close();
  });
  afterAll(async () => (await shared)?.close());
  return async (wish) => {
    if (wish !== undefined) {
      const here = await world(wish);
      own.push(here);
      return here;
    }
    shared ??= world();
    const here = await shared;
    here.journal.entries.splice(0);
    here.log.broken = false;
    return here;
  };
}
