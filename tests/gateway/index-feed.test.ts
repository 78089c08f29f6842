import { afterEach, describe, expect, test } from 'vitest';
import { createAccessIndex } from '../../gateway/core/access-index.ts';
import { decide } from '../../gateway/core/decide.ts';
import { ControllerId, DoorId } from '../../gateway/core/ids.ts';
import { buildList } from '../../gateway/doors/access-list.ts';
import { type IndexFeed, startIndexFeed } from '../../gateway/index-feed.ts';
import { createListRefresh } from '../../gateway/list-refresh.ts';
import { type IndexSource, openIndexSource } from '../../gateway/store/index-source.ts';
import { addBuilding, addCard, addTenant, DAY, NOON, temporaryRegister } from '../helpers/register.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const part of open.splice(0).reverse()) await part.close();
});

async function fed({ wrap = (source: IndexSource): IndexSource => source, failures }: { wrap?: (source: IndexSource) => IndexSource; failures?: unknown[] } = {}) {
  const store = await temporaryRegister();
  open.push(store);
  const building = await addBuilding(store);
  const source: IndexSource = openIndexSource(store.file);
  open.push(source);
  const index = createAccessIndex();
  const asked: number[][] = [];
  const feed: IndexFeed = startIndexFeed({
    source: wrap(source),
    index,
    vault: store.register.vault,
    onLists: (ids) => void asked.push([...ids]),
    onFailure: (error) => {
      if (failures === undefined) throw error;
      failures.push(error);
    },
  });
  open.push(feed);
  const at = (door: number, hex: string) => decide(index.facts(DoorId(door), store.register.vault.fingerprint({ bits: 32, hex })), NOON).reason;
  return { store, building, source, feed, asked, at };
}

describe('the access index follows the register', () => {
  test('a tenant and a card work as soon as the hint is taken, and stop when he moved out', async () => {
    const { store, building, feed, at } = await fed();
    const street = building.doors['D01'] ?? 0;
    expect(at(street, '1A2B3C4D')).toBe('UNKNOWN_CREDENTIAL');
    const { personId, tenancyId } = await addTenant(store, { unitId: building.units['0501'] ?? 0 });
    await addCard(store, { personId, hex: '1A2B3C4D' });
    feed.pull();
    expect(at(street, '1A2B3C4D')).toBe('OK');
    expect(at(building.doors['D03'] ?? 0, '1A2B3C4D')).toBe('WRONG_DOOR');
    await store.register.write((db) => db.tenancy.update({ where: { id: tenancyId }, data: { accessUntil: NOON - DAY, endedBy: 'movedOut' } }));
    feed.pull();
    expect(at(street, '1A2B3C4D')).toBe('LEASE_ENDED');
    await store.register.write((db) => db.occupant.deleteMany({ where: { tenancyId } }));
    feed.pull();
    expect(at(street, '1A2B3C4D')).toBe('NOT_REGISTERED');
  });

  test('a change is found without any hint', async () => {
    const { store, building, at } = await fed();
    await addCard(store, { personId: null, hex: '5C5D5E5F' });
    await expect.poll(() => at(building.doors['D01'] ?? 0, '5C5D5E5F'), { timeout: 2000 }).toBe('NOT_REGISTERED');
  });

  test('a register that cannot be read for a moment, before or in the middle of a change, costs nothing but the moment', async () => {
    const failures: unknown[] = [];
    let broken: 'changesSince' | 'fitted' | 'lastN' | undefined;
    const fails = (name: typeof broken): void => {
      if (broken === name) throw new Error(`disk I/O error in ${name}`);
    };
    const wrap = (source: IndexSource): IndexSource => ({
      ...source,
      changesSince(n, limit) {
        fails('changesSince');
        return source.changesSince(n, limit);
      },
      fitted() {
        fails('fitted');
        return source.fitted();
      },
      lastN() {
        fails('lastN');
        return source.lastN();
      },
    });
    const { store, building, feed, at } = await fed({ wrap, failures });
    const openTimes = (): number[] => [...feed.registry.all()].flatMap(({ doors }) => [...doors.values()].map(({ openMs }) => openMs));
    for (const [hex, name, openMs] of [
      ['5C5D5E5F', 'changesSince', 4000],
      ['5C5D5E60', 'fitted', 4100],
      ['5C5D5E61', 'lastN', 4200],
    ] as const) {
      broken = name;
      const before = failures.length;
      await addCard(store, { personId: null, hex });
      await store.register.write((db) => db.door.updateMany({ data: { openMs } }));
      await expect.poll(() => failures.length, { timeout: 2000 }).toBeGreaterThan(before);
      broken = undefined;
      await expect.poll(openTimes, { timeout: 2000 }).toEqual([openMs, openMs, openMs, openMs]);
      expect(at(building.doors['D01'] ?? 0, hex)).toBe('NOT_REGISTERED');
    }
  });

  test('asks for new lists only of the controllers a change concerns', async () => {
    const { store, building, feed, asked } = await fed();
    const other = await addBuilding(store, '890101001001B00043', 'yc43');
    feed.pull();
    asked.length = 0;
    const { personId } = await addTenant(store, { unitId: other.units['0201'] ?? 0 });
    await addCard(store, { personId, hex: '1A2B3C4D' });
    feed.pull();
    const mine = Object.values(building.controllers);
    expect(asked.flat().sort()).toEqual(Object.values(other.controllers).sort());
    expect(asked.flat().some((id) => mine.includes(id))).toBe(false);
  });

  test('a retired controller is out of the registry, a new door is in', async () => {
    const { store, building, feed } = await fed();
    await store.register.write((db) => db.doorController.update({ where: { deviceId: 'yc42-d01' }, data: { retiredAt: NOON } }));
    feed.pull();
    expect(feed.registry.device('yc42-d01')).toMatchObject({ retired: true, site: 'yc42' });
    expect(feed.doorOf(feed.registry.device('yc42-d02')?.controllerId ?? 0)).toBe(building.doors['D02']);
    expect(feed.registry.device('yc42-d09')).toBeUndefined();
  });
});

describe('access lists', () => {
  test('are asked for once for all changes of a moment, when it has gone quiet', async () => {
    const made: number[][] = [];
    const refresh = createListRefresh((due) => made.push([...due]));
    const ask = (...ids: number[]) => refresh.ask(ids.map(ControllerId));
    ask(1, 2);
    await new Promise((resolve) => setTimeout(resolve, 120));
    ask(2, 3);
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(made).toEqual([]);
    await expect.poll(() => made, { timeout: 1000 }).toEqual([[1, 2, 3]]);
    refresh.stop();
  });

  test('are not put off for ever while changes go on', async () => {
    const made: number[] = [];
    const refresh = createListRefresh((due) => made.push(due.length));
    const changing = setInterval(() => refresh.ask([ControllerId(1)]), 50);
    await expect.poll(() => made.length, { timeout: 5000 }).toBeGreaterThan(0);
    clearInterval(changing);
    refresh.stop();
  });

  test('cross between threads as they are', () => {
    const entries = Array.from({ length: 450 }, (_, n) => ({ bits: 32, hex: n.toString(16).padStart(8, '0'), doors: 1 + (n % 3), until: n }));
    const made = buildList(new Uint8Array(32), entries, { epoch: 1, n: 9 });
    const come = structuredClone(made);
    expect({ ...come, chunks: come.chunks.map((rows) => Buffer.from(rows)) }).toEqual({ ...made, chunks: made.chunks.map((rows) => Buffer.from(rows)) });
    expect(come.chunks.length).toBe(2);
  });
});
