import { afterEach, describe, expect, test, vi } from 'vitest';
import { DoorId } from '../../gateway/core/ids.ts';
import { createDoorPort } from '../../gateway/http/door-port.ts';
import { eventOf, JournalUnavailable, NO_PERSON } from '../../gateway/journal/entry.ts';
import type { ToDoorSide } from '../../gateway/threads.ts';
import { stateOf } from './fixture.ts';
import { NUMBERS } from './numbers.ts';

const ENTRY = { event: eventOf({ kind: 'audit', gatewayTime: 1 }), person: NO_PERSON };

function line() {
  const posted: ToDoorSide[] = [];
  return { posted, port: createDoorPort((message) => void posted.push(message)) };
}
afterEach(() => void vi.useRealTimers());

describe('the line between the two halves', () => {
  test('pairs answers with questions, in whatever order they come', async () => {
    const { posted, port } = line();
    const [entry, opened] = [port.append(ENTRY), port.command(DoorId(4), { what: 'unlock', openMs: 5000 }, 9)];
    expect(posted).toMatchObject([
      { t: 'append', id: 1 },
      { t: 'command', id: 2, doorId: 4, accountId: 9 },
    ]);
    port.receive({ t: 'commanded', id: 2, result: 'offline' });
    port.receive({ t: 'appended', id: 1, result: { index: 12, duplicate: false } });
    expect([await entry, await opened]).toEqual([{ index: 12, duplicate: false }, 'offline']);
  });

  test('says so when the log could not take an entry', async () => {
    const { port } = line();
    const entry = port.append(ENTRY);
    port.receive({ t: 'appended', id: 1, result: { error: 'disk full' } });
    await expect(entry).rejects.toBeInstanceOf(JournalUnavailable);
  });

  test('gives up on a door side that does not answer, and ignores an answer that comes after', async () => {
    vi.useFakeTimers();
    const { port } = line();
    const entry = expect(port.append(ENTRY)).rejects.toMatchObject({ status: 503 });
    await vi.advanceTimersByTimeAsync(15_000);
    await entry;
    expect(() => port.receive({ t: 'appended', id: 1, result: { index: 1, duplicate: false } })).not.toThrow();
  });

  test('destroying entries has its time, and says how much is gone or why it is not', async () => {
    vi.useFakeTimers();
    const { posted, port } = line();
    const [one, other] = [port.destroyEntries(20_000, { days: [19_000], persons: [] }), port.destroyEntries(20_000, { days: [], persons: [] })];
    expect(posted).toMatchObject([{ t: 'destroy', id: 1, wish: { before: 20_000, held: { days: [19_000] } } }, { t: 'destroy' }]);
    await vi.advanceTimersByTimeAsync(20 * 60_000);
    port.receive({ t: 'destroyed', id: 1, result: { days: 3, persons: 1 } });
    port.receive({ t: 'destroyed', id: 2, result: { error: 'being destroyed already' } });
    expect(await one).toEqual({ days: 3, persons: 1 });
    await expect(other).rejects.toBeInstanceOf(JournalUnavailable);
  });

  test('keeps how serial lines are, and passes on what an operator does there', () => {
    const { posted, port } = line();
    expect(port.lines()).toEqual([]);
    const lines = [{ id: 1, portUp: true, why: '', counts: { sent: 1, answered: 1, repeated: 0, badChecks: 0, stray: 0 }, devices: [] }];
    port.receive({ t: 'lines', lines });
    expect(port.lines()).toBe(lines);
    port.commission(7, { act: 'cancel' });
    expect(posted).toEqual([{ t: 'commission', deviceRow: 7, act: { act: 'cancel' } }]);
  });

  test('is ready once the access index is, and keeps the latest state of each door', () => {
    const { port } = line();
    expect(port.ready()).toBe(false);
    expect([port.alarms(), port.numbers()]).toEqual([[], undefined]);
    const alarms = [{ what: 'disk-80', message: { zh: '硬盘', en: 'disk' }, since: 5 }] as const;
    port.receive({
      t: 'health',
      indexReady: true,
      credentials: 1,
      changeN: 1,
      journal: 'ok',
      alarms,
      numbers: NUMBERS,
      doorsAt: { host: 'doors.example.cn', port: 8883, pin: '' },
    });
    expect([port.alarms(), port.numbers(), port.doorsAt()?.port]).toEqual([alarms, NUMBERS, 8883]);
    port.receive({ t: 'doors', states: [stateOf(1), stateOf(2)] });
    port.receive({ t: 'doors', states: [stateOf(1, { online: false })] });
    expect([port.ready(), port.states().map(({ doorId, online }) => [doorId, online])]).toEqual([
      true,
      [
        [1, false],
        [2, true],
      ],
    ]);
  });
});
