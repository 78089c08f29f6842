import { describe, expect, test } from 'vitest';
import { commonPasswords } from '../../gateway/http/common-passwords.ts';
import { leastLength, type Owner, passwordFault, passwordText } from '../../gateway/http/password-policy.ts';
import { createPasswords } from '../../gateway/http/passwords.ts';
import { createSignIn } from '../../gateway/http/sign-in.ts';
import { createTries } from '../../gateway/http/tries.ts';
import { ROLES } from '../../gateway/core/roles.ts';
import type { AccountRow } from '../../gateway/store/accounts.ts';
import { NOON } from '../helpers/register.ts';
import { browser, world } from './fixture.ts';

const officer: Owner = { role: 'OF', login: 'lin.xiaoyu', displayName: '林小雨' };
const tenant: Owner = { ...officer, role: 'TEN' };
const fault = (password: string, owner = officer): string | undefined => passwordFault(password, owner, commonPasswords());

describe('a password', () => {
  test('of a tenant has 12 characters at least, of everybody else 15', () => {
    expect(ROLES.map(leastLength)).toEqual(ROLES.map((role) => (role === 'TEN' ? 12 : 15)));
    expect(fault('七月荷花开得晚一些再晚一些')).toMatch(/至少 15 个字.*at least 15 characters/);
    expect(fault('七月荷花开得晚一些再晚一些', tenant)).toBeUndefined();
    expect(fault('kettle plum', tenant)).toMatch(/at least 12/);
  });

  test('may be of any kind of character: words, Chinese, symbols or digits alone', () => {
    for (const password of ['a horse that reads at night', '床前看月光疑是地上霜举头望见', '809217364550192', '~%&@^+=?!;:<>|#', '🦔🌊🍵🎻🪁🧩🛶🪵🧶🪻🫖🪢🧿🪨🛎'])
      expect([password, fault(password, tenant)]).toEqual([password, undefined]);
  });

  test('is 256 characters long at most', () => {
    const long = 'horse reads late '.repeat(20);
    expect(fault(long.slice(0, 257).trim().padEnd(257, 'x'))).toMatch(/at most 256/);
    expect(fault(long.slice(0, 256))).toBeUndefined();
  });

  test.each([
    ['zqjphsyf6ctifgu', 'stolen'],
    ['PolniyPizdec110211', 'stolen'],
    ['passwordpassword', 'stolen'],
    ['Password 12345678', 'stolen'],
    ['qwertyuiop asdfghjkl', 'row'],
    ['iloveyou-jennifer', 'stolen'],
    ['111111111111111111', '5 different'],
    ['abcabcabcabcabcabc', '5 different'],
    ['horse7horse7horse7', 'repetition'],
    ['abcdefghijklmnop', 'row'],
    ['987654321098765', 'row'],
    ['lin.xiaoyu reads late', 'login'],
    ['LIN XIAOYU reads late', 'login'],
    ['林小雨住在河边的老房子里喜欢看书', 'name'],
    ['my Doorbook account', 'this system'],
    ['门簿里的七月荷花开得晚一些再晚', 'this system'],
  ])('%s is refused, and the reason says why', (password, why) => {
    expect(fault(password)).toMatch(new RegExp(why));
    expect(fault(password)).toMatch(/\p{Script=Han}.* \/ /u);
  });

  test('every common password that is long enough is refused, and so is each of the top 3,000 with another after it', () => {
    const list = [...commonPasswords()];
    expect(list.length).toBeGreaterThan(40_000);
    const long = list.filter((password) => password.length >= 12);
    expect(long.length).toBeGreaterThan(300);
    expect(long.filter((password) => fault(password, tenant) === undefined)).toEqual([]);
    const joined = list.slice(0, 3000).map((password, n) => password + (list[(n * 7) % 3000] ?? ''));
    expect(joined.filter((password) => password.length >= 15 && fault(password) === undefined)).toEqual([]);
  });

  test('is the same text typed with full-width letters or parted accents', async () => {
    expect(passwordText('ｈｏｒｓｅ cafe\u0301')).toBe(passwordText('horse café'));
    const passwords = createPasswords();
    const stored = await passwords.hash('a horse in a café');
    expect(await passwords.verify(stored, 'ａ horse in a cafe\u0301')).toBe(true);
    expect(await passwords.verify(stored, 'a horse in a cafe')).toBe(false);
  });
});

