import { RETENTION } from '../../gateway/core/retention.ts';
import type { AssessmentView, ConsentsView, HoldView, NoticeView, OwnRequest, RequestDetail, RequestRow, RunView } from '../../gateway/http/schemas/rights.ts';
import type { MoveOutView } from '../../gateway/http/schemas/tenancies.ts';
import { dueView, ruleView, runView } from '../../gateway/http/views/retention.ts';
import { DEFAULT_NOTICE } from '../../gateway/register/default-notice.ts';

// What the gateway answers about retention and people's rights, for the console's tests.

const NOW = Date.now();
const DAY = 86_400_000;
const LONG = '我在这里住了三年，登记的名字写错了一个字，应该是“晓”，不是“小”，派出所和物业那里都对不上，请帮我改过来，谢谢。'.repeat(4);

/** The landlord said so an hour ago; whoever lives there may object. */
const movedOut: MoveOutView = {
  ...{ id: 4, tenancyId: 5, unitId: 9, room: '0501', building: { name: '迎春路 42 号', nameEn: '42 Yingchun Road' }, personId: null, people: ['张一鸣'] },
  ...{ until: NOW - DAY / 24, statedAt: NOW - DAY / 24, own: false, state: 'stated', undoUntil: null, objectUntil: NOW + 7 * DAY },
  ...{ objectedAt: null, decidedAt: null, decidedUntil: null, basis: '', stopId: null, now: NOW },
};

const row = (about: Partial<RequestRow> = {}): RequestRow => ({
  id: 1,
  kind: 'copy',
  state: 'open',
  person: { id: 31, name: '张*' },
  receivedAt: NOW - 20 * DAY,
  dueAt: NOW + DAY,
  overdue: false,
  counter: false,
  decidedAt: null,
  ...about,
});
const rows = [row({ id: 3, overdue: true, dueAt: NOW - 2 * DAY, kind: 'correct' }), row(), row({ id: 2, kind: 'delete', counter: true, dueAt: NOW + 9 * DAY })];
export const detail = (id: number, about: Partial<RequestDetail> = {}): RequestDetail => ({
  ...(rows.find((each) => each.id === id) ?? row({ id })),
  version: 4,
  text: LONG,
  answer: '',
  phoneMasked: '120****0001',
  documentType: '111',
  documentMasked: '890101********0118',
  personVersion: 2,
  homes: [{ unitId: 2, room: '0501', building: '迎春路 42 号', buildingEn: '42 Yingchun Road', current: true }],
  mustKeep: null,
  anonymised: false,
  copiedAt: null,
  ...about,
});
export const rules = [...RETENTION.values()].map((rule) => ruleView(rule, rule.kind === 'departed' ? { days: 365, version: 3, setAt: NOW } : undefined, 184));
const due = [
  dueView('departed', { cutoff: NOW - 730 * DAY, due: 12, held: 2 }),
  dueView('entries', { cutoff: NOW - 184 * DAY, due: 1, held: 0 }),
  dueView('purposes', { cutoff: NOW - 1095 * DAY, due: 0, held: 0 }),
];
export const run = (about: Partial<RunView>): RunView => ({
  ...runView({
    id: 9,
    kind: 'departed',
    startedAt: NOW - DAY,
    finishedAt: null,
    cutoff: NOW - 730 * DAY,
    due: 12,
    done: 0,
    held: 2,
    state: 'waiting',
    approvedBy: null,
    entryIndex: null,
  }),
  ...about,
});
export const hold: HoldView = {
  id: 5,
  caseNumber: '2026-0042',
  subject: 'person',
  subjectId: 31,
  about: { zh: '罗*', en: '罗*' },
  from: null,
  until: null,
  reason: '押金纠纷，调解期间留存登记。',
  placedAt: NOW - 10 * DAY,
  reviewAt: NOW - DAY,
  reviewDue: true,
  releasedAt: null,
  releaseNote: '',
};
export const notice: NoticeView = { id: 1, number: 1, ...DEFAULT_NOTICE, publishedAt: NOW - 60 * DAY, version: 77 };
export const assessment = (about: Partial<AssessmentView> = {}): AssessmentView => ({
  id: 6,
  title: '出入记录的处理',
  state: 'draft',
  createdAt: NOW - 5 * DAY,
  decidedAt: null,
  reviewAt: null,
  reviewDue: false,
  own: false,
  version: 2,
  purpose: '保障住户安全，事后能查清。',
  necessity: '只有卡号说明不了是谁。',
  data: '时间、门、结果、谁的卡。',
  risk: '能看出一个人的作息。',
  measures: '加密、184 天、先说明用途、每次查看都告诉本人。',
  ...about,
});
export const own = (about: Partial<OwnRequest> = {}): OwnRequest => ({
  id: 1,
  kind: 'copy',
  state: 'open',
  receivedAt: NOW - DAY,
  dueAt: NOW + 20 * DAY,
  decidedAt: null,
  text: '',
  answer: '',
  copyUntil: null,
  copiedAt: null,
  ...about,
});
export const consents = (about: Partial<ConsentsView['now']> = {}): ConsentsView => ({
  now: { notice: null, doorLog: true, cardAsKey: null, welfareCheck: false, ...about },
  history: [
    { purpose: 'welfareCheck', given: false, at: NOW - DAY, notice: 1 },
    { purpose: 'doorLog', given: true, at: NOW - 2 * DAY, notice: 1 },
  ],
});

/** Every answer of these pages, by request. */
export const rightsAnswers = (): Record<string, unknown> => ({
  'GET /break-glass': [],
  'GET /requests': { requests: rows, next: null },
  ...Object.fromEntries([1, 2, 3].map((id) => [`GET /requests/${id}`, detail(id)])),
  'GET /retention': { rules },
  'GET /retention/due': { due },
  'GET /retention/runs': { runs: [run({}), run({ id: 8, state: 'done', done: 31, due: 31, held: 0, finishedAt: NOW - 30 * DAY, entry: 40_211 })], next: null },
  'GET /holds': { holds: [hold], next: null },
  'GET /notices': { notices: [{ ...notice, id: 2, number: 2, publishedAt: null, version: 99 }, notice] },
  'GET /notices/current': { notice },
  'GET /assessments': { assessments: [assessment(), assessment({ id: 7, title: '旧的评估', state: 'accepted', reviewAt: NOW - DAY, reviewDue: true })] },
  'GET /assessments/6': assessment(),
  'GET /me/requests': {
    requests: [
      own({ id: 2, state: 'answered', answer: '副本准备好了。', copyUntil: NOW + 10 * DAY }),
      own({ id: 1, kind: 'delete', state: 'refused', text: LONG, answer: '您还住在这里。' }),
    ],
  },
  'GET /me/consents': consents(),
  'GET /me/move-outs': { homes: [{ tenancyId: 5, unitId: 9, room: '0501' }], moveOuts: [movedOut] },
});

/** The same where there is nothing yet. */
export const nothingYet: Readonly<Record<string, unknown>> = {
  'GET /requests': { requests: [], next: null },
  'GET /retention/due': { due: [] },
  'GET /retention/runs': { runs: [], next: null },
  'GET /holds': { holds: [], next: null },
  'GET /notices': { notices: [] },
  'GET /notices/current': { notice: null },
  'GET /assessments': { assessments: [] },
  'GET /me/requests': { requests: [] },
  'GET /me/move-outs': { homes: [], moveOuts: [] },
};
