import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AccountDesk, ok, RECOVERY, refused, TOKEN } from './account-desk.ts';
import { closeBrowser } from './browser.ts';

// Signing in with a second factor, setting one up, taking up an invitation, the page of one's own account: in a browser, against a stand-in for the gateway.
let here: AccountDesk;
beforeEach(async () => {
  here = await AccountDesk.open();
});
afterEach(() => here.close());
afterAll(closeBrowser);

describe('signing in', () => {
  test('name and password, then the code, then the page that was asked for; keyboard only', async () => {
    const { page } = here.desk;
    await page.goto(here.at('/unit/9'));
    await page.waitForSelector('input[name=login]');
    expect(here.path()).toBe('/login');
    await page.focus('input[name=login]');
    await page.keyboard.type('lin.xiaoyu');
    await page.keyboard.press('Tab');
    await page.keyboard.type('a horse that reads at night');
    await page.keyboard.press('Enter');
    await page.waitForSelector('input[name=code]');
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('autocomplete'))).toBe('one-time-code');
    here.special['POST /session/factor'] = () => refused(403, 'WRONG_CODE', '验证码不对，或已经用过。');
    await page.keyboard.type('000000');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('验证码不对');
    await expect.poll(() => page.inputValue('input[name=code]')).toBe('');
    here.special = {};
    await page.keyboard.type('287082');
    await page.keyboard.press('Enter');
    await page.waitForSelector('dl');
    expect(here.path()).toBe('/unit/9');
    expect(here.asked.map(({ body }) => body)).toEqual([{ login: 'lin.xiaoyu', password: 'a horse that reads at night' }, { code: '000000' }, { code: '287082' }]);
    expect(here.api.csrfSeen.at(-1)).toBe('token of factor');
  });

  test('with a recovery code instead, or another account', async () => {
    const { page } = here.desk;
    here.become('factor');
    await page.goto(here.at('/'));
    await here.button('手机不在身边？用恢复码').click();
    await page.getByLabel('恢复码').fill('7q2k m0xd 94t0');
    await here.button('确认').click();
    await page.waitForSelector('nav');
    expect(here.asked.at(-1)).toEqual({ what: 'POST /session/factor', body: { recoveryCode: '7q2k m0xd 94t0' } });
    here.become('factor');
    await page.goto(here.at('/'));
    await here.button('换个账号').click();
    await page.waitForSelector('input[name=password]');
    expect(here.asked.at(-1)?.what).toBe('DELETE /session');
  });

  test('an account that can show only a passkey is offered that', async () => {
    here.become('factor');
    here.special['GET /session/factor'] = () => ok({ totp: false, passkey: true, recovery: false });
    await here.desk.page.goto(here.at('/'));
    await here.button('用通行密钥').waitFor();
    await expect.poll(() => here.desk.page.locator('input').count()).toBe(0);
  });
});

describe('a first second factor', () => {
  test('is scanned or typed, proven, and the recovery codes are kept before the desk opens', async () => {
    const { page } = here.desk;
    here.become('enrol');
    await page.goto(here.at('/'));
    await page.getByLabel('给它起个名').fill('值班手机');
    await here.button('下一步').click();
    await page.getByRole('img', { name: '二维码，内容与下面的密钥相同' }).waitFor();
    await expect.poll(() => page.locator('.secret').textContent()).toBe('GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ');
    here.special['POST /session/factors/totp/5/confirm'] = () => refused(403, 'WRONG_CODE', '验证码不对，或已经用过。');
    await page.getByLabel('应用里现在显示的 6 位数字').fill('111111');
    await here.button('确认并启用').click();
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('验证码不对');
    here.special = {};
    await page.getByLabel('应用里现在显示的 6 位数字').fill('287082');
    await here.button('确认并启用').click();
    await page.waitForSelector('.recovery li');
    await expect.poll(() => page.locator('.recovery code').allTextContents()).toEqual(RECOVERY);
    await expect.poll(() => page.locator('nav').count()).toBe(0);
    await here.button('我收好了，继续').click();
    await page.waitForSelector('nav');
    expect(here.asked).toEqual([
      { what: 'POST /session/factors/totp', body: { label: '值班手机' } },
      { what: 'POST /session/factors/totp/5/confirm', body: { code: '111111' } },
      { what: 'POST /session/factors/totp/5/confirm', body: { code: '287082' } },
    ]);
  });
});

