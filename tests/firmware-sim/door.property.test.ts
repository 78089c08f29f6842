import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Message } from '../../gateway/wire/mqtt/messages.ts';
import type { Output } from '../../firmware-sim/model.ts';
import type { EventBody } from '../../firmware-sim/store-image.ts';
import { ackOf, CARD, giveList, OTHER_CARD, pulses, type Rig, rig, row, verdict } from './rig.ts';

/** One thing that happens; numbers pick among what is there. */
const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('tap' as const), other: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('answer' as const), pick: fc.nat(1), reason: fc.constantFrom('OK', 'OK', 'OK', 'UNAVAILABLE', 'REVOKED') }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('ack' as const), pick: fc.nat(9) }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 149, 150, 399, 400, 401, 1999, 3000, 31_000, 61_000) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('freeze' as const), ms: fc.constantFrom(500, 6000, 300_000) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('exit' as const, 'open' as const, 'close' as const, 'fire-on' as const, 'fire-off' as const, 'list' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('connect' as const, 'disconnect' as const, 'power-cycle' as const, 'power-off' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('command' as const), id: fc.nat(3), late: fc.boolean() }) },
);
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

/** Watches one device and remembers what a gateway and an inspector would. */
class Watch {
  readonly device: Rig = rig({ queueMax: 12 });
  readonly asked: Message<'req'>[] = [];
  readonly sent: EventBody[] = [];
  readonly taken = new Map<number, EventBody>();
  readonly used = new Set<number>();
  readonly claimed = new Set<number>();
  readonly pulsed = new Set<number>();
  readonly recorded = new Map<number, EventBody>();
  readonly outcomes = new Set<number>();
  /** Commands given and not yet done, and all ever given. */
  readonly commands = new Set<string>();
  readonly seenIds = new Set<string>();
  listN = 0;
  bootAt = 0;

  /** Checks outputs in their order, as a power cut between any two of them would find the world. */
  see(outputs: readonly Output[]): void {
    for (const output of outputs) {
      if (output.t === 'store') this.seeWrite(output.change);
      else if (output.t === 'pulse') this.seePulse(output);
      else if (output.t === 'publish') this.seePublish(output);
    }
    for (let n = 1; n <= this.device.image.seq; n += 1) expect(this.used.has(n), `number ${n} of ${this.device.image.seq} was left out`).toBe(true);
  }

  seeWrite({ put = [], erase = [] }: Extract<Output, { t: 'store' }>['change']): void {
    for (const record of put) {
      this.used.add(record.n);
      if (record.kind === 'request') {
        if (record.claim?.granted) this.claimed.add(record.n);
        continue;
      }
      this.recorded.set(record.n, record.body);
      if (record.body.k !== 'outcome') continue;
      expect(this.outcomes.has(record.body.rn), 'a second outcome for one request').toBe(false);
      this.outcomes.add(record.body.rn);
      this.used.add(record.body.rn);
    }
    for (const n of erase) expect(this.taken.has(n) || this.outcomes.has(n), `record ${n} erased before anybody had it`).toBe(true);
  }

  seePulse({ cause }: Extract<Output, { t: 'pulse' }>): void {
    if (cause.by === 'command') {
      expect(this.commands.has(cause.id), 'a command was done twice or never given').toBe(true);
      this.commands.delete(cause.id);
    }
    if (cause.by !== 'request' || cause.n === 0) return;
    expect(this.claimed.has(cause.n), 'a pulse before its claim was written').toBe(true);
    expect(this.pulsed.has(cause.n), 'a second pulse for one request').toBe(false);
    this.pulsed.add(cause.n);
  }

  seePublish(output: Extract<Output, { t: 'publish' }>): void {
    if (output.tail === 'req') this.asked.push(output.body);
    if (output.tail !== 'evt') return;
    expect(this.recorded.get(output.body.n), 'an event was sent that is not in the store, or altered').toEqual(output.body);
    this.sent.push(output.body);
  }

  /** The clock ran on by the device's own alarms alone: what was due is done. */
  nothingForgotten(): void {
    const { run } = this.device.controller;
    if (run === undefined) return;
    const u = this.device.now - this.bootAt;
    for (const { record, budgetAt, outcomeAt } of run.requests.values()) expect(record.claim === null ? budgetAt : outcomeAt, 'a request slept on').toBeGreaterThan(u);
    for (const { releasedUntil, heldAt } of run.doors) expect(Math.min(heldAt, releasedUntil || Infinity), 'a door slept on').toBeGreaterThan(u);
  }

  ack(event: EventBody): void {
    this.taken.set(event.n, event);
    this.see(this.device.say(ackOf(event)));
  }
}

function boot(watch: Watch): void {
  watch.bootAt = watch.device.now;
  const outputs = watch.device.powerOn(watch.device.now, 'power-lost');
  expect(
    pulses(outputs).filter(({ cause }) => cause.by !== 'fire'),
    'a boot pulsed',
  ).toEqual([]);
  watch.see(outputs);
}

