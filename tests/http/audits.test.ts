import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NOON } from '../helpers/register.ts';
import type { Browser } from './fixture.ts';
import { enter, noted, openForPeople, type ReviewWorld, reviewWorld, tap } from './review-fixture.ts';

let here: ReviewWorld;
let officer: Browser & { accountId: number };

beforeAll(async () => {
  here = await reviewWorld();
});
beforeEach(async () => {
  here.journal.entries.splice(0);
  here.time.now += 5 * 60_000;
  officer = await enter(here, { login: 'of-1', role: 'OF' });
});
afterAll(() => here.close());

interface Line {
  readonly code: string;
  readonly words: string | null;
  readonly person: { name: string } | null;
  readonly account: { id: number } | null;
  readonly purpose: { kind: string } | null;
}
const lines = async (who: Browser, query = ''): Promise<Line[]> => Object((await who.ask('GET', `audits${query}`)).json['lines']);

async function review(): Promise<void> {
  const li = here.lodgers['0302'];
  if (li) tap(here, li);
  const id = await openForPeople(here, officer);
  await officer.ask('GET', `purposes/${id}/entries`);
}

describe('the audit log', () => {
  test('tells the auditor who, when, what, why and about whom, masked; reading it is noted itself', async () => {
    await review();
    const auditor = await enter(here, { login: 'au-1', role: 'AU' });
    const { json, text } = await auditor.ask('GET', 'audits');
    const all: Line[] = Object(json['lines']);
    expect(all.map(({ code }) => code)).toEqual(['entries-viewed', 'log-queried', 'people-opened', 'purpose-opened']);
    expect(all[0]).toMatchObject({
      account: { id: officer.accountId, role: 'OF' },
      person: { name: '李*' },
      unit: { room: '0302' },
      purpose: { kind: 'incident' },
      building: { name: '迎春路 42 号' },
    });
    expect(all[3]).toMatchObject({ words: 'incident||核对楼道纠纷', purpose: { kind: 'incident' } });
    expect(json).toMatchObject({ masked: false, ownLeftOut: false, next: null });
    expect(text).not.toContain('小明');
    expect(noted(here, 'audit-read')).toMatchObject([{ person: { personId: here.lodgers['0302']?.personId, accountId: auditor.accountId } }]);
    expect((await lines(auditor, '?kind=audit-read')).map(({ code }) => code)).toEqual(['audit-read']);
  });

  test('is filtered by account, kind and time, and pages', async () => {
    await review();
    const auditor = await enter(here, { login: 'au-2', role: 'AU' });
    expect((await lines(auditor, '?kind=purpose-opened')).map(({ code }) => code)).toEqual(['purpose-opened']);
    expect(await lines(auditor, '?account=99999')).toEqual([]);
    expect(await lines(auditor, `?account=${officer.accountId}`)).toHaveLength(4);
    expect(await lines(auditor, `?until=${NOON}`)).toEqual([]);
    const { json } = await auditor.ask('GET', 'audits?limit=3');
    expect([Object(json['lines']).length, (await lines(auditor, `?limit=3&before=${json['next']}`)).length]).toEqual([3, 1]);
    expect((await auditor.ask('GET', 'audits?kind=DROP TABLE')).status).toBe(400);
  });

  test('shows nothing when the reading cannot be noted', async () => {
    await review();
    const auditor = await enter(here, { login: 'au-3', role: 'AU' });
    here.log.broken = true;
    expect((await auditor.ask('GET', 'audits')).text).not.toContain('李');
    here.log.broken = false;
  });

  test('tells the administrator that something was done, not why nor about whom; others nothing', async () => {
    await review();
    const administrator = await enter(here, { login: 'sa-1', role: 'SA' });
    const { json, text } = await administrator.ask('GET', 'audits');
    expect(json['masked']).toBe(true);
    expect(Object(json['lines'])).toMatchObject([{ code: 'entries-viewed', words: null, person: null, unit: null, purpose: null, account: { id: officer.accountId } }, {}, {}, {}]);
    expect(text).not.toMatch(/李|纠纷|0302/);
    expect(noted(here, 'audit-read')).toEqual([]);
    for (const role of ['OF', 'CL', 'LL', 'DA', 'GW', 'BL', 'TEN'] as const)
      expect((await (await enter(here, { login: `a-${role.toLowerCase()}`, role })).ask('GET', 'audits')).status).toBe(403);
  });

  test('leaves out what the reader did under another account, and what was done where that account works, and says so', async () => {
    const also = await enter(here, { login: 'll-also', role: 'LL', holder: 'P-7', buildings: [here.other.buildingId] });
    const auditor = await enter(here, { login: 'au-also', role: 'AU', holder: 'P-7' });
    const clerk = await enter(here, { login: 'cl-other', role: 'CL', buildings: [here.other.buildingId] });
    await also.ask('GET', `units/${here.stranger.unitId}`);
    await clerk.ask('GET', `units/${here.stranger.unitId}`);
    await officer.ask('GET', `units/${here.lodgers['0302']?.unitId}`);
    const { json, text } = await auditor.ask('GET', 'audits');
    expect(json).toMatchObject({ ownLeftOut: true, lines: [{ code: 'viewed', person: { name: '李*' } }] });
    expect(text).not.toContain('吴');
    const stranger = await enter(here, { login: 'au-other', role: 'AU', holder: 'P-8' });
    expect(await lines(stranger)).toHaveLength(3);
  });
});
