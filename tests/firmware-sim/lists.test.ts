import { describe, expect, test } from 'vitest';
import { wantsTime } from '../../firmware-sim/clock.ts';
import type { Down } from '../../firmware-sim/model.ts';
import type { ListRow } from '../../gateway/wire/mqtt/list.ts';
import { answers, CARD, giveList, NONCE, of, online, OTHER_CARD, published, type Rig, row, START, wantOf } from './rig.ts';
import { settings } from '../helpers/lists.ts';

const DAY_MS = 86_400_000;
const version = (device: Rig): string => (device.image.list === undefined ? '' : `${device.image.list.e}.${device.image.list.n}`);
const offlineTap = (device: Rig, card = CARD): string | undefined => {
  if (device.controller.run?.connected) device.do({ t: 'disconnected' });
  return answers(device.tap(card))[0]?.reason;
};
const tellTime = (device: Rig, t: number): unknown => device.say({ tail: 'time', body: { v: 1, no: NONCE, t } });

describe('an access list', () => {
  test('wanted, fetched, checked, applied in one write, reported', () => {
    const device = online();
    const rows = [row(CARD), row(OTHER_CARD, 2)];
    expect(published(device.say(wantOf(rows)), 'acl/get')).toMatchObject([{ e: 1, n: 1 }]);
    const outputs = device.say({ tail: 'acl/c', body: { e: 1, n: 1, at: 0, rows } });
    expect(of(outputs, 'store')).toHaveLength(1);
    expect(published(outputs, 'acl/have')).toMatchObject([{ l: '1.1' }]);
    expect(offlineTap(device)).toBe('OK');
    expect(offlineTap(device, OTHER_CARD)).toBe('WRONG_DOOR');
    expect(offlineTap(device, { w: 32, x: '00000001' })).toBe('UNKNOWN_CREDENTIAL');
    expect(offlineTap(device, { w: 0, x: '' })).toBe('CREDENTIAL_FORMAT');
  });

  test('chunks may come in any order and twice', () => {
    const device = online();
    const rows = Array.from({ length: 750 }, (_, at): ListRow => row({ w: 32, x: at.toString(16).toUpperCase().padStart(8, '0') }));
    device.say(wantOf(rows, { e: 1, n: 1 }, { of: 3 }));
    for (const at of [2, 0, 2, 1]) device.say({ tail: 'acl/c', body: { e: 1, n: 1, at, rows: rows.slice(at * 300, at * 300 + 300) } });
    expect(device.image.list?.rows).toHaveLength(750);
  });

  const differs = (base: { e: number; n: number }, gone: ListRow[], rows: ListRow[]): Down => ({ tail: 'acl/c', body: { e: 1, n: 2, at: 0, rows, base: { ...base, gone } } });

  test('asks for the difference from the one it holds, and takes it when the digest agrees', () => {
    const device = online();
    giveList(device, [row(CARD), row(OTHER_CARD)]);
    expect(published(device.say(wantOf([row(CARD, 2), row(OTHER_CARD)], { e: 1, n: 2 })), 'acl/get')).toMatchObject([{ e: 1, n: 2, f: '1.1' }]);
    const outputs = device.say(differs({ e: 1, n: 1 }, [row(CARD)], [row(CARD, 2)]));
    expect(of(outputs, 'store')).toHaveLength(1);
    expect(published(outputs, 'acl/have')).toMatchObject([{ l: '1.2' }]);
    expect(offlineTap(device)).toBe('WRONG_DOOR');
  });

  test.each([
    ['from another version', { e: 1, n: 9 }, [row(CARD)]],
    ['that does not come to the digest', { e: 1, n: 1 }, []],
  ])('a difference %s is not taken, and the whole list asked for', (_, base, gone) => {
    const device = online();
    giveList(device, [row(CARD), row(OTHER_CARD)]);
    const next = [row(OTHER_CARD)];
    device.say(wantOf(next, { e: 1, n: 2 }));
    expect(published(device.say(differs(base, gone, [])), 'acl/get')).toMatchObject([{ e: 1, n: 2, f: '' }]);
    expect(version(device)).toBe('1.1');
    expect(published(device.say(differs(base, gone, [])), 'acl/get'), 'asked once').toEqual([]);
    device.say({ tail: 'acl/c', body: { e: 1, n: 2, at: 0, rows: next } });
    expect(version(device)).toBe('1.2');
  });

  test('a row altered on the way is not applied, and the list is asked for again', () => {
    const device = online();
    device.say(wantOf([row(CARD)]));
    device.say({ tail: 'acl/c', body: { e: 1, n: 1, at: 0, rows: [row(OTHER_CARD)] } });
    expect(version(device)).toBe('');
    expect(published(device.run(5000), 'acl/get')).toHaveLength(1);
    device.say({ tail: 'acl/c', body: { e: 1, n: 1, at: 0, rows: [row(CARD)] } });
    expect(version(device)).toBe('1.1');
    expect(published(device.run(600_000), 'acl/get')).toEqual([]);
  });

  test('a version never goes back: not by number, not by epoch, not after a restart', () => {
    const device = online();
    giveList(device, [row(CARD)], { e: 2, n: 5 });
    giveList(device, [row(OTHER_CARD)], { e: 2, n: 4 });
    giveList(device, [row(OTHER_CARD)], { e: 1, n: 900 });
    expect(version(device)).toBe('2.5');
    device.powerOff(device.now);
    device.powerOn(device.now);
    device.do({ t: 'connected', nonce: NONCE });
    giveList(device, [], { e: 2, n: 4 });
    expect(version(device)).toBe('2.5');
    giveList(device, [], { e: 3, n: 1 });
    expect(version(device)).toBe('3.1');
    expect(offlineTap(device)).toBe('UNKNOWN_CREDENTIAL');
  });

  test('an older list on its way is dropped for a newer one', () => {
    const device = online();
    device.say(wantOf([row(CARD)], { e: 1, n: 1 }));
    device.say(wantOf([row(OTHER_CARD)], { e: 1, n: 2 }));
    device.say({ tail: 'acl/c', body: { e: 1, n: 1, at: 0, rows: [row(CARD)] } });
    expect(version(device)).toBe('');
    device.say({ tail: 'acl/c', body: { e: 1, n: 2, at: 0, rows: [row(OTHER_CARD)] } });
    expect(version(device)).toBe('1.2');
  });

  test('the same rows under a new version are taken over without a transfer', () => {
    const device = online();
    giveList(device, [row(CARD)]);
    expect(published(device.say(wantOf([row(CARD)], { e: 1, n: 9 })), 'acl/get')).toEqual([]);
    expect(version(device)).toBe('1.9');
  });

  test('other rules for the doors under the same version take force, but never from an offer that ends no later', () => {
    const device = online();
    giveList(device, [row(CARD)]);
    const rules = (o: number, until: number) => wantOf([row(CARD)], { e: 1, n: 1 }, { doors: [settings({ o }), settings({ o })], until });
    device.say(rules(9000, START + 30 * DAY_MS));
    expect(device.image.list?.doors[0]?.o).toBe(4000);
    device.say(rules(9000, START + 30 * DAY_MS + 1));
    expect(device.image.list?.doors[0]?.o).toBe(9000);
  });

  test('the same version again puts its end off, and never nearer', () => {
    const device = online();
    giveList(device, [row(CARD)]);
    device.say(wantOf([row(CARD)], { e: 1, n: 1 }, { until: START + DAY_MS }));
    expect(device.image.list?.until).toBe(START + 30 * DAY_MS);
    device.say(wantOf([row(CARD)], { e: 1, n: 1 }, { until: START + 40 * DAY_MS }));
    expect(device.image.list?.until).toBe(START + 40 * DAY_MS);
  });

  test('offered though it is here, it is reported once more: the report may have been lost', () => {
    const device = online();
    giveList(device, [row(CARD)]);
    const again = device.say(wantOf([row(CARD)]));
    expect(published(again, 'acl/have')).toMatchObject([{ l: '1.1' }]);
    expect(published(again, 'acl/get')).toEqual([]);
    expect(of(again, 'store')).toEqual([]);
    expect(published(device.say(wantOf([row(OTHER_CARD)])), 'acl/have'), 'another list under this version is none').toEqual([]);
  });

  test('that does not come is asked for again at least every 20 s', () => {
    const device = online();
    device.say(wantOf([row(CARD)]));
    const from = device.now;
    let longest = 0;
    for (let last = from; device.now < from + 300_000; ) {
      if (published(device.run(1000), 'acl/get').length === 0) continue;
      longest = Math.max(longest, device.now - last);
      last = device.now;
    }
    expect(longest).toBe(20_000);
  });

  test('one credential with rows for two homes opens the doors of both', () => {
    const device = online();
    giveList(device, [row(CARD, 2), row(CARD, 1, START + DAY_MS)]);
    tellTime(device, START);
    expect(offlineTap(device)).toBe('OK');
  });
});

