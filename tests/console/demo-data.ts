import type { DemoTray } from '../../gateway/http/schemas/demo.ts';
import type { DoorRulesView } from '../../gateway/http/schemas/door-rules.ts';
import type { LedgerLine } from '../../gateway/http/schemas/ledger.ts';
import type { BuildingSummary, BuildingView, DoorLive, DoorView, UnitTile, UnitView } from '../../gateway/http/schemas/places.ts';
import { told } from '../../gateway/http/views/told.ts';
import type { Role } from '../../gateway/http/schemas/session.ts';
import { noteSentence, type Note, type Reason, sentence } from '../../gateway/core/reasons.ts';

// The demo building as the API shows it: 12 homes on 4 floors, 4 doors, 17 people. Everybody is made up.
const DAY = 86_400_000;
const CODE = '890101001001B00042';

export const summary: BuildingSummary = {
  id: 1,
  code: CODE,
  name: '迎春路 42 号',
  nameEn: '42 Yingchun Road',
  address: '示范市示范区迎春路 42 号',
  mode: 'scattered',
  units: 12,
  doors: 4,
};

const live = (now: number, over: Partial<DoorLive> = {}): DoorLive => ({
  online: true,
  since: now - 3 * DAY,
  contact: 'closed',
  lock: 'locked',
  power: true,
  queued: 0,
  have: '1.7',
  want: '1.7',
  ...over,
});

/** Street closed, roof left open, 0302 closed, 0503 offline with lines of its own. */
function doorList(now: number): DoorView[] {
  const rows: readonly (Pick<DoorView, 'name' | 'nameEn' | 'kind' | 'unitId'> & { readonly live: DoorLive })[] = [
    { name: '大门', nameEn: 'Street door', kind: 'street', unitId: null, live: live(now) },
    { name: '天台', nameEn: 'Roof', kind: 'roof', unitId: null, live: live(now, { contact: 'open', lock: 'unlocked' }) },
    { name: '0302', nameEn: '0302', kind: 'unit', unitId: 5, live: live(now) },
    { name: '0503', nameEn: '0503', kind: 'unit', unitId: 12, live: live(now, { online: false, since: now - 8 * 60_000, queued: 3, have: '1.6' }) },
  ];
  return rows.map((row, i) => ({
    id: i + 1,
    code: `${CODE}D0${i + 1}`,
    lockdownUntil: null,
    retestDue: i === 0 ? now + 200 * 86_400_000 : i === 1 ? now - 86_400_000 : null,
    ...row,
  }));
}

/** A door as it is fitted, with no neighbour on its controller. */
export const rulesView = (role: Role): DoorRulesView => ({
  rules: { openMs: 5000, heldMs: 60_000, openSchedule: null, firstCard: false, pinSchedule: null, interlock: 0, passbackMinutes: 0, passbackHard: false },
  version: 1,
  schedules: [],
  neighbours: [],
  onlyWayIn: true,
  withoutPin: 2,
  mayWrite: role === 'SA' || role === 'LL',
});

/** Rooms 0201…0503 with a due, an overdue, a holdover and two empty ones. */
export function units(now: number): UnitTile[] {
  const rows: readonly (readonly [number, UnitTile['state'], number])[] = [
    [2, 'fine', 210],
    [0, 'empty', 0],
    [1, 'fine', 90],
    [1, 'fine', 65],
    [1, 'holdover', -7],
    [2, 'fine', 120],
    [3, 'fine', 190],
    [1, 'fine', 30],
    [2, 'overdue', 260],
    [2, 'fine', 85],
    [0, 'empty', 0],
    [2, 'due', 365],
  ];
  return rows.map(([people, state, days], i) => {
    const floor = 2 + Math.floor(i / 3);
    const room = `0${floor}0${(i % 3) + 1}`;
    const open = state === 'due' || state === 'overdue';
    return {
      contract: true,
      sheet: true,
      id: i + 1,
      code: `${CODE}-${room}`,
      floor,
      room,
      use: people === 0 ? 'vacant' : 'let',
      people,
      registered: open ? people - 1 : people,
      keys: people,
      termEnd: people === 0 ? null : now + days * DAY,
      state,
      registrationDue: state === 'due' ? now + DAY : state === 'overdue' ? now - 3 * DAY : null,
    };
  });
}

