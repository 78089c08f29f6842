import { afterEach, beforeEach, expect, test } from 'vitest';
import { createAccessIndex } from '../../gateway/core/access-index.ts';
import { decide } from '../../gateway/core/decide.ts';
import { ControllerId, DoorId } from '../../gateway/core/ids.ts';
import { addDays, dateAt } from '../../gateway/core/local-date.ts';
import { addOccupant } from '../../gateway/register/add-occupant.ts';
import { beginTenancy } from '../../gateway/register/begin-tenancy.ts';
import { cardFound } from '../../gateway/register/card-found.ts';
import { CardRefused } from '../../gateway/register/card-refused.ts';
import { extendTenancy, undoExtension } from '../../gateway/register/extend-tenancy.ts';
import { giveCard } from '../../gateway/register/give-card.ts';
import { moveOut, takeMoveOutBack } from '../../gateway/register/move-out.ts';
import { decideMoveOut, objectToMoveOut } from '../../gateway/register/objection.ts';
import { createRevoke, createTakeBack } from '../../gateway/register/revocations.ts';
import { RuleRefused } from '../../gateway/register/rule-refused.ts';
import { stopCredential } from '../../gateway/register/stop-credential.ts';
import { applyChange, openIndexSource } from '../../gateway/store/index-source.ts';
import { FakeJournal } from '../helpers/fake-journal.ts';
import { addBuilding, DAY, NOON, temporaryRegister, type TestBuilding, type TestRegister } from '../helpers/register.ts';

/** Accepted changes; DOORBOOK_CHANGES asks for more, 10,000 take a few minutes. */
const CHANGES = Number(process.env['DOORBOOK_CHANGES'] ?? 600);
const COMPARED_EVERY = 60;

let here: TestRegister;
let house: TestBuilding;
let now: number;
beforeEach(async () => {
  here = await temporaryRegister();
  house = await addBuilding(here);
  now = NOON;
});
afterEach(() => here.close());

/** Numbers as a generator of the same seed always gives them (mulberry32). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const hexOf = (n: number): string => (0x10203000 + n).toString(16).toUpperCase();
const newcomer = (n: number) => ({
  role: 'tenant' as const,
  relation: '' as const,
  name: `住户${n}`,
  phone: '',
  documentType: '414',
  documentNumber: `X${1_000_000 + n}`,
  checked: true,
  cards: [hexOf(n)],
});

const journal = new FakeJournal();
const port = { append: async (entry: Parameters<FakeJournal['store']>[0]) => ({ index: journal.store(entry), duplicate: false as const }) };
const standing = () => ({ seen: true, holds: 'list' as const, latestAt: now + DAY });
const revoke = createRevoke(port, () => now);
const note = async (words: string): Promise<string> => words;
const by = () => ({ accountId: 7, now, standing, revoke, takeBack: createTakeBack(port, () => now), note });

/** Who opens which door, worked out from the rows alone: `card@door`, the card by its row. */
async function naive(): Promise<{ readonly open: Set<string>; readonly over: Set<number> }> {
  const { read } = here.register;
  const stays = await read.occupant.findMany({ include: { tenancy: { include: { unit: true } }, person: { include: { credentials: true } } } });
  const doors = await read.door.findMany();
  const [open, over] = [new Set<string>(), new Set<number>()];
  for (const { fromAt, untilAt, tenancy, person } of stays) {
    if (tenancy.accessUntil !== null && tenancy.accessUntil <= now) over.add(tenancy.id);
    const runs = tenancy.startAt <= now && fromAt <= now && !over.has(tenancy.id) && (untilAt === null || untilAt > now);
    if (!runs || person.documentCheckedBy === '') continue;
    const own = doors.filter(({ unitId, buildingId }) => buildingId === tenancy.unit.buildingId && (unitId === null || unitId === tenancy.unitId));
    const cards = person.credentials.filter(({ status, validUntil }) => status === 'active' && (validUntil === null || validUntil > now));
    for (const { id } of cards) for (const door of own) open.add(`${id}@${door.id}`);
  }
  return { open, over };
}

