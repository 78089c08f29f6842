import { describe, expect, test } from 'vitest';
import { ROLES, STRONG_ROLES } from '../../gateway/core/roles.ts';
import { recoveryText } from '../../gateway/http/recovery-codes.ts';
import { newTotpSecret, stepOfCode, totpWords } from '../../gateway/http/totp.ts';
import { browser, PASSWORD, type World } from './fixture.ts';
import { codeAt, enrolled, nextCode, passwordGiven, withPassword, wrongCode, sharedWorld } from './signing.ts';

const made = sharedWorld();

const MINUTE = 60_000;
const audited = (here: World) => here.journal.entries.map(({ event }) => event.what);

describe('an authenticator app', () => {
  test('is RFC 6238 as every app does it: the vectors of its appendix B, cut to six digits', () => {
    const secret = Buffer.from('12345678901234567890');
    for (const [at, code] of [
      [59, '287082'],
      [1111111109, '081804'],
      [1234567890, '005924'],
      [20000000000, '353130'],
    ] as const)
      expect(stepOfCode(secret, code, at * 1000)).toBe(Math.floor(at / 30));
    expect(totpWords(secret, 'lin@localhost').uri).toBe(
      'otpauth://totp/Doorbook:lin%40localhost?issuer=Doorbook&secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&algorithm=SHA1&digits=6&period=30',
    );
  });

  test('is believed one step early and one late, not two, and with gaps or full-width digits', () => {
    const secret = newTotpSecret();
    const { secret: words } = totpWords(secret, 'x');
    const now = 1_790_000_000_000;
    const step = Math.floor(now / 30_000);
    const seen = [-2, -1, 0, 1, 2].map((off) => stepOfCode(secret, codeAt(words, now + off * 30_000), now));
    expect(seen).toEqual([undefined, step - 1, step, step + 1, undefined]);
    const code = codeAt(words, now);
    expect(stepOfCode(secret, `${code.slice(0, 3)} ${code.slice(3)}`, now)).toBe(step);
    expect(
      stepOfCode(
        secret,
        code.replace(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0)),
        now,
      ),
    ).toBe(step);
    for (const odd of ['', '12345', '1234567', 'abcdef', '-12345']) expect(stepOfCode(secret, odd, now)).toBeUndefined();
  });
});

