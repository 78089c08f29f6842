import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dateAt } from '../../gateway/core/local-date.ts';
import type { Answer, Browser, World } from './fixture.ts';
import { world } from './fixture.ts';
import { deskOf } from './rights-people.ts';

let here: World;
let landlord: Browser;
let officer: Browser;
beforeEach(async () => {
  here = await world();
  landlord = await deskOf(here, 'LL');
  officer = await deskOf(here, 'OF');
  here.journal.entries.splice(0);
});
afterEach(() => here.close());

const CHECKED = ['extinguisher', 'wayOut', 'wiring', 'gas', 'noPartition', 'livingRooms'];
const PAPERS = { titleKind: 'deed', titleNumber: '样房证 2026-17', area: 485, checked: CHECKED };
const id = (room: string): number => here.building.units[room] ?? 0;
const look = async (room: string, desk = landlord) => (await desk.ask('GET', `units/${id(room)}/filing`)).json;
async function fill(room = '0503', about: object = {}, desk = landlord): Promise<Answer> {
  const { version } = await look(room, desk);
  return desk.ask('PUT', `units/${id(room)}/filing`, { ...PAPERS, ...about }, { 'if-match': `"${String(version)}"` });
}
/** As whoever has the right to the step, with the versions that are there now. */
async function step(name: string, rooms: readonly string[] = ['0503'], reason?: string): Promise<Answer> {
  const own = name === 'submit' || name === 'cancel';
  const homes = await Promise.all(rooms.map(async (room) => ({ unitId: id(room), version: (await look(room))['version'] })));
  return (own ? landlord : officer).ask('POST', own ? 'filings/steps' : 'filings/decisions', { step: name, homes, ...(reason === undefined ? {} : { reason }) });
}
const noted = () => here.journal.entries.flatMap(({ event, person }) => (event.kind === 'register' ? [`${event.what} ${person.words}`] : []));
const queue = async (desk: Browser) => {
  const { filings } = (await desk.ask('GET', 'filings')).json;
  return Array.isArray(filings) ? filings.map(({ room, state }) => `${room} ${state}`) : [];
};

