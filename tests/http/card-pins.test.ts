import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAccessIndex } from '../../gateway/core/access-index.ts';
import { ControllerId, DoorId } from '../../gateway/core/ids.ts';
import { createPinTries } from '../../gateway/core/pin-tries.ts';
import { openIndexSource } from '../../gateway/store/index-source.ts';
import { type UnlockPath, unlock } from '../../gateway/unlock.ts';
import { ROW_FLAGS } from '../../gateway/wire/mqtt/list.ts';
import { codeReading, duressOf } from '../../gateway/wire/mqtt/pin.ts';
import { addCard, addTenant, NOON } from '../helpers/register.ts';
import { memoryJournal } from '../helpers/memory-journal.ts';
import { type Browser, signedIn, type World, world } from './fixture.ts';
import { deskOf, ifMatch } from './rights-people.ts';

let here: World;
let landlord: Browser;
let personId: number;
let card: number;
let hex: string;
beforeAll(async () => {
  here = await world();
  landlord = await signedIn(here, 'LL');
  ({ personId } = await addTenant(here.register, { unitId: here.building.units['0503'] ?? 0 }));
});
afterAll(() => here.close());

let cards = 0;
beforeEach(async () => {
  cards += 1;
  hex = `0A0B0C${String(cards).padStart(2, '0')}`;
  card = await addCard(here.register, { personId, hex });
});

const set = (body: object = {}, who = landlord, id = card) => who.ask('POST', `credentials/${id}/pin`, body);
const door = (tail: string): number => here.building.doors[tail] ?? 0;
const words = (what: string) => here.journal.entries.filter(({ event }) => event.what === what).map(({ person }) => person.words);

/** What the doors make of it: the index as the register fills it, and the unlock path. */
async function atDoor(digits: string, method: 'card' | 'pin', tail = 'D01'): Promise<string> {
  const index = createAccessIndex();
  const source = openIndexSource(here.register.file);
  source.load(index);
  source.close();
  const { vault } = here.register.register;
  const path: UnlockPath = {
    ...{ index, journal: memoryJournal(), fingerprint: (reading) => vault.fingerprint(reading), now: () => NOON, alarm: () => undefined, lockdownEnded: () => undefined },
    tries: createPinTries(),
  };
  const read = method === 'card' ? { credential: { bits: 32, hex }, pin: digits } : { credential: codeReading(digits) };
  const key = { controllerId: ControllerId(1), instance: '00000000000000aa', boot: 1, seq: 1 };
  const { reason } = await unlock(path, { key, doorId: DoorId(door(tail)), method, ...read, deviceTime: NOON, ageMs: 0, budgetMs: 400, list: '' });
  return reason;
}

/** The street door takes card and PIN all day. */
async function pinHours(): Promise<Record<string, unknown>> {
  const days = Array.from({ length: 8 }, () => ['00:00–24:00']);
  await landlord.ask('POST', `buildings/${here.building.buildingId}/schedules`, { name: '全天', days });
  const seen = await landlord.ask('GET', `doors/${door('D01')}/rules`);
  const rules: object = Object(seen.json['rules']);
  const saved = await landlord.ask('PUT', `doors/${door('D01')}/rules`, { ...rules, pinSchedule: 1 }, ifMatch(seen));
  return { seen: seen.json['withoutPin'], saved: saved.json };
}