/** A tile as the gateway shows it to a role. */
function tileFor(role: Role, unit: UnitTile): UnitTile {
  const its = told(role);
  const hidden = (unit.state === 'holdover' && !its.dates) || ((unit.state === 'due' || unit.state === 'overdue') && !its.registration);
  const state = !its.people ? 'untold' : hidden ? 'fine' : unit.state;
  return {
    ...unit,
    state,
    people: its.people ? unit.people : null,
    registered: its.registration ? unit.registered : null,
    registrationDue: its.registration ? unit.registrationDue : null,
    keys: its.cards === 'none' ? null : unit.keys,
    contract: its.dates,
    termEnd: its.dates ? unit.termEnd : null,
    sheet: its.sheet,
  };
}

export function building(now: number, role: Role = 'SA'): BuildingView {
  const all = units(now).map((unit) => tileFor(role, unit));
  return {
    ...summary,
    floors: [2, 3, 4, 5].map((floor) => ({ floor, units: all.filter((unit) => unit.floor === floor) })),
    doorList: told(role).doors ? doorList(now) : [],
    openedToday: role === 'BL' ? null : 46,
    totals: told(role).totals ? { people: 17, registered: 15 } : null,
  };
}

export function unitView(id: number, now: number, role: Role = 'LL'): UnitView | undefined {
  const whole = units(now).find((row) => row.id === id);
  if (whole === undefined) return undefined;
  const its = told(role);
  const unit = tileFor(role, whole);
  const { people: living, registered: done } = { people: whole.people ?? 0, registered: whole.registered ?? 0 };
  const person = (n: number, registered: boolean): UnitView['tenancies'][number]['people'][number] => ({
    id: id * 10 + n,
    name: its.names ? (['李小明', '欧阳若兰'][n % 2] ?? '') : (['李*', '欧*'][n % 2] ?? ''),
    documentType: '111',
    documentMasked: '890101********0118',
    phoneMasked: '120****5678',
    registered,
    registrationState: registered ? 'accepted' : 'none',
    registrationDue: registered ? null : whole.registrationDue,
    role: n === 0 ? 'tenant' : 'coOccupant',
    untilAt: null,
  });
  const card = (n: number, status: string): UnitView['tenancies'][number]['credentials'][number] => ({
    id: id * 10 + n,
    tech: 'ISO14443A',
    tail: its.cards === 'whole' ? (['3C4D', '9F01', 'A2B7'][n] ?? '0000') : '',
    kind: n === 2 ? 'spare' : 'tenant',
    label: '',
    status,
    personId: n === 2 ? null : id * 10 + n,
    pin: its.cards === 'whole' && n === 0,
  });
  const people = Array.from({ length: living }, (_, n) => person(n, n < done));
  const running = {
    id: id * 100,
    kind: 'rent',
    startAt: now - 200 * DAY,
    contract: its.dates,
    termEnd: unit.termEnd,
    accessUntil: null,
    endedBy: '',
    version: 1,
    moveOut: null,
    state: unit.state === 'holdover' ? 'holdover' : 'running',
    people,
    credentials: [card(0, 'active'), card(1, 'suspended'), card(2, 'revoked')],
  };
  const past = {
    id: id * 100 + 1,
    kind: 'rent',
    startAt: now - 600 * DAY,
    contract: its.dates,
    termEnd: its.dates ? now - 210 * DAY : null,
    accessUntil: its.dates ? now - 205 * DAY : null,
    endedBy: its.dates ? 'movedOut' : '',
    version: 2,
    moveOut: null,
    state: 'ended',
    people: [person(0, true)],
    credentials: [card(0, 'active')],
  };
  const doors = its.doors ? doorList(now).filter((door) => door.unitId === null || door.unitId === id) : [];
  return { unit, building: summary, tenancies: living === 0 ? [past] : [running, past], doors };
}

const NONE = { zh: '', en: '' };

