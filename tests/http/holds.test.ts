import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addTenant, DAY, NOON } from '../helpers/register.ts';
import { type Browser, type World, world } from './fixture.ts';
import { audited, deskOf } from './rights-people.ts';

let here: World;
let officer: Browser;
let police: Browser;
let personId: number;
beforeAll(async () => {
  here = await world();
  ({ personId } = await addTenant(here.register, { unitId: here.building.units['0302'] ?? 0 }));
});
beforeEach(async () => {
  here.time.now = NOON;
  here.journal.entries.length = 0;
  await here.register.register.write((db) => db.hold.deleteMany());
  officer = await deskOf(here, 'PO');
  police = await deskOf(here, 'OF');
});
afterAll(() => here.close());

const wish = (about: object = {}): object => ({
  caseNumber: '2026-0042',
  subject: 'person',
  subjectId: personId,
  reason: 'Needed as evidence.',
  reviewAt: NOON + 90 * DAY,
  ...about,
});
const listed = (answer: { json: Record<string, unknown> }): Record<string, unknown>[] => [answer.json['holds']].flat().map((row) => Object(row));

describe('placing a hold', () => {
  test('an officer holds a person of his area: masked, with case, reason and review date, written down before', async () => {
    const placed = await police.ask('POST', 'holds', wish());
    expect(placed.json).toMatchObject({ caseNumber: '2026-0042', about: { zh: '李*' }, reason: 'Needed as evidence.', reviewDue: false, releasedAt: null });
    expect(here.journal.entries.at(-1)).toMatchObject({ event: { what: 'hold-placed' }, person: { personId, words: '2026-0042: person' } });
  });

  test.each([
    ['a unit', () => ({ subject: 'unit', subjectId: here.building.units['0302'] }), '迎春路 42 号 0302'],
    ['a building', () => ({ subject: 'building', subjectId: here.building.buildingId }), '迎春路 42 号'],
    ['a part of the log', () => ({ subject: 'entries', subjectId: here.building.buildingId, from: NOON - DAY, until: NOON }), '迎春路 42 号'],
  ])('%s is named as people call it', async (_, about, name) => {
    expect(Object((await police.ask('POST', 'holds', wish(about()))).json['about'])['zh']).toBe(name);
  });

  test.each([
    ['without a review date within a year', () => ({ reviewAt: NOON + 400 * DAY }), 'reviewAt'],
    ['with one that is past', () => ({ reviewAt: NOON - 1 }), 'reviewAt'],
    ['on the log without a range', () => ({ subject: 'entries', subjectId: here.building.buildingId }), 'until'],
    ['without a reason', () => ({ reason: '' }), 'reason'],
  ])('%s is refused', async (_, about, field) => {
    expect(await police.ask('POST', 'holds', wish(about()))).toMatchObject({ status: 400, json: { field } });
    expect(audited(here)).toEqual([]);
  });

  test('what lies in another area, or is not there, is refused alike', async () => {
    const stranger = await addTenant(here.register, { unitId: here.other.units['0302'] ?? 0 });
    const answers = [
      await police.ask('POST', 'holds', wish({ subjectId: stranger.personId })),
      await police.ask('POST', 'holds', wish({ subject: 'building', subjectId: here.other.buildingId })),
      await police.ask('POST', 'holds', wish({ subject: 'unit', subjectId: 9999 })),
    ];
    expect(answers.map(({ status, json }) => [status, json['code']])).toEqual(Array(3).fill([404, 'SCOPE_DENIED']));
    for (const role of ['LL', 'CL', 'SA', 'AU'] as const) expect((await (await deskOf(here, role)).ask('POST', 'holds', wish())).status, role).toBe(403);
  });
});

describe('holds that stand', () => {
  test('are listed by review date, the late one marked; an officer sees those of his area', async () => {
    await officer.ask('POST', 'holds', wish({ reviewAt: NOON + 30 * DAY, caseNumber: 'LATER' }));
    await officer.ask('POST', 'holds', wish({ reviewAt: NOON + DAY, caseNumber: 'FIRST' }));
    await officer.ask('POST', 'holds', wish({ subject: 'building', subjectId: here.other.buildingId, caseNumber: 'ELSEWHERE' }));
    here.time.now = NOON + 2 * DAY;
    const [po, of] = [await (await deskOf(here, 'PO')).ask('GET', 'holds'), await (await deskOf(here, 'OF')).ask('GET', 'holds')];
    expect(listed(po).map(({ caseNumber, reviewDue }) => [caseNumber, reviewDue])).toEqual([
      ['FIRST', true],
      ['LATER', false],
      ['ELSEWHERE', false],
    ]);
    expect(listed(of).map(({ caseNumber }) => caseNumber)).toEqual(['FIRST', 'LATER']);
  });

  test('are paged', async () => {
    for (let n = 0; n < 3; n++) await officer.ask('POST', 'holds', wish({ reviewAt: NOON + (n + 1) * DAY, caseNumber: `C-${n}` }));
    const first = await officer.ask('GET', 'holds?limit=2');
    const next = await officer.ask('GET', `holds?limit=2&after=${String(first.json['next'])}`);
    expect([...listed(first), ...listed(next)].map(({ caseNumber }) => caseNumber)).toEqual(['C-0', 'C-1', 'C-2']);
  });

  test('are released once, by the privacy officer, with a note', async () => {
    const id = Number((await police.ask('POST', 'holds', wish())).json['id']);
    expect((await police.ask('POST', `holds/${id}/release`, { note: 'The case is closed.' })).status).toBe(403);
    expect((await officer.ask('POST', `holds/${id}/release`, { note: 'The case is closed.' })).json).toMatchObject({ releasedAt: NOON, releaseNote: 'The case is closed.' });
    expect(await officer.ask('POST', `holds/${id}/release`, { note: 'The case is closed.' })).toMatchObject({ status: 409, json: { code: 'HOLD_RELEASED' } });
    expect(listed(await officer.ask('GET', 'holds'))).toEqual([]);
    expect(listed(await officer.ask('GET', 'holds?state=released'))).toHaveLength(1);
    expect(audited(here)).toEqual(['hold-placed', 'hold-released']);
  });

  test('why they stand is sealed in the register', async () => {
    await police.ask('POST', 'holds', wish({ reason: 'CANARY reason' }));
    const [row] = await here.register.register.read.hold.findMany();
    expect(Buffer.from(row?.reasonSealed ?? []).includes('CANARY')).toBe(false);
  });
});
