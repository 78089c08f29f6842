import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PersonId, UnitId } from '../../gateway/core/ids.ts';
import { cutoffOf } from '../../gateway/core/retention.ts';
import { entryLogOf } from '../../gateway/http/entry-log.ts';
import { NO_PERSON } from '../../gateway/journal/entry.ts';
import { dayOf } from '../../gateway/journal/seal.ts';
import { heldNow } from '../../gateway/store/holds.ts';
import { addTenant, DAY, NOON } from '../helpers/register.ts';
import { type Browser, building, type World, world } from './fixture.ts';
import { audited, deskOf, ifMatch } from './rights-people.ts';

let here: World;
let officer: Browser;
beforeAll(async () => {
  here = await world();
});
beforeEach(async () => {
  here.time.now = NOON;
  here.log.broken = false;
  here.journal.entries.length = 0;
  await here.register.register.write((db) =>
    db.$transaction([db.retentionRule.deleteMany(), db.retentionRun.deleteMany(), db.hold.deleteMany(), db.occupant.deleteMany(), db.person.deleteMany(), db.session.deleteMany()]),
  );
  officer = await deskOf(here, 'PO');
});
afterAll(() => here.close());

const listed = (answer: { json: Record<string, unknown> }, name: string): Record<string, unknown>[] => [answer.json[name]].flat().map((row) => Object(row));
const gone = async (): Promise<number> =>
  (await addTenant(here.register, { unitId: here.building.units['0201'] ?? 0, startAt: NOON - 1500 * DAY, accessUntil: NOON - 800 * DAY })).personId;
const isAnonymous = async (id: number): Promise<boolean> => (await here.register.register.read.person.findUniqueOrThrow({ where: { id } })).anonymisedAt !== null;

async function begin(kind = 'departed'): Promise<number> {
  const { status, json } = await officer.ask('POST', 'retention/runs', { kind });
  expect(status).toBe(200);
  return Number(json['id']);
}

describe('rules', () => {
  const set = async (kind: string, body: object) => officer.ask('PUT', `retention/${kind}`, body, ifMatch(await officer.ask('GET', `retention/${kind}`)));

  test('are listed with what is usual, the borders and why, for those who watch over it', async () => {
    const rules = listed(await officer.ask('GET', 'retention'), 'rules');
    expect(rules.find(({ kind }) => kind === 'entries')).toMatchObject({ days: 184, least: 30, presets: [30, 90, 184], warnBelow: 184, automatic: false, runs: true, version: 0 });
    expect(rules.find(({ kind }) => kind === 'audit')).toMatchObject({ days: 1095, runs: false });
    for (const role of ['AU', 'SA'] as const) expect((await (await deskOf(here, role)).ask('GET', 'retention')).status, role).toBe(200);
    for (const role of ['LL', 'OF', 'CL', 'DA', 'GW'] as const) expect((await (await deskOf(here, role)).ask('GET', 'retention')).status, role).toBe(403);
  });

  test('the privacy officer alone sets one, from the version he read, and it is written down before', async () => {
    expect((await officer.ask('PUT', 'retention/departed', { days: 365 })).status).toBe(428);
    expect(await set('departed', { days: 365 })).toMatchObject({ status: 200, json: { days: 365, version: 1 } });
    expect(await officer.ask('PUT', 'retention/departed', { days: 400 }, { 'if-match': '"0"' })).toMatchObject({ status: 412 });
    expect(await set('departed', { days: 730 })).toMatchObject({ json: { days: 730, version: 2 } });
    expect((await (await deskOf(here, 'SA')).ask('PUT', 'retention/departed', { days: 365 }, { 'if-match': '"2"' })).status).toBe(403);
    expect(here.journal.entries.find(({ event }) => event.what === 'retention-set')?.person.words).toBe('departed: 365 days');
    here.log.broken = true;
    expect((await set('departed', { days: 365 })).status).toBe(503);
    here.log.broken = false;
    expect((await officer.ask('GET', 'retention/departed')).json).toMatchObject({ days: 730 });
  });

  test('entries below 184 days name the law set aside, and want to be told that it was read', async () => {
    const refused = await set('entries', { days: 90 });
    expect(refused).toMatchObject({ status: 409, json: { code: 'LAW_WARNING' } });
    expect(refused.text).toContain('GB 50396-2007');
    expect(await set('entries', { days: 90, understood: true })).toMatchObject({ status: 200, json: { days: 90 } });
  });

  test.each([
    ['entries', 29],
    ['audit', 2000],
    ['unknownCredentials', 60],
    ['purposes', 365],
    ['sessions', 2],
  ])('%s cannot be set to %i days', async (kind, days) => {
    expect((await set(kind, { days, understood: true })).status).toBe(400);
  });

  test('a kind nobody knows is not found', async () => {
    expect((await officer.ask('GET', 'retention/visitorPasses')).status).toBe(404);
  });
});

