import type { WebSocket } from '@fastify/websocket';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SESSION_OVER } from '../../gateway/http/live.ts';
import { LOCAL_OPERATOR } from '../../gateway/http/viewer.ts';
import { NOON } from '../helpers/register.ts';
import { type Browser, browser, building, signedIn, stateOf, type World, world } from './fixture.ts';

let here: World;
beforeEach(async () => {
  here = await world();
});
afterEach(() => here.close());

interface Followed {
  readonly socket: WebSocket;
  readonly messages: Record<string, unknown>[];
  readonly closed: Promise<number>;
}

async function follow(who: Browser, query = '', headers: Record<string, string> = {}): Promise<Followed> {
  const messages: Record<string, unknown>[] = [];
  let closed: Promise<number> = Promise.resolve(0);
  const socket = await here.app.injectWS(
    `/api/v1/live?${query}`,
    { headers: { host: 'localhost:8080', origin: 'http://localhost:8080', cookie: who.cookie, ...headers } },
    {
      onInit: (made) => {
        made.on('message', (data) => void messages.push(JSON.parse(String(data))));
        closed = new Promise((resolve) => made.on('close', resolve));
      },
    },
  );
  await expect.poll(() => messages.length).toBeGreaterThan(0);
  return { socket, messages, closed };
}

const grant = () => here.journal.add({ ...building(here), kind: 'access', granted: true, reason: 'OK' });
/** At noon, or so many ms after. */
const refuse = (after = 0) => here.journal.add({ ...building(here), kind: 'access', granted: false, reason: 'REVOKED', gatewayTime: NOON + after });
/** A landlord's number of the nth line he sees of a millisecond (line-numbers.ts). */
const lineOf = (after: number, nth = 0): number => (NOON + after) * 1024 + nth;
const sent = ({ messages }: Followed, t: string) => messages.filter((message) => message['t'] === t);

