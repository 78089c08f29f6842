/**
 * The demo building: 12 homes on 4 floors, scattered style, 17 people and two who work there, four doors with a
 * controller each and one on a serial line. Everybody is invented:
 * identity numbers use the unallocated province 89, phones the prefix 120 (domain.md 3). Days are relative
 * to the day the demo is loaded.
 */
export const DEMO_COMMUNITY = '890101001001';
export const DEMO_BUILDING = {
  code: `${DEMO_COMMUNITY}B00042`,
  site: 'yc42',
  name: '迎春路 42 号',
  nameEn: '42 Yingchun Road',
  address: '测试省测试市样板区一号街道示范社区 迎春路 42 号',
  floors: [2, 3, 4, 5],
  roomsOnFloor: 3,
} as const;

export interface DemoDoor {
  readonly code: string;
  readonly device: string;
  readonly kind: 'street' | 'roof' | 'unit';
  readonly room: string | undefined;
  readonly name: string;
  readonly nameEn: string;
}

export const DEMO_DOORS: readonly DemoDoor[] = [
  { code: `${DEMO_BUILDING.code}D01`, device: 'yc42-d01', kind: 'street', room: undefined, name: '大门', nameEn: 'Street door' },
  { code: `${DEMO_BUILDING.code}D02`, device: 'yc42-d02', kind: 'roof', room: undefined, name: '天台', nameEn: 'Roof' },
  { code: `${DEMO_BUILDING.code}D03`, device: 'yc42-d03', kind: 'unit', room: '0302', name: '0302', nameEn: '0302' },
  { code: `${DEMO_BUILDING.code}D04`, device: 'yc42-d04', kind: 'unit', room: '0503', name: '0503', nameEn: '0503' },
];

/** Port of the demo's serial line: none of this machine, but a line laid when the demo starts (line.ts). */
export const DEMO_LINE_PORT = '/dev/demo/osdp-1';
/** A serial line with a reader and a door unit, the door they make, and a reader still in its box for whoever wants to try giving a key. */
export const DEMO_LINE = {
  device: 'line-1',
  name: 'OSDP 线 1',
  baud: 38_400,
  /** Serial numbers: of the device at address 0. */
  firstSerial: 1000,
  devices: [
    { address: 0, name: '', serial: 1000, inputs: 2, outputs: 2 },
    { address: 1, name: '车棚读卡器', serial: 1001, inputs: 2, outputs: 2 },
    { address: 2, name: '车棚门模块', serial: 1002, inputs: 3, outputs: 2 },
  ],
  door: {
    code: `${DEMO_BUILDING.code}D05`,
    kind: 'gate',
    name: '车棚',
    nameEn: 'Bike shed',
    wired: { reader: 1, relay: 2, output: 0, contact: { address: 2, input: 0 }, exit: { address: 2, input: 1 } },
  },
  fire: { address: 2, input: 2 },
} as const;

export interface DemoPerson {
  readonly name: string;
  readonly born: string;
  readonly sex: 1 | 2;
  readonly card: string;
  /** Residence registration: accepted, or due so many days from today (negative: overdue). */
  readonly registration: 'accepted' | { readonly dueInDays: number };
}

export interface DemoTenancy {
  readonly room: string;
  readonly startedDaysAgo: number;
  /** Days from today to the contract's date. */
  readonly termInDays: number;
  /** Moved out so many days ago; undefined: living there. */
  readonly movedOutDaysAgo?: number;
  readonly people: readonly DemoPerson[];
}

const person = (name: string, born: string, sex: 1 | 2, card: string): DemoPerson => ({ name, born, sex, card, registration: 'accepted' });

export const DEMO_TENANCIES: readonly DemoTenancy[] = [
  { room: '0501', startedDaysAgo: 290, termInDays: 75, people: [person('张一鸣', '1990-03-07', 1, '1A2B3C4D'), person('陈小雨', '1992-05-10', 2, '1B2C3D4E')] },
  { room: '0503', startedDaysAgo: 6, termInDays: 359, people: [{ ...person('何志远', '1995-08-21', 1, '6D5E4F3A'), registration: { dueInDays: -3 } }] },
  {
    room: '0401',
    startedDaysAgo: 190,
    termInDays: 175,
    people: [person('刘建国', '1978-11-02', 1, '21A4C6E8'), person('王秀英', '1980-02-14', 2, '22B5D7F9'), person('刘晨', '2008-09-01', 1, '23C6E80A')],
  },
  { room: '0402', startedDaysAgo: 340, termInDays: 25, people: [person('赵敏', '1988-08-15', 2, '31D7F91B')] },
  { room: '0403', startedDaysAgo: 100, termInDays: 265, people: [person('孙海', '1985-06-30', 1, '41E80A2C'), person('周婷', '1987-12-12', 2, '42F91B3D')] },
  { room: '0301', startedDaysAgo: 320, termInDays: 45, people: [person('吴桂兰', '1950-01-20', 2, '510A2C4E')] },
  { room: '0302', startedDaysAgo: 372, termInDays: -7, people: [person('郑凯', '1993-04-18', 1, '2B3C4D5E')] },
  { room: '0303', startedDaysAgo: 240, termInDays: 125, people: [person('冯涛', '1991-07-09', 1, '611B3D5F'), person('许静', '1994-10-25', 2, '622C4E60')] },
  {
    room: '0201',
    startedDaysAgo: 150,
    termInDays: 215,
    people: [person('马俊', '1989-01-11', 1, '713D5F71'), { ...person('林芳', '1990-09-19', 2, '724E6082'), registration: { dueInDays: 1 } }],
  },
  { room: '0203', startedDaysAgo: 275, termInDays: 90, people: [person('高洁', '1996-03-03', 2, '815F7193')] },
  { room: '0202', startedDaysAgo: 400, termInDays: -35, movedOutDaysAgo: 40, people: [person('罗刚', '1986-05-05', 1, '0A0B0C0D')] },
];

/** A spare card in the hands of somebody nobody registered. */
export const DEMO_SPARE = '5C5D5E5F';
/** A card that is in no register. */
export const DEMO_STRANGER = 'DEADBEEF';

/** The cards a newcomer is given to press. `expect`: a reason; HOURS: it opens in its hours. */
export const DEMO_TRAY = [
  { card: '1A2B3C4D', expect: 'OK', label: { zh: '0501 租客的卡', en: 'Tenant of 0501' } },
  { card: '2B3C4D5E', expect: 'OK', label: { zh: '0302 租客的卡，合同到期', en: 'Tenant of 0302, contract ran out' } },
  { card: '6D5E4F3A', expect: 'OK', label: { zh: '0503 租客的卡，登记逾期', en: 'Tenant of 0503, registration overdue' } },
  { card: '0A0B0C0D', expect: 'LEASE_ENDED', label: { zh: '0202 的旧卡，40 天前搬走', en: 'Old card of 0202, moved out 40 days ago' } },
  { card: DEMO_SPARE, expect: 'NOT_REGISTERED', label: { zh: '备用卡，在没登记的人手里', en: 'Spare card, with somebody not registered' } },
  { card: '91A3C5E7', expect: 'HOURS', label: { zh: '保洁员的卡，周一到周六 7–19 点', en: 'Cleaner, Monday to Saturday 7 to 19' } },
  { card: '93B5D7F9', expect: 'OK', label: { zh: '夜班值班卡，密码 739105', en: 'Night watch on duty, PIN 739105' } },
  { card: DEMO_STRANGER, expect: 'UNKNOWN_CREDENTIAL', label: { zh: '陌生的卡', en: "A stranger's card" } },
] as const;