describe('the PIN of a card', () => {
  test('is made, shown this once, opens with the card where both are asked for, and travels with the list', async () => {
    const { seen, saved } = await pinHours();
    expect(seen).toBe(1);
    expect(saved).toMatchObject({ rules: { pinSchedule: 1 }, withoutPin: 1 });
    expect(words('door-rules').at(-1)).toContain('pin=1');
    expect(await atDoor('', 'card')).toBe('PIN_NEEDED');
    const once = { 'idempotency-key': 'pin-once' };
    const { status, json } = await landlord.ask('POST', `credentials/${card}/pin`, {}, once);
    const pin = String(json['pin']);
    expect((await landlord.ask('POST', `credentials/${card}/pin`, {}, once)).json['code']).toBe('DONE_ALREADY');
    expect([status, pin]).toEqual([200, expect.stringMatching(/^\d{6}$/)]);
    expect((await landlord.ask('GET', `doors/${door('D01')}/rules`)).json).toMatchObject({ withoutPin: 0 });
    expect([await atDoor(pin, 'card'), await atDoor(duressOf(pin), 'card'), await atDoor('1357', 'card')]).toEqual(['OK', 'OK', 'PIN_WRONG']);
    const source = openIndexSource(here.register.file);
    const [row] = source.listRows(ControllerId(here.building.controllers['yc42-d01'] ?? 0), NOON).filter(({ credentialId }) => credentialId === card);
    source.close();
    expect(row).toMatchObject({ flags: ROW_FLAGS.pin, pin: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(words('card-pin-set').at(-1)).toBe(`card=${card}`);
    expect(JSON.stringify(here.journal.entries)).not.toContain(pin);
    const stored = await here.register.register.read.idempotentAnswer.findMany({ where: { key: 'pin-once' } });
    expect(stored.map(({ bodySealed }) => bodySealed)).toEqual([null]);
  });

  test('may be chosen by its holder, but not one that a thief tries first', async () => {
    expect((await set({ pin: '9173' })).json).toEqual({ pin: '9173' });
    expect(await atDoor('9173', 'card')).toBe('OK');
    for (const pin of ['1234', '0000', '19870412']) expect((await set({ pin })).json, pin).toMatchObject({ code: 'WEAK_PIN', field: 'pin' });
    for (const pin of ['123', '123456789', '12a4']) expect((await set({ pin })).json, pin).toMatchObject({ code: 'BAD_INPUT', field: 'pin' });
    expect(await atDoor('9173', 'card'), 'what was refused changed nothing').toBe('OK');
  });

  test('a new one takes its place; taken away, the card alone is as before', async () => {
    await set({ pin: '9173' });
    await set({ pin: '2468' });
    expect([await atDoor('9173', 'card'), await atDoor('2468', 'card')]).toEqual(['PIN_WRONG', 'OK']);
    expect((await landlord.ask('DELETE', `credentials/${card}/pin`)).json).toEqual({ dropped: true });
    expect([await atDoor('2468', 'card'), await atDoor('', 'card', 'D02')]).toEqual(['PIN_NEEDED', 'OK']);
    expect(words('card-pin-dropped').at(-1)).toBe(`card=${card}`);
  });

  test('is for cards that work, by who has the card, and not without the log', async () => {
    for (const role of ['SA', 'OF', 'BL', 'GW'] as const) expect((await set({}, await deskOf(here, role))).json['code'], role).toBe('NOT_ALLOWED');
    await here.register.register.write((db) => db.credential.update({ where: { id: card }, data: { status: 'revoked' } }));
    expect((await set()).json['code']).toBe('CARD_STOPPED');
    await here.register.register.write((db) => db.credential.update({ where: { id: card }, data: { status: 'active' } }));
    here.log.broken = true;
    expect((await set()).status).toBe(503);
    here.log.broken = false;
    const { pinVerifier } = await here.register.register.read.credential.findUniqueOrThrow({ where: { id: card } });
    expect(pinVerifier).toBeNull();
  });
});

describe('a code', () => {
  const give = (id = card) => landlord.ask('POST', `credentials/${id}/code`, {});

  test('opens without a card, as its holder; not where card and PIN are asked for; and is stopped like a card', async () => {
    const { json } = await give();
    const code = String(json['code']);
    expect(code).toMatch(/^\d{6}$/);
    expect([await atDoor(code, 'pin', 'D02'), await atDoor(duressOf(code), 'pin', 'D02'), await atDoor(code, 'pin', 'D03')]).toEqual(['OK', 'OK', 'WRONG_DOOR']);
    expect(await atDoor(code, 'pin')).toBe('PIN_NEEDED');
    const source = openIndexSource(here.register.file);
    const rows = source.listRows(ControllerId(here.building.controllers['yc42-d02'] ?? 0), NOON).map(({ credentialId }) => credentialId);
    source.close();
    expect(rows).toContain(card);
    expect(rows, 'no list carries it').not.toContain(json['credentialId']);
    expect((await landlord.ask('POST', `credentials/${json['credentialId']}/stop`, { reason: 'returned' })).status).toBe(200);
    expect(await atDoor(code, 'pin', 'D02')).toBe('REVOKED');
    expect(words('code-issued').at(-1)).toBe(`card=${card}`);
  });

  test('is not the neighbour of another, and has no PIN of its own', async () => {
    const codes = await Promise.all(Array.from({ length: 12 }, async () => (await give()).json));
    const digits = codes.map(({ code }) => String(code));
    expect(new Set([...digits, ...digits.map(duressOf)]).size).toBe(24);
    expect((await set({}, landlord, Number(codes[0]?.['credentialId']))).json['code']).toBe('NOT_FOUND');
  });

  test('is no key by which a landlord could take the only card', async () => {
    const { personId: alone } = await addTenant(here.register, { unitId: here.building.units['0302'] ?? 0 });
    const only = await addCard(here.register, { personId: alone, hex: 'DD00DD00' });
    expect((await give(only)).status).toBe(200);
    expect((await landlord.ask('POST', `credentials/${only}/stop`, { reason: 'misused' })).json['code']).toBe('TENANT_IN_RESIDENCE');
  });

  test('is for a person: a stock card has none', async () => {
    const stock = await here.register.register.write((db) =>
      db.credential.create({ data: { fingerprint: new Uint8Array(12), valueSealed: new Uint8Array(1), tail: '', buildingId: here.building.buildingId, createdAt: 0n } }),
    );
    expect((await give(stock.id)).json['code']).toBe('CARD_OF_NOBODY');
  });
});
