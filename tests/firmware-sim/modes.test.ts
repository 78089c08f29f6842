import { describe, expect, test } from 'vitest';
import { type ListRow, ROW_FLAGS } from '../../gateway/wire/mqtt/list.ts';
import type { DoorSettings } from '../../gateway/wire/mqtt/list-header.ts';
import { settings } from '../helpers/lists.ts';
import { answers, CARD, NONCE, of, online, OTHER_CARD, published, type Rig, row, START, verdict, wantOf } from './rig.ts';

const HOUR_MS = 3_600_000;
/** START is 08:00 in Shanghai on Sunday, 1 November 2026. Hours from 09:00 to 10:00, on Sundays. */
const NINE_TO_TEN = [[], [], [], [], [], [], [[540, 600] as const], []];
const DAYS = { sched: [{ s: 3, w: NINE_TO_TEN }] };

let n = 0;
/** Gives the device rows and rules for its two doors, as a gateway does. */
function rule(device: Rig, rows: ListRow[], doors: Partial<DoorSettings>[], more: Parameters<typeof wantOf>[2] = {}): void {
  n += 1;
  device.say(wantOf(rows, { e: 1, n }, { doors: doors.map((door) => settings(door)), until: START + 30 * 24 * HOUR_MS + n, ...more }));
  device.say({ tail: 'acl/c', body: { e: 1, n, at: 0, rows } });
}
const tellTime = (device: Rig, t = START): unknown => {
  device.do({ t: 'ask-time', nonce: NONCE });
  return device.say({ tail: 'time', body: { v: 1, no: NONCE, t } });
};
const offline = (device: Rig): void => void device.do({ t: 'disconnected' });
const reasonOf = (device: Rig, card = CARD): string | undefined => answers(device.tap(card))[0]?.reason;
const words = (device: Rig): string[] => [...device.image.records.values()].flatMap((record) => (record.kind === 'event' && record.body.k === 'door' ? [record.body.w] : []));
const lockOf = (device: Rig, door = 1): string | undefined => {
  device.run(1000);
  device.do({ t: 'disconnected' });
  const state = published(device.do({ t: 'connected', nonce: NONCE }), 'state').at(-1);
  return state?.d[door - 1]?.l;
};
const flagged = (flags: number, schedule = 0): ListRow => {
  const [print, doors, until] = row(CARD);
  return [print, doors, until, schedule, flags, '0'.repeat(32)];
};

describe('a row', () => {
  test('of a schedule opens in its hours alone, and needs the time', () => {
    const device = online();
    rule(device, [flagged(0, 3)], [{}, {}], DAYS);
    offline(device);
    expect(reasonOf(device)).toBe('OFFLINE_NO_LIST');
    device.do({ t: 'connected', nonce: NONCE });
    tellTime(device);
    offline(device);
    expect(reasonOf(device)).toBe('OUT_OF_SCHEDULE');
    device.run(HOUR_MS);
    expect(reasonOf(device)).toBe('OK');
    device.run(HOUR_MS);
    expect(reasonOf(device)).toBe('OUT_OF_SCHEDULE');
  });

  test('on a public holiday keeps to the hours of holidays; on a day that makes up for one to those of Monday', () => {
    const monday = [[[540, 600] as const], [], [], [], [], [], [], []];
    const holiday = [[], [], [], [], [], [], [], [[540, 600] as const]];
    for (const [w, days, reason] of [
      [monday, { work: ['2026-11-01'] }, 'OK'],
      [holiday, { hol: ['2026-11-01'] }, 'OK'],
      [NINE_TO_TEN, { hol: ['2026-11-01'] }, 'OUT_OF_SCHEDULE'],
      [monday, {}, 'OUT_OF_SCHEDULE'],
    ] as const) {
      const device = online();
      rule(device, [flagged(0, 3)], [{}, {}], {
        sched: [{ s: 3, w: w.map((day) => [...day]) }],
        ...days,
        hol: [...('hol' in days ? days.hol : [])],
        work: [...('work' in days ? days.work : [])],
      });
      tellTime(device, START + HOUR_MS);
      offline(device);
      expect(reasonOf(device)).toBe(reason);
    }
  });

  test('of a schedule that is not there opens never', () => {
    const device = online();
    rule(device, [flagged(0, 4)], [{}, {}], DAYS);
    tellTime(device, START + HOUR_MS);
    offline(device);
    expect(reasonOf(device)).toBe('OUT_OF_SCHEDULE');
  });

  test('of somebody who needs it holds the door open for twice as long', () => {
    const device = online();
    rule(device, [flagged(ROW_FLAGS.slow)], [{ o: 4000 }, {}]);
    offline(device);
    expect(answers(device.tap())[0]?.openMs).toBe(8000);
  });
});