function perform(watch: Watch, act: Action): void {
  const { device } = watch;
  switch (act.do) {
    case 'tap':
      return watch.see(device.tap(act.other ? OTHER_CARD : CARD));
    case 'wait': {
      watch.see(device.run(act.ms));
      return watch.nothingForgotten();
    }
    case 'freeze': {
      device.now += act.ms;
      return watch.see(device.do({ t: 'tick' }));
    }
    case 'answer': {
      const request = watch.asked.at(-1 - act.pick);
      return request === undefined ? undefined : watch.see(device.say(verdict(device, request.n, { b: request.b, g: act.reason === 'OK', r: act.reason })));
    }
    case 'ack': {
      const event = watch.sent.at(-1 - act.pick);
      return event === undefined ? undefined : watch.ack(event);
    }
    case 'exit': {
      const outputs = device.do({ t: 'exit', door: 1 });
      expect(
        pulses(outputs).some(({ cause }) => cause.by === 'exit'),
        'the exit button released nothing',
      ).toBe(true);
      return watch.see(outputs);
    }
    case 'open':
    case 'close':
      return watch.see(device.do({ t: 'contact', door: 1, contact: act.do === 'open' ? 'open' : 'closed' }));
    case 'fire-on':
    case 'fire-off': {
      const outputs = device.do({ t: 'fire', on: act.do === 'fire-on' });
      if (act.do === 'fire-off') expect(device.controller.world.fire).toBe(false);
      return watch.see(outputs);
    }
    case 'list': {
      watch.listN += 1;
      return giveList(device, [row(CARD)], { e: 1, n: watch.listN });
    }
    case 'connect':
      return watch.see(device.do({ t: 'connected', nonce: '0123456789abcdef' }));
    case 'disconnect':
      return watch.see(device.do({ t: 'disconnected' }));
    case 'power-off':
      return device.powerOff(device.now);
    case 'power-cycle': {
      device.powerOff(device.now);
      return boot(watch);
    }
    case 'command':
      return order(watch, act.id, act.late);
  }
}

function order(watch: Watch, number: number, late: boolean): void {
  const { device } = watch;
  const b = device.image.boot;
  const id = (b * 16 + number).toString(16).padStart(16, '0');
  if (!late && device.controller.run !== undefined && !watch.seenIds.has(id)) watch.commands.add(id);
  if (!late && device.controller.run !== undefined) watch.seenIds.add(id);
  watch.see(device.say({ tail: 'cmd', body: { v: 1, id, d: 1, a: 'unlock', o: 1000, b: late ? b + 1 : b, x: 400_000_000 } }));
}

test('whatever happens in whatever order: no unclaimed or second pulse, no lost event, no gap, no forgotten timer', () => {
  fc.assert(
    fc.property(fc.boolean(), fc.array(action, { minLength: 1, maxLength: 90 }), (connected, actions) => {
      const watch = new Watch();
      boot(watch);
      if (connected) watch.see(watch.device.do({ t: 'connected', nonce: '0123456789abcdef' }));
      for (const act of actions) {
        perform(watch, act);
        if (watch.device.controller.run === undefined && act.do !== 'power-off') boot(watch);
        expect(watch.device.wakeAt()).toBeGreaterThanOrEqual(watch.device.now);
      }
      if (watch.device.controller.run === undefined) boot(watch);
      watch.see(watch.device.do({ t: 'connected', nonce: '0123456789abcdef' }));
      watch.see(watch.device.run(120_000));
      for (let left = 100; watch.device.image.records.size > 0 && left > 0; left -= 1) for (const event of [...new Set(watch.sent)]) watch.ack(event);
      expect(watch.device.image.records.size, 'records nobody can ever fetch').toBe(0);
      expect([...watch.taken.values()].sort((a, b) => a.n - b.n)).toEqual([...watch.recorded.values()].sort((a, b) => a.n - b.n));
    }),
    { numRuns: 400 },
  );
});

test('in one connection events are sent first in the order of their numbers', () => {
  fc.assert(
    fc.property(fc.array(action, { minLength: 20, maxLength: 60 }), (actions) => {
      const watch = new Watch();
      boot(watch);
      let last = 0;
      const seen = new Set<number>();
      for (const act of actions) {
        if (act.do === 'connect' || act.do === 'power-cycle' || act.do === 'power-off') {
          last = 0;
          seen.clear();
        }
        const before = watch.sent.length;
        perform(watch, act);
        if (watch.device.controller.run === undefined) boot(watch);
        for (const { n } of watch.sent.slice(before)) {
          if (seen.has(n)) continue;
          expect(n).toBeGreaterThan(last);
          last = n;
          seen.add(n);
        }
      }
    }),
    { numRuns: 150 },
  );
});
