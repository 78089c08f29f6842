import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enter, openForPeople, type ReviewWorld, reviewWorld, tap } from './review-fixture.ts';

let here: ReviewWorld;

beforeAll(async () => {
  here = await reviewWorld();
});
afterAll(() => here.close());

/** Persons whose masked name is in these bytes; every surname of the fixture is there once. */
const shownIn = (text: string): number[] => [...Object.values(here.lodgers), here.stranger].filter(({ masked }) => text.includes(masked)).map(({ personId }) => personId);

describe('whoever looks is seen', () => {
  test('in any walk of requests, each person named to somebody was noted for him before', async () => {
    const officer = await enter(here, { login: 'w-of', role: 'OF' });
    const who = {
      OF: officer,
      CL: await enter(here, { login: 'w-cl', role: 'CL' }),
      GW: await enter(here, { login: 'w-gw', role: 'GW' }),
      AU: await enter(here, { login: 'w-au', role: 'AU' }),
      PO: await enter(here, { login: 'w-po', role: 'PO' }),
      SA: await enter(here, { login: 'w-sa', role: 'SA' }),
      DA: await enter(here, { login: 'w-da', role: 'DA' }),
      BL: await enter(here, { login: 'w-bl', role: 'BL' }),
    };
    const rooms = Object.values(here.lodgers);
    for (const lodger of [...rooms, here.stranger]) tap(here, lodger);
    const id = await openForPeople(here, officer);
    const { buildingId: _, ...wish } = here.wish;
    const request = await who.PO.ask('POST', 'purposes', { ...wish, purpose: 'request' });
    await who.PO.ask('POST', `purposes/${request.json['id']}/people`, { reason: '本人申请查阅' });
    /** Who may do it, for most of the steps; the rest are anybody's tries. */
    const by: (readonly (keyof typeof who)[])[] = [
      ['OF', 'CL', 'GW'],
      ['CL'],
      ['OF'],
      ['OF'],
      ['PO'],
      ['OF'],
      ['OF'],
      ['PO'],
      ['CL'],
      ['OF'],
      ['AU', 'PO', 'SA'],
      ['OF', 'CL'],
      ['OF'],
      ['OF'],
      ['OF', 'CL', 'GW'],
      ['GW', 'OF'],
      ['OF', 'GW', 'CL'],
      ['CL', 'GW', 'DA'],
    ];
    const steps: ((n: number) => readonly ['GET' | 'POST', string, object?])[] = [
      (n) => ['GET', `units/${rooms[n % rooms.length]?.unitId}`],
      () => ['GET', `units/${here.stranger.unitId}`],
      (n) => ['GET', `purposes/${id}/entries?limit=${(n % 6) + 1}`],
      (n) => ['GET', `purposes/${id}/entries?unit=${rooms[n % rooms.length]?.unitId}`],
      (n) => ['GET', `purposes/${request.json['id']}/entries?person=${rooms[n % rooms.length]?.personId}`],
      () => ['GET', `purposes/${id}/units`],
      (n) => ['POST', 'people/search', { q: ['0001', '0118', '李小明'][n % 3], purpose: id }],
      (n) => ['POST', 'people/search', { q: ['0001', '吴边'][n % 2], purpose: request.json['id'] }],
      () => ['POST', 'people/search', { q: '0001' }],
      (n) => ['POST', `purposes/${id}/export`, { note: '移送案卷材料', door: here.building.doors['D01'], unit: rooms[n % rooms.length]?.unitId }],
      (n) => ['GET', `audits?limit=${(n % 9) + 1}`],
      () => ['GET', 'me/looks'],
      () => ['GET', 'entries'],
      () => ['GET', `buildings/${here.building.buildingId}`],
      (n) => ['GET', `roster?limit=${(n % 5) + 1}&sort=${['room', 'due'][n % 2]}`],
      (n) => ['GET', `units/${rooms[n % rooms.length]?.unitId}/sheet`],
      (n) => ['POST', `units/${rooms[n % rooms.length]?.unitId}/sheet/print`, { why: 'visit' }],
      () => ['POST', 'roster/export', { form: 'csv', note: '季度核对材料' }],
    ];
    const step = fc.tuple(fc.constantFrom(...Object.values(who)), fc.nat(steps.length - 1), fc.nat(60), fc.nat(400_000));
    const before = here.time.now;
    let named = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 20 }), async (walk) => {
        await here.register.register.write((db) => db.dailyLooks.deleteMany({}));
        here.time.now = before;
        for (const [anybody, which, n, later] of walk) {
          const fitting = by[which]?.[n % (by[which]?.length ?? 1)];
          const browser = n % 4 === 0 || fitting === undefined ? anybody : who[fitting];
          here.time.now = Math.min(before + 9 * 60_000, here.time.now + (later % 60_000));
          const [method, url, body] = steps[which]?.(n) ?? (['GET', 'session'] as const);
          const { text, status } = await browser.ask(method, url, body);
          const people = shownIn(text);
          named += people.length;
          const since = here.time.now - 5 * 60_000;
          const seen = new Set(
            here.journal.entries
              .filter(({ event, person }) => event.kind === 'audit' && event.gatewayTime > since && person.accountId === browser.accountId)
              .map(({ person }) => person.personId as number),
          );
          if (status !== 200) expect(people).toEqual([]);
          expect(
            people.filter((personId) => !seen.has(personId)),
            `${method} ${url}`,
          ).toEqual([]);
        }
      }),
      { numRuns: 15, endOnFailure: true },
    );
    expect(named).toBeGreaterThan(30);
  }, 120_000);
});
