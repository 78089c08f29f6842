import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { refusal } from '../../gateway/http/problem.ts';
import { NOON } from '../helpers/register.ts';
import { always } from '../helpers/offices.ts';
import { atDesk, audited, type Desk, type Offices, offices } from './desks.ts';

const DAY = 86_400_000;
let here: Offices;
let done: string[];
let broken: boolean;
let twin: Desk;

beforeAll(async () => {
  here = await offices();
  twin = await atDesk(here, { role: 'SA', login: 'first-again', holder: 'a 001', assignments: [always('site', 0)] });
  here.site.secondPerson.register<{ what: string }>('test', {
    approvers: ['SA', 'PO'],
    describe: ({ what }) => ({ zh: `做${what}`, en: `do ${what}` }),
    run: async ({ what }, approver) => {
      if (broken) throw refusal('TAKEN');
      done.push(`${what} by ${approver.login}`);
    },
  });
});
afterAll(() => here.close());
beforeEach(() => {
  done = [];
  broken = false;
  here.log.broken = false;
  here.time.now = NOON;
});

async function viewer(desk: Desk) {
  const found = await here.site.sessions.resolve(desk.cookie.split('=')[1] ?? '', false);
  if (found === undefined) throw new Error('not signed in');
  return found;
}
const ask = async (desk = here.first, reason = '需要两个人'): Promise<number> => here.site.secondPerson.ask(await viewer(desk), 'test', { what: 'it' }, reason);
const post = (desk: Desk, id: number, verb: string, body: object = {}) => desk.ask('POST', `pending-acts/${id}/${verb}`, body);

