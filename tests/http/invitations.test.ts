import { describe, expect, test } from 'vitest';
import type { Role } from '../../gateway/core/roles.ts';
import { unchosenLogin } from '../../gateway/http/login-name.ts';
import type { InvitationKind } from '../../gateway/store/invitations.ts';
import { DAY } from '../helpers/register.ts';
import { assignmentsFor, browser, PASSWORD, type World } from './fixture.ts';
import { enrolled, nextCode, passwordGiven, newLogin, sharedWorld } from './signing.ts';

const made = sharedWorld();

interface Invited {
  readonly id: number;
  readonly token: string;
  readonly expiresAt: number;
}

async function invited(here: World, role: Role, login = unchosenLogin(), kind: InvitationKind = 'join'): Promise<Invited> {
  const { accounts, clock } = here.site.deps;
  const assignments = assignmentsFor(role, [here.building.buildingId]);
  const { id } = await accounts.create({ login, passwordHash: '', role, displayName: '林小雨', state: 'invited', assignments }, clock());
  return { id, ...(await here.site.invitations.create(id, kind, 7, clock())) };
}

describe('an invitation', () => {
  test('says what it is for, and nothing else about anybody', async () => {
    const here = await made();
    const { token, expiresAt } = await invited(here, 'OF');
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(expiresAt).toBe(here.time.now + 7 * DAY);
    const { json } = await (await browser(here)).ask('GET', `invitations/${token}`);
    expect(json).toEqual({ kind: 'join', role: 'OF', site: 'Doorbook', displayName: '林小雨', login: '', passwordLength: 15, needsFactor: true, expiresAt });
    const row = await here.register.register.read.invitation.findFirst({ orderBy: { id: 'desc' } });
    expect(Buffer.from(row?.tokenHash ?? []).toString('latin1')).not.toContain(token);
    expect(
      JSON.stringify({ ...row, tokenHash: Buffer.from(row?.tokenHash ?? []).toString('base64url') }, (_, value) => (typeof value === 'bigint' ? Number(value) : value)),
    ).not.toContain(token);
  });

  test('makes a signed-in session with a login and a password of one’s own, and works once', async () => {
    const here = await made();
    const { token } = await invited(here, 'OF');
    const login = newLogin('lin.xiaoyu');
    const me = await browser(here);
    const before = me.cookie;
    const answer = await me.ask('POST', `invitations/${token}`, { login: ` ${login.toUpperCase()} `, password: PASSWORD });
    expect(answer.json).toMatchObject({ account: { login, displayName: '林小雨', role: 'OF', step: 'enrol' } });
    expect(me.cookie).not.toBe(before);
    const late = await browser(here);
    for (const method of ['GET', 'POST'] as const) {
      const refused = await late.ask(method, `invitations/${token}`, method === 'POST' ? { login: 'thief', password: PASSWORD } : undefined);
      expect([refused.status, refused.json['code']]).toEqual([409, 'INVITE_USED']);
    }
    expect((await (await passwordGiven(here, login)).ask('GET', 'session')).json).toMatchObject({ account: { step: 'enrol' } });
    expect(here.journal.entries.map(({ event, person }) => [event.what, person.accountId])[0]).toEqual(['invitation-taken', Object(answer.json['account']).id]);
  });

  test('lets somebody in at once whose role needs no second factor; a login given with it stays', async () => {
    const here = await made();
    const login = newLogin('chen');
    const { token } = await invited(here, 'LL', login);
    const me = await browser(here);
    expect((await me.ask('GET', `invitations/${token}`)).json).toMatchObject({ login, needsFactor: false });
    expect((await me.ask('POST', `invitations/${token}`, { login: 'something-else', password: PASSWORD })).json).toMatchObject({
      account: { login, step: 'full' },
      assigned: true,
    });
    expect((await me.ask('GET', 'buildings')).status).toBe(200);
  });

  test('is worth nothing after seven days, when withdrawn, by a newer one, or with a disabled account', async () => {
    const here = await made();
    const me = await browser(here);
    const refusedAs = async (token: string): Promise<unknown[]> => {
      const { status, json } = await me.ask('POST', `invitations/${token}`, { login: 'lin-xiaoyu', password: PASSWORD });
      return [status, json['code']];
    };
    const old = await invited(here, 'OF');
    const newer = await here.site.invitations.create(old.id, 'join', 7, here.time.now);
    expect(await refusedAs(old.token)).toEqual([410, 'INVITE_REVOKED']);
    here.time.now = newer.expiresAt - 1;
    expect((await me.ask('GET', `invitations/${newer.token}`)).status).toBe(200);
    here.time.now += 1;
    expect(await refusedAs(newer.token)).toEqual([410, 'INVITE_EXPIRED']);
    const gone = await invited(here, 'CL', newLogin('gone'));
    await here.site.deps.accounts.disable(gone.id, here.time.now);
    expect(await refusedAs(gone.token)).toEqual([410, 'INVITE_REVOKED']);
    expect(await refusedAs('q'.repeat(43))).toEqual([404, 'NOT_FOUND']);
    expect(await refusedAs('short')).toEqual([400, 'BAD_INPUT']);
  });

  test('refuses a weak password, a login that is taken or none, and can be used after', async () => {
    const here = await made();
    const { token } = await invited(here, 'OF');
    await invited(here, 'LL', 'landlord-chen');
    const me = await browser(here);
    for (const [body, code, field] of [
      [{ login: 'lin', password: 'short' }, 'BAD_INPUT', 'password'],
      [{ login: 'horse', password: PASSWORD }, 'BAD_INPUT', 'password'],
      [{ login: 'lin', password: '林小雨住在河边的老房子里喜欢看书' }, 'BAD_INPUT', 'password'],
      [{ password: PASSWORD }, 'BAD_INPUT', 'login'],
      [{ login: '?abcdef', password: PASSWORD }, 'BAD_INPUT', 'login'],
      [{ login: 'Landlord-Chen', password: PASSWORD }, 'TAKEN', 'login'],
    ] as const)
      expect((await me.ask('POST', `invitations/${token}`, body)).json).toMatchObject({ code, field });
    expect((await me.ask('POST', `invitations/${token}`, { login: newLogin('lin'), password: PASSWORD })).status).toBe(200);
  });

  test('taken up twice at the same moment is taken up once', async () => {
    const here = await made();
    const { token } = await invited(here, 'LL');
    const two = [await browser(here), await browser(here)];
    const answers = await Promise.all(two.map((me, n) => me.ask('POST', `invitations/${token}`, { login: newLogin(`lin-${n}`), password: PASSWORD })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  test('two that wish for the same login at the same moment do not both get it', async () => {
    const here = await made();
    const login = newLogin('lin');
    const tokens = [(await invited(here, 'LL')).token, (await invited(here, 'LL')).token];
    const answers = await Promise.all(tokens.map(async (token) => (await browser(here)).ask('POST', `invitations/${token}`, { login, password: PASSWORD })));
    expect(answers.map(({ json }) => json['code'] ?? 'in').sort()).toEqual(['TAKEN', 'in']);
  });

  test('is not taken up while the log cannot be written', async () => {
    const here = await made();
    const { token } = await invited(here, 'LL', newLogin('lin'));
    const me = await browser(here);
    here.log.broken = true;
    expect((await me.ask('POST', `invitations/${token}`, { password: PASSWORD })).status).toBe(503);
    here.log.broken = false;
    expect((await me.ask('POST', `invitations/${token}`, { password: PASSWORD })).status).toBe(200);
  });
});

describe('a reset handed over in person', () => {
  test('replaces the password, takes away the second factors, and ends every session', async () => {
    const here = await made();
    const { me: old, login, accountId, secret } = await enrolled(here, 'SA');
    const { token } = await here.site.invitations.create(accountId, 'reset', 7, here.time.now);
    const me = await browser(here);
    expect((await me.ask('GET', `invitations/${token}`)).json).toMatchObject({ kind: 'reset', login, needsFactor: true });
    expect((await me.ask('POST', `invitations/${token}`, { password: 'seven kettles by the sea' })).json).toMatchObject({ account: { login, step: 'enrol' } });
    expect((await old.ask('GET', 'buildings')).status).toBe(401);
    expect((await (await browser(here)).ask('POST', 'session', { login, password: PASSWORD })).status).toBe(401);
    const again = await browser(here);
    await again.ask('POST', 'session', { login, password: 'seven kettles by the sea' });
    expect((await again.ask('POST', 'session/factor', { code: nextCode(here, secret) })).json).toMatchObject({ code: 'SECOND_FACTOR' });
    expect(here.journal.entries.map(({ event }) => event.what)).toContain('account-reset');
  });

  test('an invitation to join leaves the factors where they are', async () => {
    const here = await made();
    const { login, accountId } = await enrolled(here, 'LL');
    const { token } = await here.site.invitations.create(accountId, 'join', 7, here.time.now);
    const me = await browser(here);
    expect((await me.ask('POST', `invitations/${token}`, { password: 'seven kettles by the sea' })).json).toMatchObject({ account: { login, step: 'factor' } });
  });
});
