import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AccountDesk, refused, TOKEN } from './account-desk.ts';
import { closeBrowser } from './browser.ts';
import { faults, openPage } from './whole.ts';

let here: AccountDesk;
beforeEach(async () => {
  here = await AccountDesk.open();
});
afterEach(() => here.close());
afterAll(closeBrowser);

describe('every page is whole, readable and clean', () => {
  const CASES: readonly { name: string; path: string; ready: string; set?: () => void; act?: () => Promise<void> }[] = [
    { name: 'sign in with passkey', path: '/login', ready: 'input[name=password]' },
    { name: 'second factor', path: '/', ready: 'input[name=code]', set: () => void here.become('factor') },
    {
      name: 'second factor recovery',
      path: '/',
      ready: 'input[name=code]',
      set: () => void here.become('factor'),
      act: () => here.desk.page.click('text=用恢复码'),
    },
    { name: 'enrol', path: '/', ready: 'input[name=kind]', set: () => void here.become('enrol') },
    {
      name: 'enrol scan',
      path: '/',
      ready: 'input[name=kind]',
      set: () => void here.become('enrol'),
      act: async () => {
        await here.desk.page.click('button.act');
        await here.desk.page.waitForSelector('svg[role=img]');
      },
    },
    { name: 'invitation', path: `/invite/${TOKEN}`, ready: 'input[name=login]' },
    {
      name: 'reset',
      path: `/invite/${TOKEN}`,
      ready: 'input[name=password]',
      set: () => {
        here.invitation = { ...here.invitation, kind: 'reset', login: 'lin.xiaoyu.of.the.second.station@doorbook' };
      },
    },
    {
      name: 'unassigned',
      path: '/',
      ready: 'a[href="/security"]',
      set: () => {
        here.assigned = false;
        here.become('full');
      },
    },
    { name: 'security', path: '/security', ready: '#part-recovery', set: () => void here.become('full') },
    {
      name: 'security everything open',
      path: '/security',
      ready: '#part-sessions',
      set: () => {
        here.become('full');
        here.list = {
          factors: [...here.list.factors, { id: 2, kind: 'passkey', label: '办公室的安全钥匙（备用，放在二楼保险柜第三格）', createdAt: 0, lastUsedAt: null }],
          recoveryLeft: 1,
          required: true,
          passkeyHere: false,
        };
      },
      act: async () => {
        await here.button('改密码').click();
        await here.button('添加').click();
        await here.button(/^改名.*我的手机/).click();
        await here.button(/^移除.*办公室/).click();
      },
    },
    {
      name: 'security without factor',
      path: '/security',
      ready: '.empty',
      set: () => {
        here.role = 'LL';
        here.become('full');
        here.list = { factors: [], recoveryLeft: 0, required: false, passkeyHere: true };
        here.sessions = here.sessions.slice(0, 1);
      },
    },
    {
      name: 'recovery codes',
      path: '/security',
      ready: '#part-recovery',
      set: () => void here.become('full'),
      act: async () => {
        await here.button('换一套新的').click();
        await here.desk.page.waitForSelector('.recovery code');
      },
    },
  ];

  test.each(CASES)('$name', async (one) => {
    one.set?.();
    await openPage(here.desk, here.at(one.path), one.ready);
    await one.act?.();
    expect(await faults(here.desk, `account ${one.name}`)).toEqual([]);
    expect(here.desk.trouble).toEqual([]);
  });

  test('the dialog for one act', async () => {
    here.become('full');
    here.special['POST /session/recovery-codes'] = () => refused(403, 'SECOND_FACTOR', '这一步要先出示第二道验证。');
    await openPage(here.desk, here.at('/security'), '#part-recovery');
    await here.button('换一套新的').click();
    await here.desk.page.waitForSelector('dialog input[name=code]');
    // The language switch lies behind the dialog: one language here, the words of the other are in the cases above.
    const wide = await here.desk.page.evaluate(() => {
      const box = document.querySelector('dialog')?.getBoundingClientRect();
      return box !== undefined && box.left >= 0 && box.right <= innerWidth;
    });
    expect(wide).toBe(true);
  });
});