describe('after the password', () => {
  test('the roles that need a second factor must set one up, and can do nothing else before; the others are in', async () => {
    const here = await made();
    for (const role of ROLES) {
      const { login } = await withPassword(here, role);
      const me = await passwordGiven(here, login);
      const strong = STRONG_ROLES.has(role);
      const { json } = await me.ask('GET', 'session');
      expect(json).toMatchObject({ account: { role, step: strong ? 'enrol' : 'full' } });
      expect([json['may'], json['assigned']].join() === ',false').toBe(strong);
      if (!strong) continue;
      for (const url of ['sessions', 'session/factor', ...(['AU', 'PO'].includes(role) ? [] : ['buildings', `buildings/${here.building.buildingId}`])])
        expect((await me.ask('GET', url)).json).toMatchObject({ code: 'SECOND_FACTOR' });
      expect((await me.ask('POST', 'session/password', { current: PASSWORD, password: 'another horse that reads' })).json).toMatchObject({ code: 'SECOND_FACTOR' });
      expect((await me.ask('GET', 'session/factors')).json).toMatchObject({ factors: [], required: true });
    }
  });

  test('a code makes the session whole, under a new cookie; ten recovery codes are shown once', async () => {
    const here = await made();
    const { login } = await withPassword(here, 'OF');
    const me = await passwordGiven(here, login);
    const before = me.cookie;
    const { json: begun } = await me.ask('POST', 'session/factors/totp', { label: 'Phone' });
    expect(begun['uri']).toContain(`secret=${begun['secret']}`);
    expect((await me.ask('POST', `session/factors/totp/${begun['id']}/confirm`, { code: wrongCode(begun['secret'], here.time.now) })).json).toMatchObject({ code: 'WRONG_CODE' });
    expect((await me.ask('GET', 'session')).json).toMatchObject({ account: { step: 'enrol' } });
    const { json } = await me.ask('POST', `session/factors/totp/${begun['id']}/confirm`, { code: codeAt(begun['secret'], here.time.now) });
    expect(json).toMatchObject({ session: { account: { step: 'full' }, assigned: true } });
    expect(new Set(Object(json['recoveryCodes'])).size).toBe(10);
    expect(me.cookie).not.toBe(before);
    expect((await me.ask('GET', 'buildings')).status).toBe(200);
    const old = await browser(here);
    old.cookie = before;
    expect((await old.ask('GET', 'buildings')).status).toBe(401);
    expect(audited(here)).toEqual(['sign-in', 'factor-added']);
  });

  test('who has a factor is asked for it, whatever the role, and knowing the password alone changes nothing', async () => {
    const here = await made();
    for (const role of ['SA', 'LL'] as const) {
      const { login, secret } = await enrolled(here, role);
      const me = await passwordGiven(here, login);
      expect((await me.ask('GET', 'session')).json).toMatchObject({ account: { step: 'factor' }, may: [], assigned: false });
      for (const [method, url, body] of [
        ['GET', 'buildings'],
        ['GET', 'sessions'],
        ['GET', 'session/factors'],
        ['POST', 'session/factors/totp', { label: 'Mine', password: PASSWORD }],
        ['POST', 'session/factors/passkey/options', { password: PASSWORD }],
        ['POST', 'session/recovery-codes'],
        ['POST', 'session/password', { current: PASSWORD, password: 'another horse that reads' }],
        ['DELETE', 'session/factors/1'],
        ['DELETE', 'sessions'],
      ] as const)
        expect([url, (await me.ask(method, url, body)).json['code']]).toEqual([url, 'SECOND_FACTOR']);
      expect((await me.ask('GET', 'session/factor')).json).toEqual({ totp: true, passkey: false, recovery: true });
      expect((await me.ask('POST', 'session/factor', { code: nextCode(here, secret) })).json).toMatchObject({ account: { step: 'full' } });
      expect((await me.ask('GET', 'buildings')).status).toBe(200);
    }
  });

  test('a code works once, also for two who try it at the same moment', async () => {
    const here = await made();
    const { login, secret } = await enrolled(here, 'LL');
    const two = [await passwordGiven(here, login), await passwordGiven(here, login)];
    const code = nextCode(here, secret);
    const answers = await Promise.all(two.map((me) => me.ask('POST', 'session/factor', { code })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403]);
    const late = await passwordGiven(here, login);
    expect((await late.ask('POST', 'session/factor', { code })).json).toMatchObject({ code: 'WRONG_CODE' });
  });

  test('a recovery code counts once, however it is typed', async () => {
    const here = await made();
    const { login, recoveryCodes } = await enrolled(here, 'OF');
    const [first = '', second = ''] = recoveryCodes;
    expect(first).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/);
    const typed = ` ${first.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')} `;
    expect(recoveryText(typed)).toBe(recoveryText(first));
    const me = await passwordGiven(here, login);
    expect((await me.ask('POST', 'session/factor', { recoveryCode: typed })).json).toMatchObject({ account: { step: 'full' } });
    expect((await me.ask('GET', 'session/factors')).json).toMatchObject({ recoveryLeft: 9 });
    const again = await passwordGiven(here, login);
    expect((await again.ask('POST', 'session/factor', { recoveryCode: first })).json).toMatchObject({ code: 'WRONG_CODE' });
    const { json } = await me.ask('POST', 'session/recovery-codes');
    expect(Object(json['recoveryCodes'])).toHaveLength(10);
    expect((await again.ask('POST', 'session/factor', { recoveryCode: second })).json).toMatchObject({ code: 'WRONG_CODE' });
  });

  test('nothing shown, or two things at once, is no answer', async () => {
    const here = await made();
    const { login, recoveryCodes } = await enrolled(here, 'OF');
    const me = await passwordGiven(here, login);
    for (const body of [{}, { code: '123456', recoveryCode: recoveryCodes[0] }]) expect((await me.ask('POST', 'session/factor', body)).json).toMatchObject({ code: 'BAD_INPUT' });
  });
});