/** A line as the API would give it; newer lines have higher indexes. */
export function line(index: number, at: number, over: Partial<LedgerLine>): LedgerLine {
  return {
    index,
    at,
    deviceTime: at,
    skewMs: 0,
    buildingId: 1,
    doorId: 1,
    door: { zh: '大门', en: 'Street door' },
    kind: 'access',
    code: 'OK',
    granted: false,
    offline: false,
    note: null,
    final: null,
    why: NONE,
    noteWhy: null,
    ref: null,
    tone: 'info',
    ...over,
  };
}

/** An access decision's line for a reason, with its own sentence. */
export function access(index: number, at: number, reason: Reason, note?: Note): LedgerLine {
  const granted = reason === 'OK';
  return line(index, at, {
    code: reason,
    granted,
    why: sentence(reason),
    note: note ?? null,
    noteWhy: note === undefined ? null : noteSentence(note),
    tone: granted ? 'granted' : 'refused',
  });
}

/** 130 lines back from now, of every kind, so that pages, days and wording are all there. */
export function history(now: number): LedgerLine[] {
  const kinds: readonly ((i: number, at: number) => LedgerLine)[] = [
    (i, at) => access(i, at, 'OK'),
    (i, at) => access(i, at, 'UNKNOWN_CREDENTIAL'),
    (i, at) =>
      line(i, at, {
        doorId: 2,
        door: { zh: '天台', en: 'Roof' },
        kind: 'door',
        code: 'held',
        why: { zh: '门没关上，超过 1 分钟。', en: 'The door has stood open for more than a minute.' },
        tone: 'attention',
      }),
    (i, at) => access(i, at, 'OK', 'HOLDOVER'),
    (i, at) => access(i, at, 'LEASE_ENDED'),
    (i, at) =>
      line(i, at, {
        doorId: 4,
        door: { zh: '0503', en: '0503' },
        kind: 'link',
        code: 'offline',
        why: { zh: '控制器断线了，门按自己的名单认卡。', en: 'The controller is offline; the door goes by its own list.' },
        tone: 'info',
      }),
    (i, at) => access(i, at, 'NOT_REGISTERED'),
    (i, at) => ({ ...access(i, at, 'OK'), offline: true }),
    (i, at) => line(i, at, { kind: 'door', code: 'exit', why: { zh: '有人按出门键出去。', en: 'Somebody left by the exit button.' }, tone: 'info' }),
    (i, at) => access(i, at, 'OK', 'REGISTRATION_OVERDUE'),
    (i, at) => access(i, at, 'WRONG_DOOR'),
  ];
  return Array.from({ length: 130 }, (_, n) => {
    const i = 1000 - n;
    return (kinds[n % kinds.length] ?? access)(i, now - n * 25 * 60_000, 'OK');
  });
}

export const tray = (network: ReadonlyMap<string, boolean>, power: ReadonlyMap<string, boolean>): DemoTray => ({
  cards: [
    { card: '1A2B3C4D', label: { zh: '0501 的租客', en: 'Tenant of 0501' }, expect: 'OK' },
    { card: '0A0B0C0D', label: { zh: '40 天前搬走的人', en: 'Moved out 40 days ago' }, expect: 'LEASE_ENDED' },
    { card: '5C5D5E5F', label: { zh: '备用卡，没登记到人', en: 'Spare card, nobody registered' }, expect: 'NOT_REGISTERED' },
    { card: 'DEADBEEF', label: { zh: '路上捡的卡', en: 'A card off the street' }, expect: 'UNKNOWN_CREDENTIAL' },
    { card: '2B3C4D5E', label: { zh: '0302，合同到期还住着', en: '0302, holding over' }, expect: 'OK' },
    { card: '3C4D5E6F', label: { zh: '0403，登记过期', en: '0403, registration overdue' }, expect: 'OK' },
  ],
  doors: [1, 2, 3, 4].map((id) => ({ doorCode: `${CODE}D0${id}`, doorId: id, network: network.get(`${CODE}D0${id}`) ?? true, power: power.get(`${CODE}D0${id}`) ?? true })),
});