/** Everything a landlord, a tenant or a clerk does to who may enter, one after another and each at random. */
function changer(random: (below: number) => number): { change(): Promise<unknown>; readonly cards: () => number } {
  let cards = 0;
  const rooms = Object.values(house.units);
  const another = (): number => {
    cards += 1;
    return cards;
  };
  /** A row of a table, by its place: far quicker than reading them all. */
  const { read } = here.register;
  const anyTenancy = async () => read.tenancy.findFirst({ orderBy: { id: 'asc' }, skip: random((await read.tenancy.count()) + 1), include: { occupants: true } });
  const lateMoveOut = async () => (await read.moveOut.findMany({ orderBy: { id: 'desc' }, take: 4, include: { tenancy: { include: { occupants: true } } } }))[random(4)];

  async function cardChange(tenancyId: number, personId: number): Promise<unknown> {
    const kind = random(3);
    if (kind === 0) {
      const what = random(3) === 0 ? ({ kind: 'carer', lastDay: addDays(dateAt(now), random(5)) } as const) : ({ kind: 'spare', lastDay: undefined } as const);
      return giveCard(here.register, { tenancyId, personId, number: hexOf(another()), ...what, now }, note);
    }
    if (kind === 1) {
      const [card] = await read.credential.findMany({ where: { personId, status: 'active' }, take: 1 });
      return (
        card && stopCredential(here.register, { credentialId: card.id, reason: random(3) === 0 ? 'misused' : 'lost', accountId: 7, keepsOnlyKey: true, now, standing, revoke })
      );
    }
    const stop = await read.cardStop.findFirst({ where: { credentialId: { not: 0 } }, orderBy: { id: 'desc' }, skip: random(3) });
    return stop && cardFound(here.register, { stopId: stop.id, now, note });
  }

  async function change(): Promise<unknown> {
    const tenancy = await anyTenancy();
    const who = tenancy?.occupants[random(3)]?.personId;
    const kind = random(13);
    if (kind <= 2 || tenancy === null) {
      const wish = { unitId: rooms[random(rooms.length)] ?? 0, within: undefined, now, kind: 'rent' as const, endMinute: 720, share: random(3) === 0 };
      return beginTenancy(here.register, { ...wish, firstDay: dateAt(now + random(3) * DAY), lastDay: dateAt(now + 40 * DAY), people: [newcomer(another())] }, note);
    }
    if (kind <= 4) {
      const person = newcomer(random(2) === 0 ? another() : 1 + random(cards));
      return addOccupant(here.register, { tenancyId: tenancy.id, firstDay: dateAt(now), within: undefined, now, person }, note);
    }
    if (kind === 5) {
      const was = { id: tenancy.id, termEnd: Number(tenancy.termEnd), accessUntil: tenancy.accessUntil === null ? null : Number(tenancy.accessUntil), endedBy: tenancy.endedBy };
      await extendTenancy(here.register, was, by());
      return random(2) === 0 ? undoExtension(here.register, tenancy.id, by()) : undefined;
    }
    if (kind <= 7) {
      const day = random(2) === 0 ? dateAt(now + random(2) * DAY) : undefined;
      return moveOut(here.register, { ...by(), tenancyId: tenancy.id, personId: who ?? null, day, own: random(4) === 0 });
    }
    if (kind >= 10) return cardChange(tenancy.id, who ?? tenancy.occupants[0]?.personId ?? 0);
    const moved = await lateMoveOut();
    if (moved === undefined) return undefined;
    if (kind === 8)
      return random(2) === 0 ? takeMoveOutBack(here.register, moved.id, by()) : decideMoveOut(here.register, moved.id, { ...by(), ends: random(2) === 0, basis: 'x' });
    return objectToMoveOut(here.register, moved.id, { ...by(), personId: moved.personId ?? moved.tenancy.occupants[0]?.personId ?? 0 });
  }
  return { change, cards: () => cards };
}

test('after any changes the access index and the list of every door are what the rows say, and nobody enters by a tenancy that is over', async () => {
  const random = randomFrom(20261124);
  const source = openIndexSource(here.file);
  const index = createAccessIndex();
  let n = source.load(index);
  const { change, cards } = changer(random);
  const done = { changes: 0, refused: 0, opens: 0 };
  const { vault, read } = here.register;

  async function compare(): Promise<void> {
    const { changes, n: upTo } = source.changesSince(n, 100_000);
    for (const each of changes) applyChange(index, each);
    n = upTo;
    const { open: expected, over } = await naive();
    const rows = new Map(
      (await read.credential.findMany({ select: { id: true, fingerprint: true } })).map(({ id, fingerprint }) => [Buffer.from(fingerprint).toString('hex'), id]),
    );
    const open = new Set<string>();
    for (let card = 1; card <= cards(); card += 1) {
      const fingerprint = vault.fingerprint({ bits: 32, hex: hexOf(card) });
      for (const door of Object.values(house.doors)) {
        const verdict = decide(index.facts(DoorId(door), fingerprint), now);
        if (!verdict.granted) continue;
        open.add(`${rows.get(Buffer.from(fingerprint).toString('hex'))}@${door}`);
        expect(over.has(Number(verdict.occupancy?.tenancyId))).toBe(false);
      }
    }
    expect([...open].sort()).toEqual([...expected].sort());
    const listed = Object.entries(house.controllers).flatMap(([device, id]) =>
      source.listRows(ControllerId(id), now).map(({ credentialId }) => `${credentialId}@${house.doors[device.slice(-3).toUpperCase()]}`),
    );
    expect([...new Set(listed)].sort()).toEqual([...expected].sort());
    done.opens += open.size;
  }

  while (done.changes < CHANGES) {
    const accepted = await change().then(
      () => true,
      (error: unknown) => {
        if (error instanceof RuleRefused || error instanceof CardRefused) return false;
        throw error;
      },
    );
    done[accepted ? 'changes' : 'refused'] += 1;
    // Whole seconds: the index keeps no finer times.
    now += random(3) === 0 ? random(36) * 3_600_000 : 1000;
    if (accepted && done.changes % COMPARED_EVERY === 0) await compare();
  }
  await compare();
  source.close();
  expect(done.opens).toBeGreaterThan(CHANGES / 2);
  expect(done.refused).toBeGreaterThan(0);
}, 1_800_000);