describe('a fresh install', () => {
  const LOGINS = ['admin', 'root', 'administrator', 'user', 'doorbook', 'operator', 'demo-operator', 'demo-landlord', 'sa', 'guest'];

  test('lets 3,000 common pairs of name and password fail, also on the data of the demo', async () => {
    const none = { personId: null, orgId: null, lockedUntil: null, disabledAt: null };
    const account: AccountRow = { ...none, id: 1, login: 'demo-operator', passwordHash: '', role: 'SA', displayName: 'Demo', state: 'active', failures: 0, version: 1 };
    const rows = new Map([[account.login, account]]);
    const accounts = { byLogin: async (login: string) => rows.get(login), setFailures: async () => undefined };
    const time = { now: NOON };
    // Says yes to any password there is a hash for: a single account with one would be let in.
    const gullible = { hash: async () => '', verify: async (stored: string) => stored !== '' };
    const signIn = createSignIn({ accounts, passwords: gullible, tries: createTries({ accounts, clock: () => time.now }) });
    let failed = 0;
    for (const password of [...commonPasswords()].slice(0, 300)) {
      for (const login of LOGINS) {
        time.now += 3_600_000;
        await signIn(login, password).catch(({ message }) => {
          if (message === 'WRONG_LOGIN') failed += 1;
        });
      }
    }
    expect(failed).toBe(3000);
    rows.set('root', { ...account, login: 'root', passwordHash: 'x' });
    expect(await signIn('root', 'anything')).toMatchObject({ login: 'root' });
  });

  test('answers no route but signing in and setting up until the secret is made', async () => {
    const routes: { method: string; url: string }[] = [];
    const here = await world();
    try {
      for (const [url, item] of Object.entries(Object(here.app.swagger().paths)))
        for (const method of Object.keys(Object(item))) routes.push({ method: method.toUpperCase(), url });
      expect(routes.length).toBeGreaterThan(30);
      const me = await browser(here);
      const answered: string[] = [];
      for (const { method, url } of routes) {
        const where = url
          .replace(/^\/api\/v1/, '')
          .replace(/\{token\}/, 'q'.repeat(43))
          .replace(/\{session\}/, 'q'.repeat(16))
          .replace(/\{\w+\}/g, '1');
        const response = await here.app.inject({
          // Prometheus looks for it at the root.
          url: url === '/metrics' ? url : `/api/v1${where}`,
          method: method === 'GET' ? 'GET' : method === 'PUT' ? 'PUT' : method === 'DELETE' ? 'DELETE' : method === 'PATCH' ? 'PATCH' : 'POST',
          headers: { host: 'localhost:8080', cookie: me.cookie, 'x-csrf-token': me.csrf, 'content-type': 'application/json' },
          ...(method === 'GET' ? {} : { payload: '{}' }),
        });
        if (response.statusCode !== 401) answered.push(`${method} ${url.replace(/^\/api\/v1/, '')} ${response.statusCode}`);
      }
      const entry = /^\w+ \/(session|session\/passkey|session\/passkey\/options|setup|demo\/enter|invitations\/\{token\}|healthz|openapi\.json|docs\S*|problems\S*) /;
      expect(answered.filter((line) => !entry.test(line))).toEqual([]);
      // What does anything at all: giving up a session nobody has, and a challenge for a passkey nobody has.
      expect(answered.filter((line) => !line.startsWith('GET') && line.endsWith(' 200')).sort()).toEqual(['DELETE /session 200', 'POST /session/passkey/options 200']);
      expect(answered).toContain('POST /setup 400');
    } finally {
      await here.close();
    }
  });
});
