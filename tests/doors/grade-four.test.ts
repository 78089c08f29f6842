import { beforeEach, expect, test } from 'vitest';
import { createAccessIndex } from '../../gateway/core/access-index.ts';
import { BuildingId, ControllerId, CredentialId, DoorId, PersonId, TenancyId, UnitId } from '../../gateway/core/ids.ts';
import { createPinTries } from '../../gateway/core/pin-tries.ts';
import { createDoorSide } from '../../gateway/door-side.ts';
import { createDevice, type Device, type LinkContext } from '../../gateway/doors/device.ts';
import { onEvent } from '../../gateway/doors/events.ts';
import { join, leave, onState } from '../../gateway/doors/presence.ts';
import { onRequest } from '../../gateway/doors/requests.ts';
import { canonicalReading } from '../../gateway/wire/mqtt/list.ts';
import { decode, encode, type Message } from '../../gateway/wire/mqtt/messages.ts';
import { duressOf, pinVerifier } from '../../gateway/wire/mqtt/pin.ts';
import type { UpTail } from '../../gateway/wire/mqtt/topics.ts';
import { ackOf, CARD, giveList, NONCE, online, published, type Rig, row, START, wantOf } from '../firmware-sim/rig.ts';
import { settings } from '../helpers/lists.ts';
import { memoryJournal } from '../helpers/memory-journal.ts';
import { record } from './harness.ts';

/**
 * What EN 60839-11-1 asks a system of grade 4 to log: one
 * test for each, from what happens at the door, over the bytes on the wire, to the entry in the log.
 */
const NOW = Date.UTC(2026, 10, 22, 4);
const PIN = '2468';
const [HOME, DEVICE_DOOR] = [BuildingId(1), DoorId(101)];
const cards = {
  tenant: CARD,
  expired: { w: 32, x: '0BADF00D' },
  stranger: { w: 32, x: 'DEADBEEF' },
} as const;
const print = ({ bits, hex }: { bits: number; hex: string }): Uint8Array => Uint8Array.from(Buffer.from(`${bits}:${hex}`.padEnd(12).slice(-12)));
const printOf = ({ w, x }: { w: number; x: string }): Uint8Array => print({ bits: w, hex: x });

let device: Rig;
let gate: Device;
let context: LinkContext;
let journal: ReturnType<typeof memoryJournal>;
let index: ReturnType<typeof createAccessIndex>;

const connection = { deviceId: 'yc42-d01', site: 'yc42', send: () => undefined, drop: () => undefined };
const bytes = <T extends UpTail>(tail: T, body: Message<T>): Message<T> => decode(tail, encode(tail, body));

beforeEach(async () => {
  index = createAccessIndex();
  index.putBuilding(HOME, null);
  index.putDoor({ id: DEVICE_DOOR, buildingId: HOME, unitId: 0, openMs: 5000, lockdownUntil: 0, passbackMs: 0, passbackHard: false });
  index.putPerson({ id: PersonId(5), registered: true, slow: false });
  index.putTenancy(TenancyId(9), [
    { personId: PersonId(5), tenancyId: TenancyId(9), unitId: UnitId(2), buildingId: HOME, from: 1000, accessUntil: 0, termEnd: 0, registrationDue: 0 },
  ]);
  const held = { status: 'active', validFrom: 0, validUntil: 0, personId: PersonId(5) } as const;
  const verifier = await pinVerifier(PIN, canonicalReading(CARD) ?? Buffer.alloc(0));
  index.putCredential({ ...held, id: CredentialId(7), fingerprint: printOf(cards.tenant), verifier });
  index.putCredential({ ...held, id: CredentialId(8), fingerprint: printOf(cards.expired), validUntil: NOW - 1 });
  journal = memoryJournal();
  const side = createDoorSide({
    ...{ index, journal, fingerprint: print, now: () => NOW, alarm: () => undefined, lockdownEnded: () => undefined, tries: createPinTries() },
    ...{ doorOf: () => DEVICE_DOOR, onState: () => undefined },
  });
  device = online();
  gate = createDevice(record(1), NOW);
  context = {
    ...{ side, now: () => NOW, uptime: () => 0, calendar: { holidays: new Set(), makeUpDays: new Set() }, random: (count) => Buffer.alloc(count) },
    log: { info: () => undefined, warn: () => undefined, error: (fields) => expect.fail(JSON.stringify(fields)) },
    send: (_device, tail, message) => {
      if (tail === 'res') device.say({ tail: 'res', body: decode('res', encode(tail, message)) });
      return true;
    },
    sendPiece: () => true,
    refuse: (_device, why) => expect.fail(why),
    note: (_device, what, why) => void side.link({ controllerId: ControllerId(1), what, why, key: undefined }),
    announce: () => undefined,
  };
  join(context, gate, connection);
  await pump();
});

