import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PermitView } from '../../gateway/http/schemas/permits.ts';
import type { CertificateView, RegistrationView } from '../../gateway/http/schemas/registrations.ts';
import { closeBrowser, type Desk, openDesk } from './browser.ts';
import { FakeApi } from './fake-api.ts';
import { faultsInBrief, openPage } from './whole.ts';

const DAY = 86_400_000;
let api: FakeApi;
let desk: Desk;
let waiting: RegistrationView[];
let permit: PermitView;
let acts: { readonly what: string; readonly body: unknown }[];
beforeEach(async () => {
  api = new FakeApi();
  await api.start();
  desk = await openDesk(api.url);
  [acts, waiting] = [[], [view()]];
  permit = {
    ...{ occupantId: 7, personId: 8, name: '林芳', room: '0201', state: 'accepted', suspended: false, reason: 'job', words: '', number: '', issuedAt: null, validUntil: null },
    ...{ dueAt: Date.now() + 5 * DAY, countedFrom: null, replaced: 0, bars: [], from: '2026-01-01', category: 'resident', steps: ['issue'], version: 2 },
  };
  api.bend = answer;
  desk.page.on('request', (request) => {
    if (request.method() !== 'GET') acts.push({ what: `${request.method()} ${new URL(request.url()).pathname.replace('/api/v1', '')}`, body: request.postDataJSON() });
  });
});
afterEach(async () => {
  await desk.close();
  await api.stop();
});
afterAll(closeBrowser);

function view(about: Partial<RegistrationView> = {}): RegistrationView {
  return {
    ...{ occupantId: 7, personId: 8, name: '林芳', documentType: '111', documentMasked: '890101********1308', unitId: 12, buildingId: 1, room: '0201' },
    building: { name: '迎春路 42 号', nameEn: '42 Yingchun Road' },
    ...{ state: 'submitted', next: { who: 'station', dueAt: Date.now() + 5 * DAY }, duty: null, seen: true, warnings: [], words: '', submittedAs: 'LL' },
    declared: { stayReason: 'work', basis: 'rent', months: 12 },
    ...{ submittedAt: Date.now() - DAY, decidedAt: null, printedAt: null, steps: ['accept', 'supplement', 'refuse'], version: 3, ...about },
  };
}
const paper: CertificateView = {
  ...{ number: '42A1C3E5F7091B2D', name: '林芳', documentType: '111', documentMasked: '890101********1308', room: '0201', community: '示范社区' },
  building: { name: '迎春路 42 号', nameEn: '42 Yingchun Road' },
  ...{ fromAt: 0, registeredAt: DAY, until: '2027-06-30', proof: `${'a'.repeat(120)}.${'b'.repeat(86)}` },
};

function answer(what: string): { status: number; body: unknown } | undefined {
  const ok = (body: unknown): { status: number; body: unknown } => ({ status: 200, body });
  if (what === 'GET /permits') return ok({ permits: [permit] });
  if (what === 'GET /occupants/7/permit') return ok(permit);
  if (what === 'POST /occupants/7/permit/steps') {
    permit = { ...permit, state: 'issued', number: '0123456789ABCDEF', validUntil: Date.now() + 365 * DAY, steps: ['replace', 'end'], version: 3 };
    return ok(permit);
  }
  if (what === 'GET /counter') return ok({ waiting: waiting.length, open: 0, print: 1, filings: 2, objections: 0 });
  if (what.startsWith('GET /registrations')) return ok({ registrations: what.includes('which=') && !what.includes('waiting') ? [] : waiting, more: false });
  if (what === 'POST /occupants/7/registration/certificate') return ok(paper);
  if (what === 'GET /me/registrations')
    return ok({ registrations: [view({ state: 'none', steps: ['submit'], declared: null, next: { who: 'declarer', dueAt: Date.now() - DAY }, version: 0 })], more: false });
  if (what === 'POST /occupants/7/registration/decision' || what === 'PUT /me/registrations/7') {
    waiting = [];
    return ok(view({ state: 'registered', steps: [], next: null }));
  }
  if (what.startsWith('GET /me/')) return ok({ requests: [], now: {}, log: [], homes: [], moveOuts: [] });
  return what === 'GET /notices/current' ? ok({ notice: null }) : undefined;
}
const press = (name: string) => desk.page.getByRole('button', { name, exact: true }).click();
const list = () => desk.page.getByText('没有等着办的登记').count();

describe('the counter', () => {
  test('shows the first of the queue at once, and accepts it by one press', async () => {
    api.role = 'CL';
    await openPage(desk, `${api.url}/counter`, '[data-state=submitted]');
    await expect.poll(() => desk.page.locator('main').innerText()).toContain('下一步：窗口办理');
    expect(await faultsInBrief(desk, 'the counter')).toEqual([]);
    await desk.page.goto(`${api.url}/counter`);
    await press('通过');
    await expect.poll(list).toBe(1);
    expect(acts).toEqual([{ what: 'POST /occupants/7/registration/decision', body: { step: 'accept', version: 3 } }]);
    expect(desk.trouble).toEqual([]);
  });

  test('who has not seen the document says that he does; what is missing is asked with its list', async () => {
    api.role = 'CL';
    waiting = [view({ seen: false, warnings: ['unseen'] })];
    await openPage(desk, `${api.url}/counter`, '[data-state=submitted]');
    await expect.poll(() => desk.page.getByRole('button', { name: '通过', exact: true }).isDisabled()).toBe(true);
    await press('要求补材料');
    await desk.page.getByRole('textbox').fill('缺房东授权书');
    await press('要求补材料');
    await expect.poll(list).toBe(1);
    expect(acts).toEqual([{ what: 'POST /occupants/7/registration/decision', body: { step: 'supplement', version: 3, words: '缺房东授权书' } }]);
  });

  test('the certificate is paper with a code for strangers', async () => {
    api.role = 'CL';
    await openPage(desk, `${api.url}/certificate/7`, 'article');
    await expect.poll(() => desk.page.getByRole('img', { name: '核验二维码' }).count()).toBe(1);
    await expect.poll(() => desk.page.locator('article').innerText()).toContain('42A1 C3E5 F709 1B2D');
    expect(await faultsInBrief(desk, 'a certificate')).toEqual([]);
  });

  test('a permit that was accepted is issued from its queue', async () => {
    api.role = 'CL';
    await openPage(desk, `${api.url}/counter`, '[data-state=submitted]');
    await desk.page.getByRole('button', { name: /^居住证/ }).click();
    await desk.page.waitForSelector('[data-permit=accepted]');
    expect(await faultsInBrief(desk, 'permits at the counter')).toEqual([]);
    await desk.page.goto(`${api.url}/counter`);
    await desk.page.getByRole('button', { name: /^居住证/ }).click();
    await press('制发');
    await expect.poll(() => desk.page.locator('[data-permit=issued]').innerText()).toContain('0123 4567 89AB CDEF');
    expect(acts).toEqual([{ what: 'POST /occupants/7/permit/steps', body: { step: 'issue', version: 2 } }]);
  });

  test('a tenant sends in his own from his first page', async () => {
    api.role = 'TEN';
    await openPage(desk, `${api.url}/my-data`, '[data-state=none]');
    await expect.poll(() => desk.page.locator('[data-state=none]').innerText()).toContain('已过期');
    await press('提交居住登记');
    await expect.poll(() => acts).toEqual([{ what: 'PUT /me/registrations/7', body: { stayReason: 'work', basis: 'rent', months: 12 } }]);
  });
});