describe('a lockdown', () => {
  const locked = (k: number, rows = [row(CARD)]): Rig => {
    const device = online();
    tellTime(device);
    rule(device, rows, [{ k }, {}]);
    return device;
  };

  test('lets nobody in until it ends, by itself, also without the gateway; the other door goes on', () => {
    const device = locked(START + HOUR_MS, [row(CARD, 3)]);
    expect(words(device)).toContain('lockdown');
    offline(device);
    expect(reasonOf(device)).toBe('LOCKDOWN');
    expect(answers(device.do({ t: 'tap', door: 2, reading: CARD, method: 'card' }))[0]?.reason).toBe('OK');
    device.run(HOUR_MS);
    expect(words(device)).toContain('lockdown-end');
    expect(reasonOf(device)).toBe('OK');
  });

  test('ends after two hours of running time on a device that nobody told the time', () => {
    const device = online();
    rule(device, [row(CARD)], [{ k: START + 24 * HOUR_MS }, {}]);
    offline(device);
    device.run(2 * HOUR_MS - 1);
    expect(reasonOf(device)).toBe('LOCKDOWN');
    device.run(1);
    expect(reasonOf(device)).toBe('OK');
  });

  test('is not ended, nor hours begun, by a floor that a wrong clock left ahead', () => {
    const device = online();
    tellTime(device, START + 24 * HOUR_MS);
    tellTime(device, START);
    rule(device, [row(CARD)], [{ k: START + HOUR_MS }, { u: 3 }], { sched: [{ s: 3, w: [[[480, 485]], [], [], [], [], [], [], []] }] });
    device.run(120_000);
    expect(words(device), 'Monday 08:00 is where the floor stands').not.toContain('hold');
    offline(device);
    expect(reasonOf(device)).toBe('LOCKDOWN');
    device.run(HOUR_MS);
    expect(reasonOf(device)).toBe('OK');
  });

  test('is ended at this door by a duty card, and stays ended over a loss of power', () => {
    const device = locked(START + HOUR_MS, [flagged(ROW_FLAGS.duty), row(OTHER_CARD)]);
    offline(device);
    expect(reasonOf(device, OTHER_CARD)).toBe('LOCKDOWN');
    expect(reasonOf(device)).toBe('OK');
    expect(words(device)).toContain('duty-release');
    expect(reasonOf(device, OTHER_CARD)).toBe('OK');
    device.powerOff(device.now);
    device.powerOn(device.now, 'power-lost');
    expect(reasonOf(device, OTHER_CARD)).toBe('OK');
  });

  test('that is another one stands, whatever ended the one before', () => {
    const device = locked(START + HOUR_MS, [flagged(ROW_FLAGS.duty), row(OTHER_CARD)]);
    offline(device);
    expect(reasonOf(device)).toBe('OK');
    device.do({ t: 'connected', nonce: NONCE });
    rule(device, [flagged(ROW_FLAGS.duty), row(OTHER_CARD)], [{ k: START + HOUR_MS + 1 }, {}]);
    offline(device);
    expect(reasonOf(device, OTHER_CARD)).toBe('LOCKDOWN');
  });

  test('keeps nobody in: the exit button and the fire input open', () => {
    const device = locked(START + HOUR_MS);
    expect(of(device.do({ t: 'exit', door: 1 }), 'pulse')).toHaveLength(1);
    expect(of(device.do({ t: 'fire', on: true }), 'pulse')).toHaveLength(2);
  });
});