describe('the live feed', () => {
  test('greets, fills the gap since the last line, and then sends new lines once', async () => {
    const operator = await signedIn(here, 'SA', []);
    for (let n = 0; n < 5; n++) grant();
    const feed = await follow(operator, `building=${here.building.buildingId}&since=3`);
    expect(feed.messages[0]).toEqual({ t: 'hello', last: 5, role: 'SA' });
    await expect.poll(() => sent(feed, 'lines')).toMatchObject([{ lines: [{ index: 4 }, { index: 5 }], last: 5, gap: false }]);
    refuse();
    here.site.live.onDurable();
    here.site.live.onDurable();
    await expect.poll(() => sent(feed, 'lines')[1]).toMatchObject({ lines: [{ index: 6, code: 'REVOKED' }], last: 6 });
    expect(sent(feed, 'lines')).toHaveLength(2);
  });

  test('tells of a new checkpoint of the log whoever sees every entry, and nobody else', async () => {
    const [operator, officer, landlord] = await Promise.all([signedIn(here, 'SA', []), signedIn(here, 'OF'), signedIn(here, 'LL')]);
    const feeds = [await follow(operator), await follow(officer), await follow(landlord)];
    here.site.live.onCheckpoint(63);
    refuse();
    here.site.live.onDurable();
    for (const feed of feeds) await expect.poll(() => sent(feed, 'lines').length).toBe(1);
    expect(feeds.map((feed) => sent(feed, 'checkpoint'))).toEqual([[{ t: 'checkpoint', index: 63 }], [{ t: 'checkpoint', index: 63 }], []]);
  });

  test('says that the gap is too wide instead of sending everything', async () => {
    const operator = await signedIn(here, 'SA', []);
    for (let n = 0; n < 502; n++) grant();
    expect(sent(await follow(operator, 'since=2'), 'lines')).toMatchObject([{ gap: false, last: 502 }]);
    expect(sent(await follow(operator, 'since=1'), 'lines')).toEqual([{ t: 'lines', lines: [], last: 502, gap: true }]);
  });

  test('never gives a landlord a grant, nor a sign that there was one', async () => {
    const landlord = await signedIn(here, 'LL');
    refuse();
    grant();
    const feed = await follow(landlord, `building=${here.building.buildingId}&since=0`);
    expect(feed.messages).toMatchObject([
      { t: 'hello', last: lineOf(0) },
      { t: 'lines', lines: [{ index: lineOf(0) }], last: lineOf(0) },
    ]);
    for (let n = 0; n < 5; n++) grant();
    here.journal.add({ ...building(here), kind: 'door', what: 'exit' });
    here.site.live.onDurable();
    refuse();
    here.site.live.onDurable();
    await expect.poll(() => sent(feed, 'lines').length).toBe(2);
    expect(sent(feed, 'lines')[1]).toMatchObject({ lines: [{ index: lineOf(0, 1), code: 'REVOKED' }], last: lineOf(0, 1) });
    expect(JSON.stringify(feed.messages)).not.toMatch(/"granted":true|exit/);
    expect(feed.messages).toHaveLength(3);
  });

  test("keeps to the buildings of the viewer, and sends nothing of another's", async () => {
    const officer = await signedIn(here, 'OF', [here.other.buildingId]);
    await expect(follow(officer, `building=${here.building.buildingId}`)).rejects.toThrow(/404/);
    here.states.push(stateOf(here.building.doors['D01'] ?? 0));
    const feed = await follow(officer, 'since=0');
    grant();
    here.site.live.onDurable();
    here.site.live.onDoors();
    here.site.live.onRegister();
    here.site.live.onRegister({ buildingId: here.building.buildingId });
    here.site.live.onRegister({ buildingId: here.other.buildingId });
    await expect.poll(() => sent(feed, 'register').length).toBe(1);
    expect(feed.messages.map((message) => message['t'])).toEqual(['hello', 'register']);
  });

  test('sends the state of a door when it changes; to a landlord not the leaf and the bolt, which tell of somebody passing', async () => {
    const door = here.building.doors['D01'] ?? 0;
    here.states.push(stateOf(door));
    const [operator, landlord] = [await follow(await signedIn(here, 'SA', [])), await follow(await signedIn(here, 'LL'))];
    await expect.poll(() => sent(landlord, 'doors')).toMatchObject([{ doors: [{ doorId: door, live: { online: true, contact: 'unknown', lock: 'unknown' } }] }]);
    here.states[0] = stateOf(door, { contact: 'open', lock: 'unlocked', queued: 1 });
    here.site.live.onDoors();
    await expect.poll(() => sent(operator, 'doors')[1]).toMatchObject({ doors: [{ live: { contact: 'open', lock: 'unlocked' } }] });
    here.states[0] = stateOf(door, { online: false });
    here.site.live.onDoors();
    await expect.poll(() => sent(landlord, 'doors').length).toBe(2);
    expect(sent(landlord, 'doors')[1]).toMatchObject({ doors: [{ live: { online: false } }] });
  });

  test('needs a session and our own origin', async () => {
    const nobody = await browser(here);
    const operator = await signedIn(here, 'SA', []);
    await expect(follow(nobody)).rejects.toThrow(/401/);
    await expect(follow(operator, '', { origin: 'http://evil.example' })).rejects.toThrow(/403/);
    expect((await operator.ask('GET', 'live')).json).toMatchObject({ code: 'UPGRADE' });
  });

  test('ends with the session: at once on signing out, at the next beat when it is idle', async () => {
    const [first, second] = [await signedIn(here, 'SA', []), await signedIn(here, 'OF')];
    const [one, two] = [await follow(first), await follow(second)];
    await first.ask('DELETE', 'session');
    expect(await one.closed).toBe(SESSION_OVER);
    await here.site.live.beat();
    expect(two.socket.readyState).toBe(two.socket.OPEN);
    here.time.now += 31 * 60_000;
    await here.site.live.beat();
    expect(await two.closed).toBe(SESSION_OVER);
  });

  test('lets go of a console that is too slow to read, instead of keeping its lines', async () => {
    const calls: string[] = [];
    const viewer = LOCAL_OPERATOR;
    const socket = Object({ readyState: 1, OPEN: 1, bufferedAmount: 0, on: () => undefined, send: () => calls.push('send'), close: (code: number) => calls.push(`close ${code}`) });
    here.site.live.attach(socket, viewer, { buildingId: undefined, since: undefined, session: '', again: async () => viewer });
    socket.bufferedAmount = 1_048_577;
    grant();
    here.site.live.onDurable();
    await expect.poll(() => calls).toEqual(['send', 'close 1013']);
  });

  test('drops a console that answers no ping', async () => {
    const feed = await follow(await signedIn(here, 'SA', []));
    feed.socket.pong = () => undefined;
    await here.site.live.beat();
    await here.site.live.beat();
    expect(await feed.closed).toBe(1006);
  });
});
