import type { AccountLine, AccountView } from '../../gateway/http/schemas/accounts.ts';
import type { AlarmView, AreaView, DivisionView, GridView, ManagedBuilding, OrgView, OutboxView, PendingActView } from '../../gateway/http/schemas/offices.ts';

const DAY = 86_400_000;
const NOW = Date.now();
const both = (zh: string, en: string) => ({ zh, en });
const LONG = '一号街道流动人口和出租房屋综合服务管理站第二工作点（原纺织厂宿舍区）';

export const offices: OrgView[] = [
  { id: 1, parentId: null, kind: 'bureau', name: '样板区公安分局', nameEn: 'Model District Bureau', divisions: '890101000000' },
  { id: 2, parentId: 1, kind: 'station', name: '一号街道派出所', nameEn: 'First Street Station', divisions: '890101001000' },
  { id: 3, parentId: 2, kind: 'workPoint', name: LONG, nameEn: '', divisions: '' },
  { id: 4, parentId: 3, kind: 'group', name: '迎春路小组', nameEn: '', divisions: '' },
].map(({ divisions, ...org }, at) => ({
  ...org,
  depth: at + 1,
  closedAt: at === 3 ? NOW - DAY : null,
  version: 1,
  people: at,
  covers:
    divisions === ''
      ? []
      : [{ id: at + 10, divisionCode: divisions, buildingId: null, name: both('样板区', 'Model District'), fromAt: 0, untilAt: at === 1 ? NOW + 9 * DAY : null }],
}));
export const divisions: DivisionView[] = [
  { code: '890101001001', level: 'community', kind: 'residents', name: '示范社区', warnings: [] },
  {
    code: '890101001777',
    level: 'community',
    kind: '',
    name: '旧社区',
    warnings: [both('末几位不在常见的范围里，请核对代码。', 'The last digits are outside the usual ranges. Please check the code.')],
  },
].map((row, at) => ({
  ...row,
  parentCode: '890101001000',
  nameEn: '',
  validFrom: 0,
  validUntil: at === 1 ? NOW - DAY : null,
  replacedBy: at === 1 ? '890101001001' : null,
  version: 1,
}));
export const areas: AreaView[] = [{ id: 1, code: 'YC-E', orgId: 2, name: '东片', nameEn: 'East Area', closedAt: null, version: 1 }];
const post = (id: number, displayName: string, role: 'OF' | 'GW' | 'BL') => ({ assignmentId: id, accountId: id, displayName, role, fromAt: 0, untilAt: null });
export const grids: GridView[] = [
  {
    id: 1,
    code: '890101001001001',
    communityCode: '890101001001',
    areaId: 1,
    name: '第一网格',
    nameEn: 'Grid 1',
    closedAt: null,
    version: 2,
    versions: [
      { n: 2, fromAt: NOW - 30 * DAY, untilAt: null, buildingIds: [1] },
      { n: 1, fromAt: NOW - 400 * DAY, untilAt: NOW - 30 * DAY, buildingIds: [1, 2] },
    ],
    officer: post(5, '林警官', 'OF'),
    worker: null,
  },
];
export const buildings: ManagedBuilding[] = [
  { id: 1, code: '890101001001B00042', name: '迎春路 42 号', nameEn: '42 Yingchun Road', mode: 'scattered', version: 1, gridId: 1, leader: post(6, '王楼长', 'BL') },
  { id: 2, code: '890101001001B00043', name: '迎春路 43 号', nameEn: '', mode: 'hotel', version: 3, gridId: null, leader: null },
];

const line = (id: number, about: Partial<AccountLine>): AccountLine => ({
  id,
  login: `user${id}`,
  displayName: `第 ${id} 位`,
  role: 'LL',
  state: 'active',
  org: null,
  assignments: 1,
  ...about,
});
export const accounts: AccountLine[] = [
  line(5, { displayName: '林警官', role: 'OF', org: { id: 2, name: both('一号街道派出所', 'First Street Station') } }),
  line(6, { displayName: '王楼长', role: 'BL', state: 'invited', login: '' }),
  line(7, { displayName: LONG.slice(0, 30), role: 'CL', state: 'disabled', assignments: 0, org: { id: 3, name: both(LONG, LONG) } }),
];
export const account = (about: Partial<AccountLine> = {}, more: Partial<AccountView> = {}): AccountView => ({
  account: line(5, { displayName: '林警官', role: 'OF', org: { id: 2, name: both('一号街道派出所', 'First Street Station') }, ...about }),
  assignments: [
    { id: 31, place: 'org', placeId: 2, name: both('一号街道派出所', 'First Street Station'), fromAt: NOW - 90 * DAY, untilAt: null, state: 'running' },
    { id: 30, place: 'grid', placeId: 1, name: both('第一网格', 'Grid 1'), fromAt: NOW - 90 * DAY, untilAt: NOW - 2 * DAY, state: 'ended' },
  ],
  version: 4,
  createdAt: NOW - 90 * DAY,
  disabledAt: null,
  hasHolder: false,
  others: [{ id: 9, displayName: '林先生', role: 'LL' }],
  sessions: 2,
  tokens: 1,
  openInvitations: 0,
  mayChange: true,
  ...more,
});

const act = (id: number, about: Partial<PendingActView>): PendingActView => ({
  id,
  kind: 'account',
  what: both('新建民警“林警官”，管：一号街道派出所', 'New officer “林警官”, for: First Street Station'),
  reason: '新来的片警，下周一上岗。',
  requestedBy: { id: 2, displayName: '运维小周', role: 'SA' },
  requestedAt: NOW - DAY,
  expiresAt: NOW + 6 * DAY,
  state: 'waiting',
  decidedBy: null,
  decidedAt: null,
  note: '',
  breakGlass: false,
  mayDecide: false,
  own: false,
  ...about,
});
export const waiting = [act(4, { mayDecide: true }), act(3, { own: true, requestedBy: { id: 1, displayName: '我', role: 'SA' } }), act(2, {})];
const decided = { decidedBy: { id: 3, displayName: '隐私老李' }, decidedAt: NOW - DAY / 2 };
export const done = [
  act(1, { state: 'approved', ...decided }),
  act(11, { state: 'refused', note: '先走编制手续。', ...decided }),
  act(12, { state: 'expired' }),
  act(13, { state: 'approved', breakGlass: true, note: '值班只有我一个人，门禁全停了。', ...decided }),
];
export const alarms: AlarmView[] = [
  {
    id: 20,
    what: both('新建系统管理员“小赵”', 'New system administrator “小赵”'),
    reason: '值班只有我一个人，门禁全停了。',
    by: { id: 2, displayName: '运维小周' },
    at: NOW - DAY / 2,
    entry: 4711,
    acknowledged: null,
    mayAcknowledge: true,
  },
];
export const messages: OutboxView[] = [
  {
    id: 2,
    at: NOW - 60_000,
    kind: 'invitation',
    accountId: 6,
    to: '王楼长',
    text: both('请用这个链接设置密码。', 'Use this link to set a password.'),
    link: `/invite/${'a'.repeat(43)}`,
  },
  { id: 1, at: NOW - DAY, kind: 'reset', accountId: 5, to: '林警官', text: both('请用这个链接重新设置密码。', 'Use this link to set a new password.'), link: null },
];
