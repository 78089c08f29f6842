import { describe, expect, test } from 'vitest';
import { agentWords } from '../../gateway/http/agent-words.ts';
import { hashToken } from '../../gateway/http/sessions.ts';
import { type Browser, browser, PASSWORD, signedIn, type World } from './fixture.ts';
import { enrolled, passwordGiven, withPassword, sharedWorld } from './signing.ts';

const made = sharedWorld();

const NEW = 'seven kettles by the sea';
const tokenOf = ({ cookie }: Browser): string => cookie.replace(/^.*=/, '');
/** Hashes of sessions that listeners were told about, as the live feed is. */
const endedIn = (here: World): string[] => {
  const ended: string[] = [];
  here.site.sessions.onEnd((hash) => void ended.push(hash));
  return ended;
};

describe('the own password', () => {
  test('is changed with the current one; this session goes on under a new cookie, all others end', async () => {
    const here = await made();
    const { login } = await withPassword(here, 'LL');
    const [other, me] = [await passwordGiven(here, login), await passwordGiven(here, login)];
    const ended = endedIn(here);
    const before = me.cookie;
    expect((await me.ask('POST', 'session/password', { current: PASSWORD, password: NEW })).json).toMatchObject({ account: { login, step: 'full' } });
    expect(me.cookie).not.toBe(before);
    expect((await me.ask('GET', 'buildings')).status).toBe(200);
    expect((await other.ask('GET', 'buildings')).status).toBe(401);
    expect(ended).toEqual([hashToken(tokenOf(other)).toString('hex')]);
    expect((await (await browser(here)).ask('POST', 'session', { login, password: PASSWORD })).status).toBe(401);
    expect((await (await browser(here)).ask('POST', 'session', { login, password: NEW })).status).toBe(200);
    expect(here.journal.entries.map(({ event }) => event.what)).toContain('password-changed');
  });

  test('stays when the current one is wrong, which counts as a wrong try, or the new one is weak, which does not', async () => {
    const here = await made();
    const { login } = await withPassword(here, 'LL');
    const me = await passwordGiven(here, login);
    for (const [current, password, code] of [
      ['not this one at all', NEW, 'WRONG_PASSWORD'],
      [PASSWORD, 'too short', 'BAD_INPUT'],
      [PASSWORD, `${login} and the sea`, 'BAD_INPUT'],
      [PASSWORD, 'passwordpassword', 'BAD_INPUT'],
    ] as const)
      expect((await me.ask('POST', 'session/password', { current, password })).json).toMatchObject({ code, ...(code === 'BAD_INPUT' ? { field: 'password' } : {}) });
    expect(await here.site.deps.accounts.byLogin(login)).toMatchObject({ failures: 1 });
    expect((await (await browser(here)).ask('POST', 'session', { login, password: PASSWORD })).status).toBe(200);
  });

  test('stays while the log cannot be written', async () => {
    const here = await made();
    const { login } = await withPassword(here, 'LL');
    const me = await passwordGiven(here, login);
    here.log.broken = true;
    expect((await me.ask('POST', 'session/password', { current: PASSWORD, password: NEW })).status).toBe(503);
    here.log.broken = false;
    expect((await (await browser(here)).ask('POST', 'session', { login, password: PASSWORD })).status).toBe(200);
  });
});

describe('the own sessions', () => {
  test('are listed with browser, address and times, this one marked, and nothing that would open one', async () => {
    const here = await made();
    const { login } = await withPassword(here, 'LL');
    const phone = await browser(here, '192.168.1.20');
    const agent = { 'user-agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1' };
    await phone.ask('POST', 'session', { login, password: PASSWORD }, agent);
    here.time.now += 60_000;
    const me = await passwordGiven(here, login);
    const { json, text } = await me.ask('GET', 'sessions');
    expect(json).toMatchObject([
      { current: true, address: '127.0.0.1', lastSeenAt: here.time.now },
      { current: false, browser: 'Safari · iPhone', address: '192.168.1.20', lastSeenAt: here.time.now - 60_000 },
    ]);
    for (const token of [tokenOf(me), tokenOf(phone)])
      for (const form of [token, hashToken(token).toString('hex'), hashToken(token).toString('base64url')]) expect(text).not.toContain(form);
  });

  test('can be ended one by one or all but this; whoever follows live is told, others’ are out of reach', async () => {
    const here = await made();
    const { login } = await withPassword(here, 'LL');
    const [a, b, me] = [await passwordGiven(here, login), await passwordGiven(here, login), await passwordGiven(here, login)];
    const stranger = await signedIn(here, 'LL', [here.other.buildingId]);
    const ended = endedIn(here);
    const list: { id: string; current: boolean }[] = Object((await a.ask('GET', 'sessions')).json);
    const idOfA = list.find(({ current }) => current)?.id ?? '';
    expect((await stranger.ask('DELETE', `sessions/${idOfA}`)).json).toMatchObject({ code: 'NOT_FOUND' });
    expect((await me.ask('DELETE', `sessions/${idOfA}`)).json).toEqual({ ended: 1 });
    expect(ended).toEqual([hashToken(tokenOf(a)).toString('hex')]);
    expect((await a.ask('GET', 'buildings')).status).toBe(401);
    expect((await b.ask('GET', 'buildings')).status).toBe(200);
    expect((await me.ask('DELETE', 'sessions')).json).toEqual({ ended: 1 });
    expect((await b.ask('GET', 'buildings')).status).toBe(401);
    expect((await me.ask('GET', 'buildings')).status).toBe(200);
    expect((await stranger.ask('GET', 'buildings')).status).toBe(200);
    expect(ended).toHaveLength(2);
  });

  test('of an account end all together, here and in the live feed', async () => {
    const here = await made();
    const { me, accountId } = await enrolled(here, 'OF');
    const ended = endedIn(here);
    await here.site.endSessionsOf(accountId);
    expect(ended).toEqual([hashToken(tokenOf(me)).toString('hex')]);
    expect((await me.ask('GET', 'buildings')).status).toBe(401);
    const again = await signedIn(here, 'SA');
    const account = await here.site.deps.accounts.byLogin(`sa-${here.building.buildingId}`);
    expect(await here.site.deps.accounts.disable(account?.id ?? 0, here.time.now)).toEqual([hashToken(tokenOf(again)).toString('hex')]);
  });

  test('keep their end after twelve hours when the second factor renews them', async () => {
    const here = await made();
    const { me, recoveryCodes } = await enrolled(here, 'OF');
    const begun = here.time.now;
    for (const recoveryCode of recoveryCodes) {
      here.time.now += 29 * 60_000;
      expect((await me.ask('POST', 'session/factor', { recoveryCode })).status).toBe(200);
    }
    for (; here.time.now < begun + 12 * 3_600_000; here.time.now += 15 * 60_000) expect((await me.ask('GET', 'session')).json).toMatchObject({ account: { role: 'OF' } });
    expect((await me.ask('GET', 'session')).json).toMatchObject({ account: null });
  });
});

test.each([
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36', 'Chrome · Windows'],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0', 'Edge · Windows'],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0', 'Firefox · Linux'],
  ['Mozilla/5.0 (Linux; Android 14; V2309A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0 Mobile Safari/537.36 MicroMessenger/8.0.50', 'WeChat · Android'],
  ['curl/8.5.0', ''],
])('%s is said as %s', (agent, words) => {
  expect(agentWords(agent)).toBe(words);
});