describe('time and the end of a list', () => {
  test('the end counts by authenticated time only, whatever the clock of the device says', () => {
    const device = online({ wall: () => START + 900 * DAY_MS });
    giveList(device, [row(CARD)]);
    tellTime(device, START + 30 * DAY_MS - 1000);
    expect(offlineTap(device)).toBe('OK');
    device.run(1000);
    expect(offlineTap(device)).toBe('OFFLINE_NO_LIST');
  });

  test('without authenticated time a list counts for 24 h of running time', () => {
    const device = online();
    giveList(device, [row(CARD)]);
    device.do({ t: 'disconnected' });
    device.run(DAY_MS - 1);
    expect(offlineTap(device)).toBe('OK');
    device.run(1);
    expect(offlineTap(device)).toBe('OFFLINE_NO_LIST');
  });

  const tellAgain = (device: Rig, time: number): void => {
    device.do({ t: 'connected', nonce: NONCE });
    device.do({ t: 'ask-time', nonce: NONCE });
    tellTime(device, time);
  };

  test('a wrong clock that once put the floor ahead spoils no list that comes once it is right again', () => {
    const device = online();
    giveList(device, [row(CARD)]);
    tellTime(device, START + 60 * DAY_MS);
    expect(offlineTap(device)).toBe('OFFLINE_NO_LIST');
    tellAgain(device, START);
    giveList(device, [row(CARD)], { e: 1, n: 2 });
    expect(device.image.floor).toBe(START + 60 * DAY_MS);
    expect(offlineTap(device)).toBe('OK');
    device.powerOff(device.now);
    device.powerOn(device.now, 'power-lost');
    // From before the start: nothing says how old it is but the floor.
    expect(offlineTap(device)).toBe('OFFLINE_NO_LIST');
    device.do({ t: 'connected', nonce: NONCE });
    device.say(wantOf([row(CARD)], { e: 1, n: 2 }, { until: START + 31 * DAY_MS }));
    expect(offlineTap(device)).toBe('OK');
    tellAgain(device, START + 31 * DAY_MS - 1000);
    expect(offlineTap(device)).toBe('OK');
    device.run(1000);
    expect(offlineTap(device)).toBe('OFFLINE_NO_LIST');
  });

  test('a clock that is set back lets no list last: it ends after 90 days of running time, and after a start by the floor', () => {
    const device = online();
    giveList(device, [row(CARD)]);
    tellTime(device, START);
    device.run(90 * DAY_MS - 10_000);
    tellAgain(device, START - 300 * DAY_MS);
    expect(offlineTap(device)).toBe('OK');
    device.run(10_000);
    expect(offlineTap(device)).toBe('OFFLINE_NO_LIST');
    tellAgain(device, START + 40 * DAY_MS);
    device.powerOff(device.now);
    device.powerOn(device.now, 'power-lost');
    tellAgain(device, START - 300 * DAY_MS);
    expect(offlineTap(device)).toBe('OFFLINE_NO_LIST');
  });

  test('a row with an end needs the time: refused without it, expired after it, also after a loss of power', () => {
    const device = online();
    giveList(device, [row(CARD, 1, START + DAY_MS)]);
    expect(offlineTap(device)).toBe('OFFLINE_NO_LIST');
    device.do({ t: 'connected', nonce: NONCE });
    tellTime(device, START);
    expect(offlineTap(device)).toBe('OK');
    device.run(DAY_MS);
    expect(offlineTap(device)).toBe('EXPIRED');
    device.do({ t: 'connected', nonce: NONCE });
    tellTime(device, START + DAY_MS);
    device.powerOff(device.now);
    device.powerOn(device.now, 'power-lost');
    expect(offlineTap(device)).toBe('EXPIRED');
  });

  test.each([
    ['another nonce', 'ffffffffffffffff', 0],
    ['more than 5 s', NONCE, 5001],
  ])('an answer with %s does not count', (_, no, after) => {
    const device = online();
    device.now += after;
    device.say({ tail: 'time', body: { v: 1, no, t: START } });
    expect(device.controller.run?.clock).toBeUndefined();
  });

  test('is asked for until somebody tells it, then once an hour, and not without a connection', () => {
    const device = online();
    expect(wantsTime(device.controller)).toBe(true);
    tellTime(device, START);
    expect(wantsTime(device.controller)).toBe(false);
    device.run(3_599_999);
    device.do({ t: 'tick' });
    expect(wantsTime(device.controller)).toBe(false);
    device.run(1);
    device.do({ t: 'tick' });
    expect(wantsTime(device.controller)).toBe(true);
    device.do({ t: 'disconnected' });
    expect(wantsTime(device.controller)).toBe(false);
    device.powerOff(device.now);
    expect(wantsTime(device.controller)).toBe(false);
  });

  test('an answer counts once, and the floor never falls', () => {
    const device = online();
    tellTime(device, START + DAY_MS);
    expect(tellTime(device, START + 9 * DAY_MS)).toEqual([]);
    expect(device.image.floor).toBe(START + DAY_MS);
    device.do({ t: 'ask-time', nonce: NONCE });
    tellTime(device, START);
    expect(device.image.floor).toBe(START + DAY_MS);
  });
});