describe('the filing of a home', () => {
  test('goes from a draft over the station to filed, and is cancelled when letting ends', async () => {
    expect(await look('0503')).toMatchObject({ state: 'draft', gaps: ['title', 'area', 'check'], steps: ['fill', 'submit', 'cancel'], version: 0, claimed: false, dueAt: null });
    expect((await fill()).json).toMatchObject({ state: 'draft', gaps: [], papers: { titleNumber: PAPERS.titleNumber, area: 485, checked: CHECKED }, version: 1 });
    const { json } = await step('submit');
    // Five working days from Wednesday, 1 July 2026.
    const [sent] = Array.isArray(json['filings']) ? json['filings'] : [];
    expect([sent.state, dateAt(sent.dueAt), sent.steps]).toEqual(['submitted', '2026-07-08', ['cancel']]);
    expect(await queue(officer)).toEqual(['0503 submitted']);
    expect(await look('0503', officer)).toMatchObject({ steps: ['inspect', 'accept', 'supplement', 'orderFix', 'rejectFire'], papers: { titleNumber: PAPERS.titleNumber } });
    await step('inspect');
    await step('accept');
    expect(await look('0503')).toMatchObject({ state: 'filed', dueAt: null, steps: ['cancel'] });
    expect(await queue(officer)).toEqual([]);
    await step('cancel');
    expect(await look('0503')).toMatchObject({ state: 'cancelled', steps: ['fill'] });
    expect(noted()).toEqual(['filing-filled 0503 deed', 'filing-step submit 0503', 'filing-step inspect 0503', 'filing-step accept 0503', 'filing-step cancel 0503']);
    expect((await fill()).json).toMatchObject({ state: 'draft' });
  });

  test('several homes are sent in at once: all of them, or none', async () => {
    for (const room of ['0301', '0302']) await fill(room);
    const refused = await step('submit', ['0301', '0302', '0303']);
    expect([refused.status, refused.json]).toMatchObject([409, { code: 'FILING_INCOMPLETE', field: 'title', expected: '0303: title, area, check' }]);
    expect((await look('0301'))['state']).toBe('draft');
    expect((await step('submit', ['0301', '0302'])).json).toMatchObject({ filings: [{ room: '0301', state: 'submitted' }, { room: '0302' }] });
    expect((await step('accept', ['0301', '0302'])).json).toMatchObject({ filings: [{ state: 'filed' }, { state: 'filed' }] });
    expect((await queue(landlord)).length).toBe(10);
    expect((await step('cancel', ['0301', '0301'])).json).toMatchObject({ code: 'BAD_INPUT', field: 'homes' });
  });

  test('a supplement is asked for once, with its list; orders say what is to be put right', async () => {
    await fill();
    await step('submit');
    expect((await step('supplement')).json).toMatchObject({ code: 'BAD_INPUT', field: 'reason' });
    await step('supplement', ['0503'], '缺土地证复印件');
    expect(await look('0503')).toMatchObject({ state: 'draft', papers: { reason: '缺土地证复印件' }, steps: ['fill', 'submit', 'cancel'] });
    await step('submit');
    expect((await step('supplement', ['0503'], '还缺')).json).toMatchObject({ code: 'FILING_STEP', field: 'step', expected: '0503: inspect | accept | orderFix | rejectFire' });
    await step('orderFix', ['0503'], '楼道堵了');
    const ordered = await look('0503');
    expect([ordered['state'], dateAt(Number(ordered['dueAt']))]).toEqual(['orderedToFix', '2026-07-15']);
    await step('submit');
    await step('rejectFire', ['0503'], '没有第二个出口');
    expect(await look('0503')).toMatchObject({ state: 'rejectedFire' });
    await step('orderFile', ['0201'], '请备案');
    expect(await look('0201')).toMatchObject({ state: 'orderedToFile', papers: { reason: '请备案' } });
  });

  test('two landlords with two titles for one home: a clerk looks into it, and nothing of the first changes', async () => {
    await fill();
    await step('submit');
    const other = await deskOf(here, 'LL', { name: 'other' });
    const agent = await deskOf(here, 'LL', { name: 'agent' });
    expect((await fill('0503', {}, agent)).json).toMatchObject({ code: 'FILING_STEP', field: 'state' });
    const claim = await fill('0503', { titleNumber: '样房证 2026-99' }, other);
    expect([claim.status, claim.json]).toMatchObject([409, { code: 'TITLE_CLAIMED', field: 'titleNumber' }]);
    expect(await look('0503', officer)).toMatchObject({ claimed: true, state: 'submitted', papers: { titleNumber: PAPERS.titleNumber } });
    await step('accept');
    expect(await look('0503')).toMatchObject({ claimed: false, state: 'filed' });
  });

  test.each([
    [{ titleNumber: ' ' }, 'titleNumber'],
    [{ titleNumber: 'x'.repeat(61) }, 'titleNumber'],
    [{ titleNumber: 'a\u202eb' }, 'titleNumber'],
    [{ titleKind: 'rumour' }, 'titleKind'],
    [{ area: 9 }, 'area'],
    [{ area: 100_001 }, 'area'],
    [{ checked: ['roof'] }, 'checked/0'],
  ])('%j is refused by its field', async (about, field) => {
    expect((await fill('0503', about)).json).toMatchObject({ code: 'BAD_INPUT', field: expect.stringContaining(field.split('/')[0] ?? ''), expected: expect.stringMatching(/\S/) });
    expect([noted(), (await look('0503'))['version']]).toEqual([[], 0]);
  });

  test('goes by the version on screen, by the right to the step, and by the log', async () => {
    await fill();
    const homes = [{ unitId: id('0503'), version: 0 }];
    expect((await landlord.ask('POST', 'filings/steps', { step: 'submit', homes })).json).toMatchObject({ code: 'STALE_VERSION' });
    expect((await landlord.ask('PUT', `units/${id('0503')}/filing`, PAPERS)).json).toMatchObject({ code: 'VERSION_NEEDED' });
    expect((await landlord.ask('POST', 'filings/decisions', { step: 'accept', homes })).json).toMatchObject({ code: 'NOT_ALLOWED' });
    expect((await officer.ask('POST', 'filings/steps', { step: 'submit', homes })).json).toMatchObject({ code: 'NOT_ALLOWED' });
    const away = [{ unitId: here.other.units['0503'], version: 0 }];
    expect((await landlord.ask('POST', 'filings/steps', { step: 'cancel', homes: away })).json).toMatchObject({ code: 'SCOPE_DENIED' });
    here.log.broken = true;
    expect((await step('submit')).status).toBe(503);
    here.log.broken = false;
    here.errors.splice(0);
    expect((await look('0503'))['state']).toBe('draft');
  });

  test('its title is sealed, and a grid worker is told the state alone', async () => {
    await fill();
    const row = await here.register.register.read.unitFiling.findFirst();
    expect(Buffer.from(row?.titleSealed ?? []).includes('2026-17')).toBe(false);
    const worker = await deskOf(here, 'GW');
    expect(await look('0503', worker)).toMatchObject({ state: 'draft', papers: null, gaps: [], steps: [] });
  });
});