describe('runs', () => {
  test('a preview counts what is due and held, in words, and changes nothing', async () => {
    const personId = await gone();
    const due = listed(await officer.ask('GET', 'retention/due'), 'due').find(({ kind }) => kind === 'departed');
    expect(due).toMatchObject({ due: 1, held: 0, words: { en: expect.stringContaining('1 record older than 2024-07-01') } });
    expect(await isAnonymous(personId)).toBe(false);
  });

  test('waits for approval, then runs and leaves a receipt in the journal', async () => {
    const personId = await gone();
    const id = await begin();
    await here.site.retention.idle();
    expect(await isAnonymous(personId)).toBe(false);
    expect(await officer.ask('POST', 'retention/runs', { kind: 'departed' })).toMatchObject({ status: 409, json: { code: 'RUN_OPEN' } });
    expect((await officer.ask('POST', `retention/runs/${id}/approve`)).json).toMatchObject({ state: 'running' });
    await here.site.retention.idle();
    expect(await isAnonymous(personId)).toBe(true);
    const [run] = listed(await officer.ask('GET', 'retention/runs'), 'runs');
    expect(run).toMatchObject({ state: 'done', due: 1, done: 1, held: 0 });
    const receipt = here.journal.entries.find(({ index }) => index === run?.['entry']);
    expect(receipt).toMatchObject({
      event: { kind: 'audit', what: 'retention-run' },
      person: { words: expect.stringMatching(/^departed before 2024-07-01: 1 due, 1 done, 0 held, run \d+$/) },
    });
    expect(await officer.ask('POST', `retention/runs/${id}/approve`)).toMatchObject({ status: 409, json: { code: 'RUN_DECIDED' } });
  });

  test('approved by two at the same moment runs once', async () => {
    await gone();
    const id = await begin();
    const both = await Promise.all([officer.ask('POST', `retention/runs/${id}/approve`), officer.ask('POST', `retention/runs/${id}/refuse`)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    await here.site.retention.idle();
  });

  test('called off, nothing goes; a log that cannot be written stops the approval', async () => {
    const personId = await gone();
    const id = await begin();
    here.log.broken = true;
    expect((await officer.ask('POST', `retention/runs/${id}/approve`)).status).toBe(503);
    here.log.broken = false;
    expect((await officer.ask('POST', `retention/runs/${id}/refuse`)).json).toMatchObject({ state: 'refused' });
    await here.site.retention.idle();
    expect(await isAnonymous(personId)).toBe(false);
    expect((await officer.ask('POST', 'retention/runs/999/approve')).status).toBe(404);
  });

  test('approving wants a second factor given just now, and the right role', async () => {
    const id = await begin();
    here.time.now += 11 * 60_000;
    expect(await officer.ask('POST', `retention/runs/${id}/approve`)).toMatchObject({ status: 403, json: { code: 'SECOND_FACTOR' } });
    expect((await (await deskOf(here, 'SA')).ask('POST', `retention/runs/${id}/approve`)).status).toBe(403);
  });

  test('working copies need no approval', async () => {
    await here.register.register.write((db) => db.outboxMessage.create({ data: { at: 1n, kind: 'receipt', bodySealed: here.register.register.vault.seal('outbox.body', '{}') } }));
    await begin('outbox');
    await here.site.retention.idle();
    expect(listed(await officer.ask('GET', 'retention/runs'), 'runs')[0]).toMatchObject({ kind: 'outbox', state: 'done', done: 1 });
    expect(audited(here)).toContain('retention-run');
  });
});

describe('the night', () => {
  const threeInTheMorning = Date.UTC(2026, 6, 1, 19, 1);

  test('from three on, once a day, makes a waiting run of what is due, and none of what is not', async () => {
    await gone();
    await here.site.retention.tick(threeInTheMorning - 10 * 60_000);
    expect(listed(await officer.ask('GET', 'retention/runs'), 'runs')).toEqual([]);
    await here.site.retention.tick(threeInTheMorning);
    await here.site.retention.idle();
    expect(listed(await officer.ask('GET', 'retention/runs'), 'runs').map(({ kind, state }) => [kind, state])).toEqual([['departed', 'waiting']]);
    await here.site.retention.tick(threeInTheMorning + 60_000);
    expect(listed(await officer.ask('GET', 'retention/runs'), 'runs')).toHaveLength(1);
  });

  test('a run that was interrupted is taken up again and ends with its receipt', async () => {
    const personId = await gone();
    const { id } = await here.site.retention.store.newRun({ kind: 'departed', state: 'running', cutoff: NOON - 730 * DAY, due: 1, held: 0 }, NOON);
    await here.site.retention.tick(NOON - 12 * 3_600_000);
    await here.site.retention.idle();
    expect(await isAnonymous(personId)).toBe(true);
    expect(await here.site.retention.store.run(id)).toMatchObject({ state: 'done', done: 1 });
  });

  test('a receipt that cannot be written leaves the run to be taken up, and the person is told of no success', async () => {
    await gone();
    const id = await begin();
    const store = here.site.retention.store;
    await store.move(id, 'waiting', 'running');
    here.log.broken = true;
    await here.site.retention.tick(NOON - 12 * 3_600_000);
    await here.site.retention.idle();
    expect((await store.run(id))?.state).toBe('running');
    here.log.broken = false;
    await here.site.retention.tick(NOON - 12 * 3_600_000);
    await here.site.retention.idle();
    expect(await store.run(id)).toMatchObject({ state: 'done', done: 1 });
  });
});

describe('door records', () => {
  const at = (daysAgo: number): number => NOON - daysAgo * DAY;

  test('go by whole local days: what is held keeps its day, and the door side is told which', async () => {
    const asked: { before: number; days: readonly number[] }[] = [];
    const personId = await gone();
    const person = { personId: PersonId(personId), unitId: UnitId(here.building.units['0201'] ?? 0) };
    const days = [200, 190, 185, 183];
    const access = { kind: 'access', granted: true, reason: 'OK', ...building(here) } as const;
    for (const ago of days) here.journal.add({ ...access, gatewayTime: at(ago) }, ago === 190 ? { ...NO_PERSON, ...person } : NO_PERSON);
    const { doorSide } = here.site.deps;
    const log = entryLogOf({
      journal: here.journal,
      doorSide: {
        ...doorSide,
        destroyEntries: async (before, held) => {
          asked.push({ before, days: held.days });
          return { days: 2, persons: 0 };
        },
      },
    });
    const cutoff = cutoffOf('entries', 184, NOON);
    await officer.ask('POST', 'holds', { caseNumber: 'A-1', subject: 'person', subjectId: personId, reason: 'evidence', reviewAt: NOON + DAY });
    const held = await heldNow(here.register.register.read);
    expect(await log.due(cutoff, held)).toEqual({ due: 3, held: 1 });
    expect(await log.destroy(cutoff, held)).toEqual({ due: 3, held: 1, done: 2 });
    expect(asked).toEqual([{ before: dayOf(cutoff), days: [dayOf(at(190))] }]);
  });

  test('a held range keeps the days of its building and no others', async () => {
    for (const ago of [200, 190]) here.journal.add({ kind: 'access', granted: true, ...building(here), gatewayTime: at(ago) });
    const log = entryLogOf({ journal: here.journal, doorSide: here.site.deps.doorSide });
    const nobody = { persons: new Set<number>(), units: new Set<number>(), buildings: new Set<number>(), cases: new Set<string>() };
    const range = { from: at(191), until: at(189) };
    expect(await log.due(cutoffOf('entries', 184, NOON), { ...nobody, ranges: [{ buildingId: here.building.buildingId, ...range }] })).toEqual({ due: 2, held: 1 });
    expect(await log.due(cutoffOf('entries', 184, NOON), { ...nobody, ranges: [{ buildingId: here.other.buildingId, ...range }] })).toEqual({ due: 2, held: 0 });
  });
});