describe('hours in which a door stands open', () => {
  const hourly = (door: Partial<DoorSettings>): Rig => {
    const device = online();
    tellTime(device);
    rule(device, [row(CARD)], [{ u: 3, ...door }, {}], DAYS);
    return device;
  };

  test('begin and end by the time, with an entry each', () => {
    const device = hourly({});
    expect(lockOf(device)).toBe('locked');
    const begun = device.run(HOUR_MS);
    expect(of(begun, 'pulse')).toMatchObject([{ door: 1, cause: { by: 'schedule' } }]);
    expect(lockOf(device)).toBe('unlocked');
    device.do({ t: 'contact', door: 1, contact: 'open' });
    device.run(HOUR_MS / 2);
    expect(words(device), 'nobody is told that it stands open').not.toContain('held');
    device.do({ t: 'contact', door: 1, contact: 'closed' });
    expect(of(device.run(HOUR_MS / 2), 'relock')).toMatchObject([{ door: 1 }]);
    expect(words(device).filter((word) => word.startsWith('hold'))).toEqual(['hold', 'hold-end']);
  });

  test('do not close a door that was just opened with a card', () => {
    const device = hourly({});
    device.run(2 * HOUR_MS - 2000);
    device.tap();
    device.say(verdict(device, [...(device.controller.run?.requests.keys() ?? [])].at(-1) ?? 0, { o: 5000 }));
    expect(of(device.run(3000), 'relock')).toEqual([]);
    expect(of(device.run(5000), 'relock')).toMatchObject([{ door: 1 }]);
  });

  test('begin with the first card of the span, where that is asked', () => {
    const device = hourly({ f: 1 });
    offline(device);
    device.tap();
    device.run(HOUR_MS);
    expect(words(device)).not.toContain('hold');
    device.tap();
    expect(words(device)).toEqual(expect.arrayContaining(['first-in', 'hold']));
    device.run(HOUR_MS);
    device.run(6 * 24 * HOUR_MS + 22 * HOUR_MS + HOUR_MS / 2);
    expect(
      words(device).filter((word) => word === 'hold'),
      'a new span waits for its own first card',
    ).toHaveLength(1);
  });

  test.each([
    ['nobody told the time', (device: Rig) => void device],
    ['the list has ended', (device: Rig) => tellTime(device, START + 31 * 24 * HOUR_MS + HOUR_MS)],
  ])('do not begin when %s', (_, act) => {
    const device = online();
    rule(device, [row(CARD)], [{ u: 3 }, {}], { sched: [{ s: 3, w: Array.from({ length: 8 }, () => [[0, 1440] as const]) }] });
    act(device);
    device.run(2 * HOUR_MS);
    expect(words(device)).not.toContain('hold');
  });

  test('give way to a lockdown, and to somebody who locks the door until they are over', () => {
    const device = hourly({});
    device.run(HOUR_MS);
    rule(device, [row(CARD)], [{ u: 3, k: START + 1.5 * HOUR_MS }, {}], DAYS);
    expect(words(device).slice(-2).sort()).toEqual(['hold-end', 'lockdown'].sort());
    device.run(0.5 * HOUR_MS);
    expect(words(device).at(-1)).toBe('hold');
    device.say({ tail: 'cmd', body: { v: 1, id: '0'.repeat(16), d: 1, a: 'lock', o: 0, b: 1, x: Number.MAX_SAFE_INTEGER } });
    device.run(60_000);
    expect(words(device).at(-1)).toBe('hold-end');
    expect(lockOf(device)).toBe('locked');
  });
});

