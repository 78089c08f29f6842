import type { Sentence } from '../../core/reasons.ts';
import type { Role } from '../../core/roles.ts';
import type { StoredEntry } from '../../journal/entry.ts';
import type { Onlooker } from '../../store/onlookers.ts';
import type { Room } from '../../store/persons.ts';
import type { PurposeKind } from '../../store/purposes.ts';
import type { HomeRead, OwnEntry, Receipt, ReceiptPage } from '../schemas/review.ts';
import type { DoorList } from '../door-list.ts';
import { entrySentence } from '../words.ts';
import { PURPOSE_WORDS } from './purpose.ts';

/** An entry with the number the viewer knows it by. */
interface Line {
  readonly entry: StoredEntry;
  readonly number: number;
}

/** What a role is called to a tenant. */
const ROLE_WORDS: Readonly<Record<Role, Sentence>> = {
  TEN: { zh: '租客', en: 'Tenant' },
  LL: { zh: '房东', en: 'Landlord' },
  BL: { zh: '楼长', en: 'Building leader' },
  GW: { zh: '网格员', en: 'Grid worker' },
  CL: { zh: '服务站登记员', en: 'Service-station clerk' },
  OF: { zh: '社区民警', en: 'Community officer' },
  DA: { zh: '区管理员', en: 'District administrator' },
  SA: { zh: '系统管理员', en: 'System administrator' },
  AU: { zh: '审计员', en: 'Auditor' },
  PO: { zh: '个人信息保护专员', en: 'Privacy officer' },
};
const GATEWAY: Sentence = { zh: '系统', en: 'The system' };

const SEEN: Readonly<Record<string, Sentence>> = {
  viewed: { zh: '看了您这一户的登记，里面有您。', en: 'Looked at the register of your home, with you in it.' },
  found: { zh: '搜索人员时看到了您，姓名和号码已遮住。', en: 'Saw you in a search, name and numbers masked.' },
  'entries-viewed': { zh: '看了您的出入记录，姓名已遮住。', en: 'Looked at your entries, your name masked.' },
  exported: { zh: '导出的出入记录里有您，姓名已遮住。', en: 'Exported entries with you among them, your name masked.' },
  'roster-exported': { zh: '导出的花名册里有您的登记。', en: 'Exported a roster with your registration in it.' },
  printed: { zh: '打印了登记表，里面有您。', en: 'Printed a form with you on it.' },
  'audit-read': { zh: '核对“谁看过谁”时看到了您，姓名已遮住。', en: 'Saw you while checking who looked at whom, your name masked.' },
};
const FIELDS: Readonly<Record<string, Sentence>> = {
  name: { zh: '姓名', en: 'name' },
  document: { zh: '证件号码', en: 'document number' },
  phone: { zh: '电话', en: 'phone' },
};

/** Of a reveal's words only the fields are told, never the reason. */
function revealedSentence(words: string): Sentence {
  const fields = (words.split('|')[0] ?? '').split('+').flatMap((field) => FIELDS[field] ?? []);
  return { zh: `看了您完整的${fields.map(({ zh }) => zh).join('、')}。`, en: `Saw in full: ${fields.map(({ en }) => en).join(', ')}.` };
}

/** What somebody saw, told to the person he saw. */
const seenSentence = ({ event, person }: StoredEntry): Sentence => (event.what === 'revealed' ? revealedSentence(person.words) : (SEEN[event.what ?? ''] ?? entrySentence(event)));

/** Role and office of whoever looked; never who by name. */
const roleAndOffice = (by: Onlooker | undefined): Pick<Receipt, 'role' | 'roleWords' | 'office'> => ({
  role: by?.role ?? null,
  roleWords: by === undefined ? GATEWAY : ROLE_WORDS[by.role],
  office: by?.office === undefined ? null : { zh: by.office.name, en: by.office.nameEn || by.office.name },
});

/** A look at the tenant as he is told of it. `purpose`: kind of the one it was done under; its case and reason stay with the office. */
export const receipt = ({ entry, number }: Line, by: Onlooker | undefined, purpose: PurposeKind | undefined): Receipt => ({
  index: number,
  at: entry.event.gatewayTime,
  ...roleAndOffice(by),
  purpose: purpose === undefined ? null : PURPOSE_WORDS[purpose],
  code: entry.event.what ?? 'audit',
  seen: seenSentence(entry),
});

/** One of the tenant's own ways through a door. */
export const ownEntry = ({ entry: { event }, number }: Line, doors: Pick<DoorList, 'name'>): OwnEntry => ({
  index: number,
  at: event.gatewayTime,
  doorId: event.doorId,
  door: doors.name(event.doorId),
  code: event.reason ?? 'DEVICE_FAULT',
  granted: event.granted,
  offline: event.offline,
  why: entrySentence(event),
});

const HOME_SEEN: Sentence = { zh: '看了这一户的登记。', en: 'Looked at the register of this home.' };
/** Looks at the register of a home that its landlord is told of, each in its words. */
const HOME_LOOKS: ReadonlyMap<string, Sentence> = new Map([
  ['viewed', HOME_SEEN],
  ['printed', { zh: '打印了这一户的登记表。', en: 'Printed the form of this home.' }],
  ['roster-exported', { zh: '导出的花名册里有这一户。', en: 'Exported a roster with this home in it.' }],
]);

/** Is it a look at the register that the landlord of the home is told of? */
export const isHomeLook = (what: string | undefined): boolean => HOME_LOOKS.has(what ?? '');

/** A look at one of the landlord's homes. */
export const homeRead = ({ entry, number }: Line, by: Onlooker | undefined, { id, room, buildingId, building, buildingEn }: Room): HomeRead => ({
  index: number,
  at: entry.event.gatewayTime,
  ...roleAndOffice(by),
  unit: { id, room, buildingId, building, buildingEn },
  code: entry.event.what ?? 'viewed',
  seen: HOME_LOOKS.get(entry.event.what ?? '') ?? HOME_SEEN,
});

const sees = (role: Role, zh: string, en: string): ReceiptPage['routine'][number] => ({ role, roleWords: ROLE_WORDS[role], sees: { zh, en } });

/** Who sees what of a tenant in the course of duty; each look is noted all the same. */
export const ROUTINE: ReceiptPage['routine'] = [
  sees('LL', '看得到您的姓名、打码的证件号和电话、登记进度；看不到您什么时候进出。', 'Your name, masked numbers and where your registration stands; never when you come and go.'),
  sees('GW', '看得到打码的姓名和登记进度；看不到进出。', 'Your masked name and where your registration stands; never when you come and go.'),
  sees('CL', '办登记时看得到您的登记资料；看不到进出。', 'Your registration, to work on it; never when you come and go.'),
  sees('OF', '看得到打码的姓名；看进出要先说明用途，每次都记下来。', 'Your masked name; your entries only for a stated purpose, each look noted.'),
  sees('AU', '核对谁看过谁，姓名打码。', 'Who looked at whom, your name masked.'),
  sees('PO', '只在答复您本人的申请时看您的资料。', 'Your data, only to answer a request of yours.'),
];