describe('an invitation', () => {
  test('is taken up with a login and a password, and leads on to the second factor', async () => {
    const { page } = here.desk;
    await page.goto(here.at(`/invite/${TOKEN}`));
    await page.getByLabel('账号').fill('lin.xiaoyu');
    await page.getByLabel('密码', { exact: true }).fill('床前看月光');
    await expect.poll(() => page.locator('#hint-password').textContent()).toBe('还差 10 个字。');
    here.special[`POST /invitations/${TOKEN}`] = () => refused(400, 'BAD_INPUT', '填写的内容不对。', { field: 'password', expected: '至少 15 个字' });
    await here.button('开通并进入').click();
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('至少 15 个字');
    here.special = {};
    await page.getByLabel('密码', { exact: true }).fill('床前看月光疑是地上霜举头望见山');
    await here.button('开通并进入').click();
    await page.waitForSelector('input[name=kind]');
    expect(here.path()).toBe('/');
    expect(here.asked.at(-1)).toEqual({ what: `POST /invitations/${TOKEN}`, body: { login: 'lin.xiaoyu', password: '床前看月光疑是地上霜举头望见山' } });
  });

  test('that is used up says so, and where to go', async () => {
    here.special[`GET /invitations/${TOKEN}`] = () => refused(409, 'INVITE_USED', '这个邀请已经用过了。');
    await here.desk.page.goto(here.at(`/invite/${TOKEN}`));
    await expect.poll(() => here.desk.page.getByRole('alert').textContent()).toContain('这个邀请已经用过了');
    await here.desk.page.getByRole('link', { name: '去登录' }).click();
    expect(here.path()).toBe('/login');
  });
});

describe('an act that asks for the second factor', () => {
  beforeEach(() => {
    here.become('full');
    let strong = false;
    here.special['POST /session/recovery-codes'] = () => (strong ? ok({ recoveryCodes: RECOVERY }) : refused(403, 'SECOND_FACTOR', '这一步要先出示第二道验证。'));
    here.special['POST /session/factor'] = () => {
      strong = true;
      return ok({ ...here.view(), csrf: 'token renewed' });
    };
  });

  test('opens a dialog, and goes on once it was shown, once', async () => {
    const { page } = here.desk;
    await page.goto(here.at('/security'));
    await here.button('换一套新的').click();
    await page.waitForSelector('dialog input[name=code]');
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('code');
    await page.keyboard.type('287082');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.recovery code');
    await expect.poll(() => page.locator('dialog').count()).toBe(0);
    expect(here.asked.map(({ what }) => what)).toEqual(['POST /session/recovery-codes', 'POST /session/factor', 'POST /session/recovery-codes']);
    expect(here.api.csrfSeen).toEqual(['token of full', 'token of full', 'token renewed']);
  });

  test('is not done when the dialog is closed with Escape; the page says why, the focus is back', async () => {
    const { page } = here.desk;
    await page.goto(here.at('/security'));
    await here.button('换一套新的').focus();
    await page.keyboard.press('Enter');
    await page.waitForSelector('dialog input[name=code]');
    await page.keyboard.press('Escape');
    await page.getByRole('alert').waitFor();
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('这一步要先出示第二道验证');
    expect(here.asked.map(({ what }) => what)).toEqual(['POST /session/recovery-codes']);
  });

  test('of somebody without one leads to setting one up', async () => {
    const { page } = here.desk;
    here.role = 'LL';
    here.special['GET /session/factor'] = () => ok({ totp: false, passkey: false, recovery: false });
    await page.goto(here.at('/security'));
    await here.button('换一套新的').click();
    await here.button('去设置').click();
    await page.waitForSelector('dialog', { state: 'detached' });
    expect(here.path()).toBe('/security');
  });
});