describe('an interlock', () => {
  test('keeps a door shut while another of it is open or unlocked, whoever granted', () => {
    const device = online();
    rule(device, [row(CARD, 3)], [{ i: 2 }, { i: 1 }]);
    device.do({ t: 'contact', door: 2, contact: 'open' });
    device.tap(CARD, 1);
    const granted = device.say(verdict(device, [...(device.controller.run?.requests.keys() ?? [])].at(-1) ?? 0));
    expect(answers(granted)).toMatchObject([{ granted: false, reason: 'INTERLOCK', local: true }]);
    expect(of(granted, 'pulse')).toEqual([]);
    const ask = { v: 1, id: '0'.repeat(16), d: 1, a: 'unlock', o: 3000, b: 1, x: Number.MAX_SAFE_INTEGER } as const;
    expect(published(device.say({ tail: 'cmd', body: ask }), 'cmd/ack')).toMatchObject([{ st: 'refused' }]);
    device.do({ t: 'contact', door: 2, contact: 'closed' });
    offline(device);
    expect(reasonOf(device)).toBe('OK');
    expect(answers(device.do({ t: 'tap', door: 2, reading: CARD, method: 'card' }))[0]?.reason, 'the first is still unlocked').toBe('INTERLOCK');
    device.run(10_000);
    expect(answers(device.do({ t: 'tap', door: 2, reading: CARD, method: 'card' }))[0]?.reason).toBe('OK');
  });

  test('keeps nobody in', () => {
    const device = online();
    rule(device, [row(CARD, 3)], [{ i: 2 }, { i: 1 }]);
    device.do({ t: 'contact', door: 2, contact: 'open' });
    expect(of(device.do({ t: 'exit', door: 1 }), 'pulse')).toHaveLength(1);
  });
});

describe('a card that goes in twice', () => {
  test.each([
    [0, ['OK', 'OK']],
    [1, ['OK', 'ANTIPASSBACK']],
  ] as const)('x %i', (x, reasons) => {
    const device = online();
    rule(device, [row(CARD), row(OTHER_CARD)], [{ a: 1, x }, {}]);
    offline(device);
    expect([reasonOf(device), reasonOf(device)]).toEqual(reasons);
    expect(reasonOf(device, OTHER_CARD)).toBe('OK');
    device.run(60_000);
    expect(reasonOf(device)).toBe('OK');
  });
});

describe('what a device notices about itself', () => {
  test.each([
    ['tamper', { t: 'tamper', on: true }, { t: 'tamper', on: false }, ['tamper', 'tamper-end']],
    ['mains', { t: 'mains', on: false }, { t: 'mains', on: true }, ['power-lost', 'power-back']],
    ['battery', { t: 'battery', low: true }, { t: 'battery', low: false }, ['battery-low', 'battery-back']],
    ['reader', { t: 'reader', door: 2, ok: false }, { t: 'reader', door: 2, ok: true }, ['reader-lost', 'reader-back']],
    ['contact', { t: 'contact', door: 1, contact: 'unknown' }, { t: 'contact', door: 1, contact: 'closed' }, ['contact-fault', 'contact-back']],
    ['fire', { t: 'fire', on: true }, { t: 'fire', on: false }, ['fire', 'fire', 'fire-end', 'fire-end']],
  ] as const)('%s is told once each way', (_, on, off, said) => {
    const device = online();
    for (const input of [off, on, on, off, off]) device.do(input);
    expect(words(device)).toEqual(said);
  });

  test('mains and battery stand in its state', () => {
    const device = online();
    device.do({ t: 'mains', on: false });
    device.do({ t: 'battery', low: true });
    device.run(1000);
    expect(published(device.do({ t: 'connected', nonce: NONCE }), 'state')).toMatchObject([{ p: false, bt: 'low' }]);
  });

  test('a clock that jumps by more than a minute between two answers is told', () => {
    const device = online();
    tellTime(device);
    device.run(HOUR_MS);
    tellTime(device, START + HOUR_MS + 60_000);
    expect(words(device)).toEqual([]);
    tellTime(device, START + HOUR_MS + 121_001);
    expect(words(device)).toEqual(['clock-jump']);
  });

  test('new settings are told, the first ones and a list with the same are not', () => {
    const device = online();
    rule(device, [row(CARD)], [{}, {}]);
    rule(device, [row(OTHER_CARD)], [{}, {}]);
    expect(words(device)).toEqual([]);
    rule(device, [row(OTHER_CARD)], [{ h: 5000 }, {}]);
    expect(words(device)).toEqual(['settings']);
    device.do({ t: 'exit', door: 1 });
    device.do({ t: 'contact', door: 1, contact: 'open' });
    device.run(5000);
    expect(words(device).at(-1)).toBe('held');
  });
});