describe('an act that needs a second person', () => {
  test('is done when somebody else agrees, with his rights, once, and each step is written down before it', async () => {
    const before = audited(here).length;
    const id = await ask();
    expect(done).toEqual([]);
    expect((await post(here.privacy, id, 'approve')).json).toEqual({ id });
    expect(done).toEqual(['it by privacy']);
    expect((await post(here.second, id, 'approve')).json).toMatchObject({ code: 'ACT_OVER' });
    expect(audited(here).slice(before)).toEqual(['act-asked', 'act-approved']);
    expect(here.journal.entries.at(-1)?.person).toMatchObject({ accountId: here.privacy.account.id, words: '做it：需要两个人' });
  });

  test('is done once when two agree at the same moment', async () => {
    const id = await ask();
    const [one, two] = [await viewer(here.privacy), await viewer(here.second)];
    const answers = await Promise.allSettled([here.site.secondPerson.approve(one, id), here.site.secondPerson.approve(two, id)]);
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(done).toHaveLength(1);
    const again = { decision: 'refused', by: here.second.account.id, at: here.time.now } as const;
    expect(await here.site.offices.acts.decide(id, again)).toBe(false);
  });

  test('is not agreed to by whoever asked, nor under another account of the same natural person', async () => {
    const id = await ask();
    for (const desk of [here.first, twin]) expect((await post(desk, id, 'approve')).json).toMatchObject({ code: 'SAME_PERSON' });
    for (const desk of [here.first, twin]) expect((await post(desk, id, 'refuse')).json).toMatchObject({ code: 'SAME_PERSON' });
    expect(done).toEqual([]);
    expect((await post(here.second, id, 'approve')).status).toBe(200);
  });

  test('is not decided by a role that is no approver of it, nor by the local operator', async () => {
    const id = await ask();
    const auditor = await atDesk(here, { role: 'AU', login: 'auditor', assignments: [always('site', 0)] });
    expect((await post(auditor, id, 'approve')).json).toMatchObject({ code: 'NOT_ALLOWED' });
    const local = await here.app.inject({ method: 'POST', url: `/api/v1/pending-acts/${id}/approve`, headers: { authorization: 'Bearer local-token-of-this-run' }, payload: {} });
    expect(local.json()).toMatchObject({ code: 'SAME_PERSON' });
    expect(done).toEqual([]);
  });

  test('is refused with a note, or taken back by whoever asked', async () => {
    const [refused, taken] = [await ask(), await ask()];
    expect((await post(here.privacy, refused, 'refuse', { note: '没必要' })).status).toBe(200);
    expect((await post(here.privacy, taken, 'withdraw')).status).toBe(403);
    expect((await post(here.first, taken, 'withdraw')).status).toBe(200);
    const page = await here.privacy.ask('GET', 'pending-acts?done=true&limit=2');
    expect(page.json).toMatchObject({
      acts: [
        { id: taken, state: 'withdrawn' },
        { id: refused, state: 'refused', note: '没必要', decidedBy: { displayName: 'privacy' } },
      ],
    });
    for (const id of [refused, taken]) expect((await post(here.second, id, 'approve')).json).toMatchObject({ code: 'ACT_OVER' });
    expect(done).toEqual([]);
  });

  test('runs out after seven days', async () => {
    const id = await ask();
    here.time.now += 7 * DAY;
    const late = await atDesk(here, { role: 'PO', login: 'late', assignments: [always('site', 0)] });
    expect((await post(late, id, 'approve')).json).toMatchObject({ code: 'ACT_OVER' });
    const listed: { id: number }[] = Object((await late.ask('GET', 'pending-acts?done=true')).json['acts']);
    expect(listed.find((act) => act.id === id)).toMatchObject({ state: 'expired', mayDecide: false });
  });

  test('is not done when whoever asked was disabled meanwhile', async () => {
    const gone = await atDesk(here, { role: 'SA', login: 'gone', holder: 'A009', assignments: [always('site', 0)] });
    const id = await ask(gone);
    expect((await here.first.ask('POST', `accounts/${gone.account.id}/disable`, {})).status).toBe(200);
    expect((await post(here.privacy, id, 'approve')).json).toMatchObject({ code: 'ACT_OVER' });
    expect(done).toEqual([]);
  });

  test('waits on when it could not be done, or could not be written down', async () => {
    const id = await ask();
    broken = true;
    expect((await post(here.privacy, id, 'approve')).json).toMatchObject({ code: 'TAKEN' });
    broken = false;
    here.log.broken = true;
    expect((await post(here.privacy, id, 'approve')).status).toBe(503);
    expect(done).toEqual([]);
    here.log.broken = false;
    expect((await post(here.privacy, id, 'approve')).status).toBe(200);
    expect(done).toEqual(['it by privacy']);
  });

  test('needs a reason, and is not asked for when that cannot be written down', async () => {
    await expect(ask(here.first, ' 短 ')).rejects.toThrow('BAD_INPUT');
    const before = (await here.first.ask('GET', 'pending-acts')).text;
    here.log.broken = true;
    await expect(ask()).rejects.toThrow();
    here.log.broken = false;
    expect((await here.first.ask('GET', 'pending-acts')).text).toBe(before);
  });

  test('asks for a second factor given lately', async () => {
    const id = await ask();
    here.time.now += 10 * 60_000;
    expect((await post(here.privacy, id, 'approve')).json).toMatchObject({ code: 'SECOND_FACTOR' });
  });

  test('is sealed: neither what nor why can be read in the register', async () => {
    const id = await ask(here.first, '秘密的理由');
    const row = await here.register.register.read.pendingAct.findUniqueOrThrow({ where: { id } });
    expect(Buffer.from(row.reasonSealed).toString('utf8')).not.toContain('秘密');
    expect(Buffer.from(row.bodySealed).toString('utf8')).not.toContain('what');
  });

  test('is listed for whoever asked and whoever may decide it, page by page', async () => {
    const ids = [await ask(), await ask(), await ask()];
    const page = await here.second.ask('GET', 'pending-acts?limit=2');
    expect(page.json).toMatchObject({ acts: [{ id: ids[2], mayDecide: true, own: false, what: { zh: '做it' }, reason: '需要两个人' }, { id: ids[1] }] });
    const next = await here.second.ask('GET', `pending-acts?limit=1&after=${String(page.json['next'])}`);
    expect(next.json).toMatchObject({ acts: [{ id: ids[0] }] });
    expect((await here.first.ask('GET', 'pending-acts?limit=1')).json).toMatchObject({ acts: [{ own: true, mayDecide: false }] });
    expect((await twin.ask('GET', 'pending-acts?limit=1')).json).toMatchObject({ acts: [{ own: false, mayDecide: false }] });
    expect((await here.district.ask('GET', 'pending-acts')).json).toMatchObject({ acts: [] });
  });
});