describe('wrong codes', () => {
  test('count with wrong passwords, and a right password does not wipe them out', async () => {
    const here = await made();
    const { login, secret } = await enrolled(here, 'SA');
    const me = await passwordGiven(here, login);
    here.time.now += 30_000;
    for (let n = 0; n < 5; n++) expect((await me.ask('POST', 'session/factor', { code: wrongCode(secret, here.time.now) })).status).toBe(403);
    const again = await passwordGiven(here, login);
    for (let n = 0; n < 5; n++) expect((await again.ask('POST', 'session/factor', { recoveryCode: 'AAAA-AAAA-AAAA' })).status).toBe(403);
    const locked = await again.ask('POST', 'session/factor', { code: codeAt(secret, here.time.now) });
    expect([locked.status, locked.json['code'], locked.headers['retry-after']]).toEqual([429, 'TOO_MANY_TRIES', '1']);
    expect((await again.ask('POST', 'session', { login, password: PASSWORD })).status).toBe(429);
    expect(audited(here)).toContain('sign-in-failed');
    here.time.now += 30_000;
    expect((await again.ask('POST', 'session/factor', { code: codeAt(secret, here.time.now) })).status).toBe(200);
    expect(await here.site.deps.accounts.byLogin(login)).toMatchObject({ failures: 0, lockedUntil: null });
  });

  test('made all at once are all counted', async () => {
    const here = await made();
    const { login, secret } = await enrolled(here, 'SA');
    const me = await passwordGiven(here, login);
    here.time.now += 30_000;
    const answers = await Promise.all(Array.from({ length: 40 }, () => me.ask('POST', 'session/factor', { code: wrongCode(secret, here.time.now) })));
    expect(answers.filter(({ status }) => status === 403)).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(30);
  });
});

describe('an act that asks for a second factor', () => {
  const strongRoute = 'session/recovery-codes';

  test('takes one given within ten minutes, and asks again after', async () => {
    const here = await made();
    const { me, secret } = await enrolled(here, 'LL');
    expect((await me.ask('POST', strongRoute)).status).toBe(200);
    here.time.now += 10 * MINUTE;
    expect((await me.ask('POST', strongRoute)).json).toMatchObject({ code: 'SECOND_FACTOR' });
    expect((await me.ask('GET', 'buildings')).status).toBe(200);
    const before = me.cookie;
    expect((await me.ask('POST', 'session/factor', { code: codeAt(secret, here.time.now) })).status).toBe(200);
    expect(me.cookie).not.toBe(before);
    expect((await me.ask('POST', strongRoute)).status).toBe(200);
  });

  test('asks it also of a landlord who has none, who may set one up with the password', async () => {
    const here = await made();
    const { login } = await withPassword(here, 'LL');
    const me = await passwordGiven(here, login);
    expect((await me.ask('POST', strongRoute)).json).toMatchObject({ code: 'SECOND_FACTOR' });
    expect((await me.ask('GET', 'session/factor')).json).toEqual({ totp: false, passkey: false, recovery: false });
    expect((await me.ask('POST', 'session/factors/totp', { label: 'Phone' })).json).toMatchObject({ code: 'BAD_INPUT', field: 'password' });
    expect((await me.ask('POST', 'session/factors/totp', { label: 'Phone', password: 'not it at all, no' })).json).toMatchObject({ code: 'WRONG_PASSWORD' });
    expect((await me.ask('POST', 'session/factors/totp', { label: 'Phone', password: PASSWORD })).status).toBe(200);
  });

  test('the demo gives at once', async () => {
    const here = await made({ config: { demo: true } });
    const me = await browser(here);
    expect((await me.ask('POST', 'demo/enter', { role: 'OF' })).json).toMatchObject({ account: { step: 'full' } });
    expect((await me.ask('POST', 'session/factors/totp', { label: 'Phone' })).status).toBe(200);
  });
});

