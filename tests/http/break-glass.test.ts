import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { always } from '../helpers/offices.ts';
import { atDesk, audited, type Desk, type Offices, offices } from './desks.ts';
import { world } from './fixture.ts';

const REASON = '值班只有我一个人，门禁全停了';
let here: Offices;
beforeEach(async () => {
  here = await offices();
});
afterEach(() => here.close());

async function asked(desk: Desk, role = 'SA', holder = 'N001'): Promise<unknown> {
  const answer = await desk.ask('POST', 'accounts', { role, displayName: '第二管理员', holder, reason: '需要第二个管理员', assignments: [{ place: 'site', placeId: 0 }] });
  expect(answer.status).toBe(202);
  return answer.json['act'];
}
const breakGlass = (desk: Desk, act: unknown, reason = REASON) => desk.ask('POST', 'break-glass', { act, reason });
const acknowledge = (desk: Desk, id: unknown, note = '已核实，当时确实无人') => desk.ask('POST', `break-glass/${String(id)}/acknowledge`, { note });
const alarms = async (desk: Desk): Promise<{ id: number }[]> => Object(JSON.parse((await desk.ask('GET', 'break-glass')).text));
const admins = () => here.register.register.read.account.count({ where: { role: 'SA', state: 'invited' } });

describe('break-glass', () => {
  test('does a pending act alone, and raises an alarm that everybody who watches sees until somebody else has looked into it', async () => {
    const act = await asked(here.first);
    const auditor = await atDesk(here, { role: 'AU', login: 'auditor', assignments: [always('site', 0)] });
    const broken = await breakGlass(here.first, act);
    expect([broken.status, await admins()]).toEqual([200, 1]);
    expect(audited(here).slice(-3)).toEqual(['act-asked', 'break-glass', 'account-created']);
    const entry = here.journal.entries.find(({ event }) => event.what === 'break-glass');
    expect(entry?.person.words).toContain(REASON);
    for (const desk of [here.first, here.second, here.privacy, auditor])
      expect(await alarms(desk)).toMatchObject([
        { id: broken.json['act'], reason: REASON, by: { displayName: 'first' }, entry: entry?.index, acknowledged: null, what: { zh: expect.stringContaining('第二管理员') } },
      ]);
    expect((await alarms(here.first))[0]).toMatchObject({ mayAcknowledge: false });
    expect((await acknowledge(here.first, broken.json['act'])).json).toMatchObject({ code: 'SAME_PERSON' });
    expect((await acknowledge(auditor, broken.json['act'])).status).toBe(403);
    expect((await acknowledge(here.privacy, broken.json['act'])).status).toBe(200);
    expect(await alarms(here.second)).toEqual([]);
    expect(audited(here).at(-1)).toBe('break-glass-seen');
    expect((await here.second.ask('GET', 'pending-acts?done=true')).json).toMatchObject({
      acts: [{ id: act, state: 'approved', breakGlass: true, note: REASON, decidedBy: { displayName: 'first' } }],
    });
  });

  test('an alarm does not run out, and is not agreed to without a note', async () => {
    const { json } = await breakGlass(here.first, await asked(here.first));
    here.time.now += 400 * 86_400_000;
    const later = await atDesk(here, { role: 'PO', login: 'later', assignments: [always('site', 0)] });
    expect(await alarms(later)).toHaveLength(1);
    expect((await later.ask('POST', `pending-acts/${String(json['act'])}/approve`, {})).status).toBe(404);
    expect((await later.ask('POST', `pending-acts/${String(json['act'])}/refuse`, {})).status).toBe(404);
    expect((await acknowledge(later, json['act'], '短')).json).toMatchObject({ code: 'BAD_INPUT', field: 'note' });
    expect(await alarms(later)).toHaveLength(1);
  });

  test('is for one’s own act, with a reason of ten characters, by the administrator with a second factor given lately', async () => {
    const act = await asked(here.first);
    expect((await breakGlass(here.first, act, '太短了')).json).toMatchObject({ code: 'BAD_INPUT', field: 'reason' });
    expect((await breakGlass(here.second, act)).json).toMatchObject({ code: 'NOT_ALLOWED' });
    for (const desk of [here.privacy, here.district]) expect((await breakGlass(desk, act)).status).toBe(403);
    here.time.now += 10 * 60_000;
    expect((await breakGlass(here.first, act)).json).toMatchObject({ code: 'SECOND_FACTOR' });
    expect(await admins()).toBe(0);
  });

  test('cannot make an account for whoever breaks it', async () => {
    const own = await here.first.ask('POST', 'accounts', { role: 'OF', displayName: '我自己', holder: 'A001', reason: '自己上岗', assignments: [] });
    expect(own.json).toMatchObject({ code: 'SELF_GRANT' });
  });

  test('is not done, and raises no alarm, when it cannot be written down or the act fails', async () => {
    const act = await asked(here.first);
    here.log.broken = true;
    expect((await breakGlass(here.first, act)).status).toBe(503);
    here.log.broken = false;
    const office = await here.first.ask('POST', 'accounts', {
      role: 'CL',
      displayName: '窗口',
      holder: 'C001',
      reason: '新窗口要人',
      assignments: [{ place: 'org', placeId: here.station }],
    });
    await here.register.register.write((db) => db.orgUnit.update({ where: { id: here.station }, data: { closedAt: 1 } }));
    expect((await breakGlass(here.first, office.json['act'])).json).toMatchObject({ code: 'NOT_FOUND' });
    expect([await admins(), await alarms(here.second)]).toEqual([0, []]);
    expect((await here.first.ask('GET', 'pending-acts')).json).toMatchObject({
      acts: [
        { id: office.json['act'], state: 'waiting', breakGlass: false },
        { id: act, state: 'waiting' },
      ],
    });
  });

  test('is done once', async () => {
    const act = await asked(here.first);
    expect((await breakGlass(here.first, act)).status).toBe(200);
    expect((await breakGlass(here.first, act)).json).toMatchObject({ code: 'ACT_OVER' });
    expect((await here.second.ask('POST', `pending-acts/${String(act)}/approve`, {})).json).toMatchObject({ code: 'ACT_OVER' });
    expect(await alarms(here.second)).toHaveLength(1);
  });
});

test('while there is one administrator, a second one is made by break-glass alone', async () => {
  const alone = await world();
  const only = await atDesk(alone, { role: 'SA', login: 'only', holder: 'A001', assignments: [always('site', 0)] });
  const privacy = await atDesk(alone, { role: 'PO', login: 'privacy', holder: 'P001', assignments: [always('site', 0)] });
  const act = await asked(only);
  expect((await only.ask('POST', `pending-acts/${String(act)}/approve`, {})).json).toMatchObject({ code: 'SAME_PERSON' });
  expect((await privacy.ask('POST', `pending-acts/${String(act)}/approve`, {})).json).toMatchObject({ code: 'NOT_ALLOWED' });
  expect((await breakGlass(only, act)).status).toBe(200);
  expect(await alone.register.register.read.account.count({ where: { role: 'SA' } })).toBe(2);
  await alone.close();
});
