import { describe, expect, test } from 'vitest';
import type { Down } from '../../firmware-sim/model.ts';
import { type Rig, NONCE, of, online, published } from './rig.ts';

const LOG = '00112233445566778899aabbccddeeff';
const root = (digit: string): string => digit.repeat(64);
const checkpoint = (s: number, h = root('a'), o = LOG): Down => ({ tail: 'log', body: { v: 1, o, s, h, note: `note ${s}` } });
const written = (device: Rig, out = device.out): number[] => of(out, 'store').flatMap(({ change }) => (change.checkpoints ?? []).map(({ s }) => s));

describe('checkpoints of the log on a device', () => {
  test('the newest is taken, kept and said', () => {
    const device = online();
    expect(published(device.say(checkpoint(64)), 'log/have')).toMatchObject([{ o: LOG, s: 64, h: root('a') }]);
    expect(device.image.checkpoints.get(LOG)).toEqual({ o: LOG, s: 64, h: root('a'), note: 'note 64' });
  });

  test.each([
    ['of fewer entries', checkpoint(63, root('b'))],
    ['of as many with another root', checkpoint(64, root('b'))],
  ])('one %s is never taken: what is held is said', (_, other) => {
    const device = online();
    device.say(checkpoint(64));
    expect(published(device.say(other), 'log/have')).toMatchObject([{ s: 64, h: root('a') }]);
    expect(device.image.checkpoints.get(LOG)?.h).toBe(root('a'));
    device.do({ t: 'disconnected' });
    expect(published(device.do({ t: 'connected', nonce: NONCE }), 'log/have')).toMatchObject([{ s: 64, h: root('a') }]);
  });

  test('the store is spared: a newer one is written after ten minutes, RAM has it at once', () => {
    const device = online();
    device.say(checkpoint(64));
    device.say(checkpoint(128));
    expect(published(device.say(checkpoint(100)), 'log/have')).toMatchObject([{ s: 128 }]);
    device.run(600_000);
    device.say(checkpoint(256));
    expect(written(device)).toEqual([64, 256]);
  });

  test('what the store has is still held after the power was gone', () => {
    const device = online();
    device.say(checkpoint(64));
    device.say(checkpoint(128));
    device.powerOff(device.now);
    device.powerOn(device.now, 'power-lost');
    expect(published(device.do({ t: 'connected', nonce: NONCE }), 'log/have')).toMatchObject([{ s: 64 }]);
    expect(published(device.say(checkpoint(32)), 'log/have')).toMatchObject([{ s: 64 }]);
  });

  test('of five logs the one that was quiet longest goes', () => {
    const device = online();
    const logs = ['1', '2', '3', '4', '5'].map((digit) => digit.repeat(32));
    logs.forEach((log, at) => {
      device.say(checkpoint(64, root('a'), log));
      device.say(checkpoint(70 + at, root('c'), logs[0]));
    });
    device.do({ t: 'disconnected' });
    const held = published(device.do({ t: 'connected', nonce: NONCE }), 'log/have');
    expect(held.map(({ o }) => o).sort()).toEqual([logs[0], logs[2], logs[3], logs[4]]);
  });
});