describe('second factors of one’s own', () => {
  test('the first ends the sessions that were opened without it', async () => {
    const here = await made();
    const { login } = await withPassword(here, 'LL');
    const [other, me] = [await passwordGiven(here, login), await passwordGiven(here, login)];
    const { json: begun } = await me.ask('POST', 'session/factors/totp', { label: 'Phone', password: PASSWORD });
    expect((await me.ask('POST', `session/factors/totp/${begun['id']}/confirm`, { code: codeAt(begun['secret'], here.time.now) })).status).toBe(200);
    expect((await other.ask('GET', 'buildings')).status).toBe(401);
  });

  test('a session that was still to enrol adds none once another has', async () => {
    const here = await made();
    const { login } = await withPassword(here, 'PO');
    const [late, me] = [await passwordGiven(here, login), await passwordGiven(here, login)];
    const [{ json: mine }] = [await me.ask('POST', 'session/factors/totp', { label: 'Phone' })];
    await me.ask('POST', `session/factors/totp/${mine['id']}/confirm`, { code: codeAt(mine['secret'], here.time.now) });
    expect((await late.ask('POST', 'session/factors/totp', { label: 'Thief' })).status).toBe(401);
  });

  test('are listed, renamed and removed; the last one of a role that needs it stays', async () => {
    const here = await made();
    const { me } = await enrolled(here, 'AU');
    const { json: begun } = await me.ask('POST', 'session/factors/totp', { label: 'Tablet' });
    const { json: added } = await me.ask('POST', `session/factors/totp/${begun['id']}/confirm`, { code: codeAt(begun['secret'], here.time.now) });
    expect(added['recoveryCodes']).toEqual([]);
    me.csrf = Object(added['session'])['csrf'];
    const { json: renamed } = await me.ask('PUT', `session/factors/${begun['id']}`, { label: '李雷的平板' });
    expect(renamed).toMatchObject({ factors: [{ kind: 'totp', label: 'Phone' }, { label: '李雷的平板' }], recoveryLeft: 10, required: true });
    const ids: { id: number }[] = Object(renamed['factors']);
    expect((await me.ask('DELETE', `session/factors/${ids[0]?.id}`)).json).toMatchObject({ factors: [{ label: '李雷的平板' }] });
    expect((await me.ask('DELETE', `session/factors/${ids[1]?.id}`)).json).toMatchObject({ code: 'LAST_FACTOR' });
    expect((await me.ask('DELETE', 'session/factors/999')).json).toMatchObject({ code: 'NOT_FOUND' });
    expect(audited(here)).toEqual(['sign-in', 'factor-added', 'factor-added', 'factor-removed']);
    const rows = await here.register.register.read.secondFactor.findMany();
    expect(JSON.stringify(rows.map(({ labelSealed }) => Buffer.from(labelSealed).toString('latin1')))).not.toContain('Phone');
  });

  test('of a landlord may all go, and the recovery codes with them', async () => {
    const here = await made();
    const { me, login } = await enrolled(here, 'LL');
    const { json } = await me.ask('GET', 'session/factors');
    const [only] = Object(json['factors']);
    expect((await me.ask('DELETE', `session/factors/${only.id}`)).json).toMatchObject({ factors: [], recoveryLeft: 0, required: false });
    expect((await me.ask('POST', 'session/recovery-codes')).json).toMatchObject({ code: 'NOT_FOUND' });
    expect((await (await passwordGiven(here, login)).ask('GET', 'session')).json).toMatchObject({ account: { step: 'full' } });
  });

  test('are nobody else’s, and no business of the command line', async () => {
    const here = await made();
    const { accountId } = await enrolled(here, 'LL', 'owner');
    const thief = await enrolled(here, 'LL', 'thief');
    const [theirs] = await here.site.factors.list(accountId);
    expect((await thief.me.ask('PUT', `session/factors/${theirs?.id}`, { label: 'mine now' })).json).toMatchObject({ code: 'NOT_FOUND' });
    expect((await thief.me.ask('DELETE', `session/factors/${theirs?.id}`)).json).toMatchObject({ code: 'NOT_FOUND' });
    const local = await here.app.inject({ url: '/api/v1/session/factors', headers: { authorization: 'Bearer local-token-of-this-run' } });
    expect(local.json()).toMatchObject({ code: 'NOT_ALLOWED' });
  });

  test('are not changed while the log cannot be written', async () => {
    const here = await made();
    const { me } = await enrolled(here, 'LL');
    here.log.broken = true;
    const { json } = await me.ask('GET', 'session/factors');
    const [only] = Object(json['factors']);
    expect((await me.ask('DELETE', `session/factors/${only.id}`)).json).toMatchObject({ code: 'UNAVAILABLE' });
    expect((await me.ask('GET', 'session/factors')).json).toMatchObject({ factors: [{ label: 'Phone' }] });
  });
});
