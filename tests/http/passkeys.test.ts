import { describe, expect, test } from 'vitest';
import { SoftPasskey } from '../helpers/passkey.ts';
import { browser, WHOLE_SESSION, type World } from './fixture.ts';
import { enrolled, passwordGiven, withPassword, sharedWorld } from './signing.ts';

const made = sharedWorld();

const MINUTE = 60_000;
const ORIGIN = { origin: 'http://localhost:8080' };

describe('a passkey', () => {
  async function withPasskey(here: World) {
    const { me, login, accountId } = await enrolled(here, 'OF');
    const key = new SoftPasskey();
    const { json: options } = await me.ask('POST', 'session/factors/passkey/options', {}, ORIGIN);
    expect(options).toMatchObject({ rp: { id: 'localhost', name: 'Doorbook' }, user: { name: login } });
    const added = await me.ask('POST', 'session/factors/passkey', { label: 'Laptop', passkey: key.make(options['challenge']) }, ORIGIN);
    expect(added.json).toMatchObject({ recoveryCodes: [] });
    me.csrf = Object(added.json['session'])['csrf'];
    return { me, login, accountId, key };
  }

  test('is added, and then given after the password', async () => {
    const here = await made();
    const { login, key } = await withPasskey(here);
    const me = await passwordGiven(here, login);
    expect((await me.ask('GET', 'session/factor')).json).toMatchObject({ totp: true, passkey: true });
    const { json: options } = await me.ask('POST', 'session/factor/passkey', undefined, ORIGIN);
    expect(options).toMatchObject({ rpId: 'localhost', allowCredentials: [{ id: Buffer.from(key.id).toString('base64url') }] });
    const passkey = key.use(options['challenge'], { verified: false });
    expect((await me.ask('POST', 'session/factor', { passkey }, ORIGIN)).json).toMatchObject({ account: { step: 'full' } });
    const again = await passwordGiven(here, login);
    expect((await again.ask('POST', 'session/factor', { passkey }, ORIGIN)).json).toMatchObject({ code: 'PASSKEY_LATE' });
  });

  test('that verified its owner signs in by itself, and counts as both factors', async () => {
    const here = await made();
    const { key } = await withPasskey(here);
    const me = await browser(here);
    const before = me.cookie;
    const { json: options } = await me.ask('POST', 'session/passkey/options', undefined, ORIGIN);
    expect(options['allowCredentials']).toBeUndefined();
    expect(options).toMatchObject({ userVerification: 'required' });
    const answer = await me.ask('POST', 'session/passkey', { passkey: key.use(options['challenge']) }, ORIGIN);
    expect(answer.json).toMatchObject({ account: { role: 'OF', step: 'full' } });
    expect(me.cookie).not.toBe(before);
    expect((await me.ask('POST', 'session/recovery-codes')).status).toBe(200);
  });

  test.each([
    ['did not verify its owner', { verified: false }],
    ['was used on another page', { origin: 'http://localhost:9999' }],
    ['was made for another place', { rpId: 'evil.example' }],
    ['counts no further, as a copy would', { counter: 1 }],
  ])('that %s does not sign in', async (_, bent) => {
    const here = await made();
    const { key } = await withPasskey(here);
    const me = await browser(here);
    const challenge = async (): Promise<unknown> => (await me.ask('POST', 'session/passkey/options', undefined, ORIGIN)).json['challenge'];
    expect((await me.ask('POST', 'session/passkey', { passkey: key.use(await challenge(), bent) }, ORIGIN)).json).toMatchObject({ code: 'PASSKEY_WRONG' });
    expect((await me.ask('POST', 'session/passkey', { passkey: new SoftPasskey().use(await challenge()) }, ORIGIN)).json).toMatchObject({ code: 'PASSKEY_WRONG' });
    expect((await me.ask('POST', 'session/passkey', { passkey: key.use(await challenge()) }, ORIGIN)).status).toBe(200);
  });

  test('answers its challenge within five minutes, in the browser that asked, for what was asked', async () => {
    const here = await made();
    const { key, me: owner } = await withPasskey(here);
    const [me, thief] = [await browser(here), await browser(here)];
    const ask = async (): Promise<unknown> => (await me.ask('POST', 'session/passkey/options', undefined, ORIGIN)).json['challenge'];
    const stolen = key.use(await ask());
    expect((await thief.ask('POST', 'session/passkey', { passkey: stolen }, ORIGIN)).json).toMatchObject({ code: 'PASSKEY_LATE' });
    const late = key.use(await ask());
    here.time.now += 5 * MINUTE;
    expect((await me.ask('POST', 'session/passkey', { passkey: late }, ORIGIN)).json).toMatchObject({ code: 'PASSKEY_LATE' });
    const { json } = await owner.ask('POST', 'session/factor/passkey', undefined, ORIGIN);
    expect((await owner.ask('POST', 'session/passkey', { passkey: key.use(json['challenge']) }, ORIGIN)).json).toMatchObject({ code: 'PASSKEY_LATE' });
  });

  test('of somebody else does not stand in for one’s own', async () => {
    const here = await made();
    const { key } = await withPasskey(here);
    const other = await enrolled(here, 'LL');
    const me = await passwordGiven(here, other.login);
    const { json } = await me.ask('POST', 'session/factor/passkey', undefined, ORIGIN);
    expect((await me.ask('POST', 'session/factor', { passkey: key.use(json['challenge']) }, ORIGIN)).json).toMatchObject({ code: 'PASSKEY_WRONG' });
  });

  test('of a disabled account opens nothing', async () => {
    const here = await made();
    const { key, accountId } = await withPasskey(here);
    await here.site.deps.accounts.disable(accountId, here.time.now);
    const me = await browser(here);
    const { json } = await me.ask('POST', 'session/passkey/options', undefined, ORIGIN);
    expect((await me.ask('POST', 'session/passkey', { passkey: key.use(json['challenge']) }, ORIGIN)).json).toMatchObject({ code: 'PASSKEY_WRONG' });
  });

  test.each([
    ['an IP address', {}, { host: '192.168.1.5:8080', origin: 'http://192.168.1.5:8080' }, false],
    ['a name without TLS', {}, { host: 'doors.lan:8080', origin: 'http://doors.lan:8080' }, false],
    ['a name over TLS', { publicUrl: 'https://doors.example.cn' }, { host: 'doors.example.cn', origin: 'https://doors.example.cn' }, true],
  ])('is offered at %s: as browsers allow', async (_, config, headers, possible) => {
    const here = await made({ config });
    const me = await browser(here);
    const token = await here.site.sessions.open(await withPassword(here, 'LL'), WHOLE_SESSION, undefined);
    me.cookie = me.cookie.replace(/=.*/, `=${token}`);
    const { json } = await me.ask('GET', 'session', undefined, headers);
    expect(json).toMatchObject({ account: { role: 'LL' } });
    expect((await me.ask('GET', 'session/factors', undefined, headers)).json).toMatchObject({ passkeyHere: possible });
    const { json: options } = await me.ask('POST', 'session/factors/passkey/options', {}, headers);
    expect(options).toMatchObject(possible ? { rp: { id: 'doors.example.cn' } } : { code: 'PASSKEY_NOT_HERE' });
  });
});
