import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CredentialId, DoorId, PersonId, UnitId } from '../../gateway/core/ids.ts';
import { buildApp } from '../../gateway/http/app.ts';
import { createSite } from '../../gateway/http/site.ts';
import { type Appended, eventOf, type NewEntry, NO_PERSON } from '../../gateway/journal/entry.ts';
import { type Log, openLog } from '../../gateway/journal/log.ts';
import { stage } from '../../gateway/journal/packet.ts';
import { type JournalReader, openReader } from '../../gateway/journal/reader.ts';
import { newPlace } from '../journal/samples.ts';
import { addTenant, NOON } from '../helpers/register.ts';
import { building } from './fixture.ts';
import { enter, type Lodger, openForPeople, type ReviewWorld, reviewWorld } from './review-fixture.ts';

let memory: ReviewWorld;
let here: ReviewWorld;
let log: Log;
let reader: JournalReader;
let commits = 0;

/** What comes in one turn is one commit, as in the journal's own thread. */
function appender(): (entry: NewEntry) => Promise<Appended> {
  let waiting: { entry: NewEntry; resolve: (answer: Appended) => void }[] = [];
  function flush(): void {
    const batch = waiting;
    waiting = [];
    commits += 1;
    for (const [at, answer] of log.append(batch.map(({ entry }) => stage(entry))).entries()) batch[at]?.resolve(answer);
  }
  return (entry) =>
    new Promise((resolve) => {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ entry, resolve });
    });
}

beforeAll(async () => {
  memory = await reviewWorld();
  const place = newPlace();
  log = openLog(place);
  reader = openReader(place);
  const append = appender();
  const site = await createSite({ ...memory.site.deps, journal: reader, doorSide: { ...memory.site.deps.doorSide, append } });
  here = { ...memory, site, app: await buildApp(site) };
  const tap = ({ personId, unitId }: Lodger, ago: number) =>
    append({
      event: eventOf({ kind: 'access', granted: true, reason: 'OK', method: 'card', ...building(here), doorId: DoorId(here.building.doors['D01'] ?? 0), gatewayTime: NOON - ago }),
      person: { ...NO_PERSON, personId: PersonId(personId), unitId: UnitId(unitId), credentialId: CredentialId(7) },
    });
  for (const [n, lodger] of Object.values(here.lodgers).entries()) for (let times = 0; times <= n; times++) await tap(lodger, 3_600_000 + n * 1_000 + times);
});
afterAll(async () => {
  await here.app.close();
  reader.close();
  log.close();
  await memory.close();
});

describe('on the journal itself', () => {
  test('an officer’s review, the tenant’s receipt, the auditor’s line and the officer’s own report agree', async () => {
    const officer = await enter(here, { login: 'of-1', role: 'OF', office: '迎春派出所' });
    const li = here.lodgers['0302'];
    const id = await openForPeople(here, officer);
    const { json: counts } = await officer.ask('GET', `purposes/${id}/units`);
    expect(Object(counts['units']).map(({ unit, granted }: { unit: { room: string }; granted: number }) => [unit.room, granted])).toEqual([
      ['0201', 1],
      ['0202', 2],
      ['0203', 3],
      ['0302', 4],
      ['0503', 5],
    ]);
    const { json } = await officer.ask('GET', `purposes/${id}/entries?person=${li?.personId}`);
    expect(json).toMatchObject({ lines: [{ person: { name: '李*' } }, {}, {}, {}], next: null, today: { looks: 1 } });
    const tenant = await enter(here, { login: 'ten-1', role: 'TEN', personId: li?.personId ?? 0 });
    const { json: receipts } = await tenant.ask('GET', 'me/receipts');
    expect(receipts['receipts']).toMatchObject([{ code: 'entries-viewed', role: 'OF', office: { zh: '迎春派出所' }, purpose: { zh: '处理突发事件' } }]);
    expect(Object((await tenant.ask('GET', 'me/entries')).json['lines'])).toHaveLength(4);
    const auditor = await enter(here, { login: 'au-1', role: 'AU' });
    const { json: audits } = await auditor.ask('GET', `audits?account=${officer.accountId}`);
    expect(Object(audits['lines']).map(({ code }: { code: string }) => code)).toEqual(['entries-viewed', 'log-queried', 'counts-viewed', 'people-opened', 'purpose-opened']);
    expect((await officer.ask('GET', 'me/looks')).json['byPurpose']).toMatchObject([{ kind: 'incident', looks: 1 }]);
    const { text } = await officer.ask('POST', `purposes/${id}/export`, { note: '移送案卷材料' });
    expect(text.split('\r\n').filter((row) => /^\d+,/.test(row))).toHaveLength(15);
  });

  test('noting every person of a page costs one commit, not one each', async () => {
    const landlord = await enter(here, { login: 'll-1', role: 'LL' });
    const unitId = here.building.units['0401'] ?? 0;
    for (let n = 0; n < 6; n++) await addTenant(here.register, { unitId });
    const before = { last: reader.last(), commits };
    for (let times = 0; times < 2; times++) expect((await landlord.ask('GET', `units/${unitId}`)).status).toBe(200);
    expect([reader.last() - before.last, commits - before.commits]).toEqual([6, 1]);
  });
});