describe('the page of one’s own account', () => {
  test('is reached from the account menu', async () => {
    here.become('full');
    await here.desk.page.goto(here.at('/'));
    await here.button(/账号/).click();
    await here.desk.page.getByRole('link', { name: '账号与安全' }).click();
    await here.desk.page.waitForSelector('#part-sessions');
    expect(here.path()).toBe('/security');
  });

  test('changes the password', async () => {
    const { page } = here.desk;
    here.become('full');
    here.special['POST /session/password'] = () => ok(here.view());
    await page.goto(here.at('/security'));
    await here.button('改密码').click();
    await page.getByLabel('现在的密码').fill('a horse that reads at night');
    await page.getByLabel('新密码').fill('seven kettles by the sea');
    await here.button('改密码').click();
    await page.waitForSelector('text=密码改好了');
    expect(here.asked.at(-1)?.body).toEqual({ current: 'a horse that reads at night', password: 'seven kettles by the sea' });
    await expect.poll(() => page.locator('input[type=password]').count()).toBe(0);
  });

  test('renames and removes factors, never the last that the role needs', async () => {
    const { page } = here.desk;
    here.become('full');
    here.special['PUT /session/factors/1'] = () => {
      here.list = { ...here.list, factors: here.list.factors.map((factor) => ({ ...factor, label: '新手机' })) };
      return ok(here.list);
    };
    await page.goto(here.at('/security'));
    await page.waitForSelector('text=我的手机');
    await expect.poll(() => here.button(/^移除/).count()).toBe(0);
    await here.button(/^改名.*我的手机/).click();
    await page.keyboard.type('新手机');
    await page.keyboard.press('Enter');
    await page.waitForSelector('text=新手机');
    expect(here.asked.at(-1)?.body).toEqual({ label: '新手机' });
    here.list = { ...here.list, required: false };
    here.special['DELETE /session/factors/1'] = () => {
      here.list = { ...here.list, factors: [], recoveryLeft: 0 };
      return ok(here.list);
    };
    await page.reload();
    await here.button(/^移除.*新手机/).click();
    await page.waitForSelector('text=恢复码也会一起作废');
    await here.button('移除').click();
    await page.waitForSelector('text=还没有');
  });

  test('asks a landlord for the password before the first factor', async () => {
    const { page } = here.desk;
    here.role = 'LL';
    here.become('full');
    here.list = { factors: [], recoveryLeft: 0, required: false, passkeyHere: true };
    await page.goto(here.at('/security'));
    await here.button('添加').click();
    await page.getByLabel('再输一次密码').fill('a horse that reads at night');
    await here.button('下一步').click();
    await page.waitForSelector('svg[role=img]');
    expect(here.asked.at(-1)?.body).toEqual({ label: '我的手机', password: 'a horse that reads at night' });
  });

  test('ends one session, or all but this', async () => {
    const { page } = here.desk;
    here.become('full');
    here.special[`DELETE /sessions/${'c'.repeat(16)}`] = () => {
      here.sessions = here.sessions.filter(({ id }) => !id.startsWith('c'));
      return ok({ ended: 1 });
    };
    await page.goto(here.at('/security'));
    await page.waitForSelector('text=退出别处的全部登录');
    await here.button(/^退出那里.*Safari · iPhone, 192.168.1.21/).click();
    await page.waitForSelector('text=退出别处的全部登录', { state: 'detached' });
    await expect.poll(() => page.getByText('就是这里').count()).toBe(1);
    await expect.poll(() => page.locator('li').filter({ hasText: '没报名字的浏览器' }).count()).toBe(1);
    expect(here.asked.map(({ what }) => what)).toEqual([`DELETE /sessions/${'c'.repeat(16)}`]);
  });
});

test('a session that another tab renewed goes on: the token is fetched anew and the request repeated', async () => {
  const { page } = here.desk;
  here.become('full');
  let current = 'token of full';
  here.special['GET /session'] = () => ok({ ...here.view(), csrf: current });
  here.special['POST /session/recovery-codes'] = () => (here.api.csrfSeen.at(-1) === current ? ok({ recoveryCodes: RECOVERY }) : refused(403, 'CSRF', '页面放久了。'));
  await page.goto(here.at('/security'));
  await page.waitForSelector('#part-recovery');
  current = 'token of the other tab';
  await here.button('换一套新的').click();
  await page.waitForSelector('.recovery code');
  expect(here.asked).toHaveLength(2);
});

test('who has no assignment in force is told so, and still manages his own account', async () => {
  const { page } = here.desk;
  here.assigned = false;
  here.become('full');
  await page.goto(here.at('/building/1'));
  await expect.poll(() => page.getByRole('heading', { level: 1 }).textContent()).toBe('你的岗位现在没有生效');
  await page.getByRole('link', { name: '账号与安全' }).click();
  await page.waitForSelector('#part-sessions');
});
