import { afterAll, beforeAll, expect, test } from 'vitest';
import { entrySentence } from '../../gateway/http/words.ts';
import { eventOf } from '../../gateway/journal/entry.ts';
import { type Answer, type Browser, type World, world } from './fixture.ts';
import { deskOf } from './rights-people.ts';

let here: World;
let landlord: Browser;
let operator: Browser;
beforeAll(async () => {
  here = await world();
  landlord = await deskOf(here, 'LL');
  operator = await deskOf(here, 'SA');
});
afterAll(() => here.close());

const at = (door: string): string => `doors/${here.building.doors[door] ?? 0}`;
const tell = (who: Browser, door: string, what: string): Promise<Answer> => who.ask('POST', `${at(door)}/commands`, { what });
const last = (): unknown => here.commands.at(-1)?.command;

test('a door opens for as long as asked, and for its usual time when nothing is said', async () => {
  for (const [body, openMs] of [
    [{ seconds: 30 }, 30_000],
    [{ seconds: 3 }, 3000],
    [{ seconds: 600 }, 600_000],
    [{}, 5000],
    [undefined, 5000],
  ] as const) {
    expect((await landlord.ask('POST', `${at('D01')}/unlock`, body)).json).toEqual({ result: 'done' });
    expect(last()).toEqual({ what: 'unlock', openMs });
  }
  const given = here.commands.length;
  for (const seconds of [2, 601, 0, 4.5, '30'])
    expect((await landlord.ask('POST', `${at('D01')}/unlock`, { seconds })).json, String(seconds)).toMatchObject({ code: 'BAD_INPUT', field: 'seconds' });
  expect(here.commands).toHaveLength(given);
});

test('a landlord locks and identifies shared doors of his building, and restarts nothing; the operator does all of it', async () => {
  for (const what of ['lock', 'identify'] as const) {
    expect((await tell(landlord, 'D01', what)).json).toEqual({ result: 'done' });
    expect(last()).toEqual({ what, openMs: 0 });
  }
  const given = here.commands.length;
  expect((await tell(landlord, 'D01', 'restart')).json).toMatchObject({ code: 'NOT_ALLOWED' });
  for (const what of ['lock', 'identify', 'restart']) expect((await tell(landlord, 'D03', what)).json, what).toMatchObject({ code: 'NOT_ALLOWED' });
  expect((await landlord.ask('POST', `doors/${here.other.doors['D01'] ?? 0}/commands`, { what: 'lock' })).status).toBe(404);
  expect((await tell(operator, 'D01', 'open')).json).toMatchObject({ code: 'BAD_INPUT', field: 'what' });
  expect(here.commands).toHaveLength(given);
  for (const what of ['lock', 'identify', 'restart']) expect((await tell(operator, 'D03', what)).status, what).toBe(200);
});

test('the landlord of a single home gives the shared doors no orders', async () => {
  const { accounts } = here.site.deps;
  const home = { place: 'unit', placeId: here.building.units['0503'] ?? 0, fromAt: 0, untilAt: null } as const;
  await accounts.create({ login: 'one-home', passwordHash: 'unused', role: 'LL', displayName: 'x', assignments: [home] }, here.time.now);
  expect((await tell(await deskOf(here, 'LL', { name: 'one-home' }), 'D01', 'lock')).json).toMatchObject({ code: 'NOT_ALLOWED' });
});

test('every end of every order has a sentence of its own, and what came too late says that nothing is kept', () => {
  const words = (what: string) => entrySentence(eventOf({ kind: 'command', what, gatewayTime: 1 }));
  for (const what of ['unlock', 'lock', 'identify', 'restart']) {
    const ends = ['', '-done', '-refused', '-expired', '-offline'].map((end) => words(`${what}${end}`));
    expect(new Set(ends.map(({ zh }) => zh)).size, what).toBe(5);
    for (const end of ends) expect(end.en, what).not.toBe('Somebody sent the door an order.');
    for (const end of ends.slice(3)) expect(end.en, what).toMatch(/later/);
  }
});