/** Hands over what the device published, as the broker would. */
async function pump(): Promise<void> {
  for (let out = device.out.splice(0); out.length > 0; out = device.out.splice(0)) {
    for (const state of published(out, 'state')) onState(context, gate, bytes('state', state));
    for (const request of published(out, 'req')) await onRequest(context, gate, bytes('req', request));
    for (const event of published(out, 'evt')) {
      await onEvent(context, gate, bytes('evt', event));
      device.say(ackOf(event));
    }
  }
}

const lines = (): string[] => journal.entries.map(({ event, person }) => [event.kind, event.what ?? event.reason ?? '', person.words].filter(Boolean).join(' '));

async function after(happens: () => void): Promise<string[]> {
  const before = journal.entries.length;
  happens();
  await pump();
  return lines().slice(before);
}

/** PIN hours all day, in the list and in the register. */
async function withPins(): Promise<void> {
  const plan = Array.from({ length: 8 }, () => [[0, 1440] as const]);
  index.putSchedule(4, plan);
  index.putDoor({ id: DEVICE_DOOR, buildingId: HOME, unitId: 0, openMs: 5000, lockdownUntil: 0, passbackMs: 0, passbackHard: false, pinScheduleId: 4 });
  device.say({ tail: 'time', body: { v: 1, no: NONCE, t: START } });
  device.say(wantOf([], { e: 1, n: 1 }, { doors: [settings({ p: 4 }), settings()], sched: [{ s: 4, w: plan }] }));
  await pump();
}

const type = (digits: string): void => {
  device.tap();
  for (const key of `${digits}#`) device.do({ t: 'key', door: 1, key });
};

test('duress', async () => {
  await withPins();
  expect(await after(() => type(duressOf(PIN)))).toEqual(expect.arrayContaining(['access OK', 'door duress']));
});

test('an expired token', async () => {
  expect(await after(() => device.tap(cards.expired))).toContain('access EXPIRED');
});

test('a wrong PIN, and five of them in a row', async () => {
  await withPins();
  expect(await after(() => type('1357'))).toContain('access PIN_WRONG');
  for (const digits of ['1111', '2222', '3333']) await after(() => type(digits));
  expect(await after(() => type('4444'))).toContain('door pin-tries');
});

test('no entry after a grant', async () => {
  await after(() => device.tap());
  expect(await after(() => device.run(60_000))).toEqual([expect.stringMatching(/^outcome .*unopened/)]);
});

test('a denial', async () => {
  expect(await after(() => device.tap(cards.stranger))).toContain('access UNKNOWN_CREDENTIAL');
});

test.each([
  ['the mains lost, and back', { t: 'mains', on: false }, { t: 'mains', on: true }, ['power-lost', 'power-back']],
  ['a fault of the standby battery, and its end', { t: 'battery', low: true }, { t: 'battery', low: false }, ['battery-low', 'battery-back']],
  ['tamper, and its end', { t: 'tamper', on: true }, { t: 'tamper', on: false }, ['tamper', 'tamper-end']],
  ['a forced door, and its closing', { t: 'contact', door: 1, contact: 'open' }, { t: 'contact', door: 1, contact: 'closed' }, ['forced', 'closed']],
  ['a reader that does not answer, and does again', { t: 'reader', door: 1, ok: false }, { t: 'reader', door: 1, ok: true }, ['reader-lost', 'reader-back']],
  ['the fire input, and its end', { t: 'fire', on: true }, { t: 'fire', on: false }, ['fire', 'fire-end']],
] as const)('%s', async (_, begins, ends, words) => {
  expect(await after(() => device.do(begins))).toContain(`door ${words[0]}`);
  expect(await after(() => device.do(ends))).toContain(`door ${words[1]}`);
});

test('a door held open', async () => {
  device.do({ t: 'exit', door: 1 });
  device.do({ t: 'contact', door: 1, contact: 'open' });
  expect(await after(() => device.run(60_000))).toContain('door held');
});

test('settings that were changed', async () => {
  giveList(device, [row(CARD)]);
  expect(await after(() => device.say(wantOf([row(CARD)], { e: 1, n: 2 }, { doors: [settings({ h: 5000 }), settings()] })))).toContain('door settings');
});

test('a link that is lost, and is back', async () => {
  expect(await after(() => leave(context, gate, connection))).toEqual(['link offline disconnected']);
  expect(
    await after(() => {
      join(context, gate, connection);
      device.do({ t: 'disconnected' });
      device.do({ t: 'connected', nonce: NONCE });
    }),
  ).toContain('link online connected');
});
