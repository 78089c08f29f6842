import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Role } from '../../gateway/http/schemas/session.ts';
import { closeBrowser, type Desk, openDesk } from './browser.ts';
import { badPreview, FakeApi } from './fake-api.ts';
import { faults, openPage } from './whole.ts';

// Every page in both languages, both themes and three widths: whole without sideways scroll, and nothing for axe to find.

interface Case {
  readonly name: string;
  readonly path: string;
  readonly ready: string;
  readonly role?: Role;
  readonly demo?: boolean;
  readonly setup?: boolean;
  readonly status?: number;
  readonly act?: (page: Page) => Promise<void>;
  readonly set?: (api: FakeApi) => void;
}

const choose = async (page: Page): Promise<void> => {
  await page.setInputFiles('input[type=file]', { name: '住户名单.csv', mimeType: 'text/csv', buffer: Buffer.from('姓名,房号\n') });
  await page.waitForSelector('table');
};
const many = Array.from({ length: 3 }, (_, i) => ({
  id: i + 1,
  code: `890101001001B0004${i}`,
  name: `迎春路 ${42 + i} 号${i === 2 ? '（原纺织厂第三职工宿舍东配楼及附属平房）' : ''}`,
  nameEn: i === 2 ? '' : `${42 + i} Yingchun Road`,
  address: '示范市示范区迎春街道第一社区迎春路',
  mode: ['scattered', 'compound', 'hotel'][i] ?? '',
  units: 12,
  doors: 4,
}));

const CASES: readonly Case[] = [
  { name: 'demo entry', path: '/login', ready: '.entry', demo: true },
  { name: 'sign in', path: '/login?next=/unit/3', ready: 'input[name=password]', demo: false },
  { name: 'no account yet', path: '/login', ready: 'h1', demo: false, setup: true },
  { name: 'set up', path: '/setup?token=abc', ready: 'input[name=displayName]', demo: false },
  {
    name: 'buildings',
    path: '/',
    ready: 'ul.rows a',
    role: 'OF',
    set: (api) => {
      api.buildings = many;
    },
  },
  {
    name: 'no building',
    path: '/',
    ready: 'section .empty',
    role: 'LL',
    set: (api) => {
      api.buildings = [];
    },
  },
  {
    name: 'first building',
    path: '/',
    ready: 'input[name=code]',
    role: 'SA',
    demo: false,
    set: (api) => {
      api.buildings = [];
    },
  },
  { name: 'building operator', path: '/building/1', ready: '.tray .result', role: 'SA' },
  { name: 'building landlord', path: '/building/1', ready: '#ledger li', role: 'LL', demo: false },
  {
    name: 'building empty',
    path: '/building/1',
    ready: '#rooms .empty',
    role: 'LL',
    demo: false,
    set: (api) => {
      api.lines = [];
      api.bend = (what) => (what === 'GET /buildings/1' ? { status: 200, body: { ...many[0], floors: [], doorList: [], openedToday: 0, totals: null } } : undefined);
    },
  },
  { name: 'building grid worker', path: '/building/1', ready: '#rooms .unit', role: 'GW', demo: false },
  { name: 'building leader', path: '/building/1', ready: '#ledger li', role: 'BL', demo: false },
  { name: 'building district', path: '/building/1', ready: '#rooms .unit', role: 'DA', demo: false },
  { name: 'unit with people', path: '/unit/9', ready: 'dl', role: 'LL' },
  { name: 'unit for an officer', path: '/unit/5', ready: 'dl', role: 'OF' },
  { name: 'unit for a grid worker', path: '/unit/9', ready: 'dl', role: 'GW' },
  { name: 'unit empty', path: '/unit/2', ready: '.empty', role: 'OF' },
  { name: 'door', path: '/door/4', ready: 'ol li', role: 'LL' },
  { name: 'import choose', path: '/building/1/import', ready: '.zone', role: 'LL' },
  {
    name: 'import preview',
    path: '/building/1/import',
    ready: '.zone',
    role: 'LL',
    act: choose,
    set: (api) => {
      api.preview = badPreview;
    },
  },
  { name: 'not here', path: '/unit/404', ready: '[role=alert]', role: 'LL' },
  { name: 'no such page', path: '/nowhere', ready: '.empty', role: 'LL' },
];

let api: FakeApi;
let desk: Desk;
beforeAll(async () => {
  api = new FakeApi();
  desk = await openDesk(await api.start());
});
afterAll(async () => {
  await closeBrowser();
  await api.stop();
});

async function prepare(one: Case): Promise<void> {
  api.role = one.role;
  api.demo = one.demo ?? true;
  api.setup = one.setup ?? false;
  api.bend = () => undefined;
  const fresh = new FakeApi();
  api.lines = fresh.lines.slice(0, 14);
  api.buildings = fresh.buildings;
  api.preview = undefined;
  one.set?.(api);
  await openPage(desk, api.url + one.path, one.ready);
  await one.act?.(desk.page);
}

describe('every page is whole, readable and clean', () => {
  test.each(CASES)('$name', async (one) => {
    await prepare(one);
    expect(await faults(desk, one.name)).toEqual([]);
    const expected = one.path === '/unit/404' ? 1 : 0; // the browser itself reports the 404
    expect(desk.trouble.splice(0).length, desk.trouble.join('\n')).toBe(expected);
  });
});
