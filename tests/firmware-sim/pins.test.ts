import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide } from '../../gateway/core/decide.ts';
import type { PinCheck } from '../../gateway/core/facts.ts';
import { BuildingId, CredentialId, DoorId, PersonId, TenancyId, UnitId } from '../../gateway/core/ids.ts';
import { canonicalReading, type ListRow, NO_PIN, ROW_FLAGS } from '../../gateway/wire/mqtt/list.ts';
import type { DoorSettings } from '../../gateway/wire/mqtt/list-header.ts';
import { duressOf, matchPinNow, pinVerifier } from '../../gateway/wire/mqtt/pin.ts';
import { settings } from '../helpers/lists.ts';
import { ackOf, answers, CARD, NONCE, of, online, OTHER_CARD, published, pulses, type Rig, row, START, verdict, wantOf } from './rig.ts';

const [HOUR_MS, MINUTE_MS] = [3_600_000, 60_000];
/** START is 08:00 in Shanghai on Sunday, 1 November 2026. */
const sundays = (from: number, to: number) => [[], [], [], [], [], [], [[from, to] as const], []];
const PIN_HOURS = { sched: [{ s: 3, w: sundays(480, 600) }] };
const [PIN, WRONG] = ['2468', '1357'];
const canonical = (card: { w: number; x: string }): Buffer => canonicalReading(card) ?? Buffer.alloc(0);
const VERIFIER = await pinVerifier(PIN, canonical(CARD));

const withPin = (card = CARD, verifier = VERIFIER): ListRow => {
  const [print, doors, until, schedule] = row(card, 3);
  return [print, doors, until, schedule, ROW_FLAGS.pin, verifier];
};

let n = 0;
function rule(device: Rig, rows: ListRow[], door: Partial<DoorSettings>, more: Parameters<typeof wantOf>[2] = PIN_HOURS): void {
  n += 1;
  device.say(wantOf(rows, { e: 1, n }, { doors: [settings(door), settings()], until: START + 30 * 24 * HOUR_MS + n, ...more }));
  device.say({ tail: 'acl/c', body: { e: 1, n, at: 0, rows } });
}
const tellTime = (device: Rig, t = START): unknown => {
  device.do({ t: 'ask-time', nonce: NONCE });
  return device.say({ tail: 'time', body: { v: 1, no: NONCE, t } });
};
/** A door of a card with a PIN and one without, at the hour of PINs. */
function asking(told = true): Rig {
  const device = online();
  if (told) tellTime(device);
  rule(device, [withPin(), row(OTHER_CARD, 3)], { p: 3 });
  return device;
}
const offline = (device: Rig): Rig => {
  device.do({ t: 'disconnected' });
  return device;
};
const type = (device: Rig, keys: string, tag?: number) => [...keys].flatMap((key) => device.do({ t: 'key', door: 1, key, ...(tag === undefined ? {} : { tag }) }));
const reasonOf = (device: Rig, pin: string, card = CARD): string | undefined => {
  device.tap(card);
  return answers(type(device, `${pin}#`))[0]?.reason;
};
const words = (device: Rig): string[] => [...device.image.records.values()].flatMap((record) => (record.kind === 'event' && record.body.k === 'door' ? [record.body.w] : []));
const restart = (device: Rig): void => {
  device.powerOff(device.now);
  device.powerOn(device.now);
};

describe('the keypad', () => {
  test('asks for the PIN of a card before anybody is asked, and sends both together', () => {
    const device = asking();
    const tapped = device.tap();
    expect(of(tapped, 'lamp').map(({ show }) => show)).toEqual(['pin']);
    expect(published(tapped, 'req')).toEqual([]);
    const [req] = published(type(device, `${PIN}#`), 'req');
    expect(req).toMatchObject({ k: 'card', c: CARD, p: PIN });
    const [answer] = answers(device.say(verdict(device, req?.n ?? 0)));
    expect(answer).toMatchObject({ granted: true, tag: 1 });
  });

  test('begins again at the asterisk, keeps twelve digits, and hears nothing after the end', () => {
    const device = asking();
    device.tap();
    expect(published(type(device, '99*2468#'), 'req')[0]).toMatchObject({ p: '2468' });
    expect(published(type(device, '1#'), 'req'), 'a habit after the card').toEqual([]);
    const other = asking();
    other.tap();
    expect(published(type(other, '12345678901234#'), 'req')[0]?.p).toBe('123456789012');
  });

  test('after ten seconds without a key the card goes without, each key gives ten more, and half a PIN is none', () => {
    const device = asking();
    device.tap();
    device.run(9999);
    type(device, '2');
    expect(published(device.run(9999), 'req')).toEqual([]);
    const [req] = published(device.run(1), 'req');
    expect(req).toMatchObject({ k: 'card', c: CARD });
    expect(req).not.toHaveProperty('p');
    expect(
      of(device.say(verdict(device, req?.n ?? 0, { g: false, r: 'PIN_NEEDED', o: 0 })), 'lamp').map(({ show }) => show),
      'and is not asked again',
    ).toEqual(['red']);
  });

  test('another card answers the one before it', () => {
    const device = offline(asking());
    device.tap(CARD, 1);
    type(device, PIN);
    expect(answers(device.tap(OTHER_CARD, 2))).toMatchObject([{ tag: 1, granted: true }]);
    expect(answers(type(device, '#'))).toMatchObject([{ tag: 2, reason: 'PIN_NEEDED' }]);
  });

  test('digits without a card go to the gateway, which alone knows them', () => {
    const device = asking();
    const [req] = published(type(device, '481516#', 9), 'req');
    expect(req).toMatchObject({ k: 'pin', c: { w: 24, x: '481516' } });
    expect(req).not.toHaveProperty('p');
    expect(answers(device.say(verdict(device, req?.n ?? 0)))).toMatchObject([{ granted: true, tag: 9 }]);
    offline(device);
    expect(answers(type(device, '481516#'))).toMatchObject([{ granted: false, reason: 'PIN_OFFLINE' }]);
    expect(published(type(device, '#'), 'req')).toEqual([]);
    type(device, '48');
    device.run(10_000);
    expect(answers(type(device, '#')), 'forgotten').toEqual([]);
  });

  test('digits are in no record: not of the request, not of its outcome', () => {
    const device = asking();
    const seen = (): string => JSON.stringify([[...device.image.records.values()], of(device.out, 'store')]);
    type(device, '90817263#');
    expect(reasonOf(offline(device), '64738291')).toBe('PIN_WRONG');
    device.do({ t: 'connected', nonce: NONCE });
    expect(seen()).not.toMatch(/90817263|64738291/);
    expect(JSON.stringify(published(device.out, 'evt'))).not.toMatch(/90817263|64738291/);
    expect(JSON.stringify(published(device.out, 'req'))).toMatch(/90817263/);
  });

  test('a device that was not told the time asks when it hears that a PIN is needed', () => {
    const device = asking(false);
    const [first] = published(device.tap(), 'req');
    expect(of(device.say(verdict(device, first?.n ?? 0, { g: false, r: 'PIN_NEEDED', o: 0 })), 'lamp').map(({ show }) => show)).toEqual(['red', 'pin']);
    const [second] = published(type(device, `${PIN}#`), 'req');
    expect(second).toMatchObject({ c: CARD, p: PIN });
    expect(second?.n).not.toBe(first?.n);
  });
});

describe('offline, a card and its PIN', () => {
  test('are judged by the row', () => {
    const device = offline(asking());
    expect(reasonOf(device, '')).toBe('PIN_NEEDED');
    expect(reasonOf(device, WRONG)).toBe('PIN_WRONG');
    expect(reasonOf(device, PIN)).toBe('OK');
    expect(reasonOf(device, PIN, OTHER_CARD)).toBe('PIN_NEEDED');
    device.run(2 * HOUR_MS);
    expect(answers(device.tap(OTHER_CARD))[0]?.reason, 'after the hours').toBe('OK');
  });

  test('without the time: who has a PIN gives it, who has none is not shut out', () => {
    const device = offline(asking(false));
    expect(answers(device.tap())[0]?.reason).toBe('PIN_NEEDED');
    expect(answers(type(device, `${PIN}#`))[0]).toMatchObject({ granted: true, tag: 1 });
    expect(answers(device.tap(OTHER_CARD))[0]?.reason).toBe('OK');
  });

  test('a door without PIN hours asks nobody, with the time or without', () => {
    for (const told of [true, false]) {
      const device = online();
      if (told) tellTime(device);
      rule(device, [withPin()], {});
      expect(answers(offline(device).tap())[0]?.reason).toBe('OK');
    }
  });

  test('five wrong ones in a row shut it for a quarter of an hour, also over a loss of power; told once', () => {
    const device = offline(asking());
    for (let tries = 0; tries < 5; tries += 1) expect(reasonOf(device, WRONG)).toBe('PIN_WRONG');
    expect(words(device).filter((word) => word === 'pin-tries')).toHaveLength(1);
    expect(reasonOf(device, PIN)).toBe('PIN_SHUT');
    device.run(14 * MINUTE_MS);
    restart(device);
    // Without the time now: the PIN is asked for because there is one.
    device.tap();
    expect(answers(type(device, `${PIN}#`))[0]?.reason).toBe('PIN_SHUT');
    device.run(15 * MINUTE_MS);
    device.tap();
    expect(answers(type(device, `${PIN}#`))[0]?.reason).toBe('OK');
    expect(words(device).filter((word) => word === 'pin-tries')).toHaveLength(1);
    expect(device.image.tries.size).toBe(0);
  });

  test('four wrong ones, a loss of power, and one more: that is five', () => {
    const device = offline(asking());
    for (let tries = 0; tries < 4; tries += 1) reasonOf(device, WRONG);
    restart(device);
    device.tap();
    expect(answers(type(device, `${WRONG}#`))[0]?.reason).toBe('PIN_WRONG');
    device.tap();
    expect(answers(type(device, `${PIN}#`))[0]?.reason).toBe('PIN_SHUT');
  });

  test('a new PIN begins a new row', async () => {
    const device = offline(asking());
    for (let tries = 0; tries < 5; tries += 1) reasonOf(device, WRONG);
    device.do({ t: 'connected', nonce: NONCE });
    rule(device, [withPin(CARD, await pinVerifier('9173', canonical(CARD)))], { p: 3 });
    tellTime(device);
    expect([reasonOf(offline(device), PIN), reasonOf(device, '9173')]).toEqual(['PIN_WRONG', 'OK']);
  });

  test('a card that needs no PIN just now ends no row', () => {
    const device = offline(asking());
    reasonOf(device, WRONG);
    device.run(2 * HOUR_MS);
    expect(answers(device.tap())[0]?.reason).toBe('OK');
    expect([...device.image.tries.values()]).toEqual([1]);
  });

  test('the count is written before the lamp shows anything, and what the gateway found wrong is in it', () => {
    const device = asking();
    for (let tries = 0; tries < 5; tries += 1) {
      device.tap();
      const [req] = published(type(device, `${WRONG}#`), 'req');
      const out = device.say(verdict(device, req?.n ?? 0, { g: false, r: 'PIN_WRONG', o: 0 }));
      const at = out.findIndex((output) => output.t === 'store' && output.change.tries !== undefined);
      expect(at).toBeGreaterThanOrEqual(0);
      expect(at).toBeLessThan(out.findIndex((output) => output.t === 'lamp'));
    }
    expect(words(device), 'the gateway tells it').not.toContain('pin-tries');
    expect(reasonOf(offline(device), PIN)).toBe('PIN_SHUT');
  });

  test('with a full store the door still counts, and a card without digits ends no row', () => {
    const device = online({ queueMax: 0 });
    tellTime(device);
    rule(device, [withPin()], { p: 3 });
    for (let tries = 0; tries < 5; tries += 1) expect(reasonOf(device, WRONG)).toBe('PIN_WRONG');
    device.run(2 * HOUR_MS);
    expect(answers(device.tap())[0]?.reason).toBe('OK');
    expect(device.image.tries.size).toBe(1);
  });

  test('a thousand cards with wrong PINs are remembered, of more the oldest goes', () => {
    const device = asking();
    const cards = Array.from({ length: 1001 }, (_, at) => ({ w: 32, x: (0x10000000 + at).toString(16).toUpperCase() }));
    for (const card of cards) {
      device.tap(card);
      const [req] = published(type(device, `${WRONG}#`), 'req');
      for (const event of published(device.say(verdict(device, req?.n ?? 0, { g: false, r: 'PIN_WRONG', o: 0 })), 'evt')) device.say(ackOf(event));
    }
    expect(device.image.tries.size).toBe(1000);
    expect([...(device.controller.run?.tries.keys() ?? [])]).toEqual([...device.image.tries.keys()]);
  });

  test('under threat it opens with the same lamp for the same time, and an event of its own follows', () => {
    const [calm, forced] = [PIN, duressOf(PIN)].map((pin) => {
      const device = offline(asking());
      device.tap();
      const out = type(device, `${pin}#`);
      return { device, shown: { lamps: of(out, 'lamp'), pulses: pulses(out) } };
    });
    expect(forced?.shown).toEqual(calm?.shown);
    expect(forced?.shown.pulses).toHaveLength(1);
    expect(calm && words(calm.device)).toEqual([]);
    expect(forced && words(forced.device)).toEqual(['duress']);
  });

  test('under threat with a gateway, the gateway tells it', () => {
    const device = asking();
    device.tap();
    const [req] = published(type(device, `${duressOf(PIN)}#`), 'req');
    expect(req?.p).toBe(duressOf(PIN));
    device.say(verdict(device, req?.n ?? 0));
    expect(words(device)).toEqual([]);
  });
});

describe('gateway and door', () => {
  const plan = (from: number, to: number) => sundays(from, to);
  const card = { id: CredentialId(7), status: 'active', validFrom: 0, validUntil: 0, personId: PersonId(5) } as const;
  const stay = { tenancyId: TenancyId(9), unitId: UnitId(2), buildingId: BuildingId(1), from: 1, accessUntil: 0, termEnd: 0, registrationDue: 0 };
  const door = { id: DoorId(1), buildingId: BuildingId(1), unitId: 0, openMs: 5000, lockdownUntil: 0, passbackMs: 0, passbackHard: false, holdoverDays: null } as const;

  test('decide alike, whatever the hour, the card and the digits', () => {
    fc.assert(
      fc.property(fc.constantFrom(0, 3, 4), fc.boolean(), fc.constantFrom('', PIN, WRONG, duressOf(PIN)), fc.constantFrom(0, 30, 90), (p, has, pin, minutes) => {
        const device = online();
        tellTime(device);
        rule(
          device,
          [has ? withPin() : row(CARD, 3)],
          { p },
          {
            sched: [
              { s: 3, w: plan(480, 540) },
              { s: 4, w: plan(540, 600) },
            ],
          },
        );
        device.run(minutes * MINUTE_MS);
        offline(device);
        const here = answers([...device.tap(), ...type(device, `${pin}#`)])[0]?.reason;
        const check: PinCheck = !has || pin === '' ? 'none' : matchPinNow(pin, canonical(CARD), VERIFIER);
        const pinPlan = p === 0 ? undefined : p === 3 ? plan(480, 540) : plan(540, 600);
        const person = { id: PersonId(5), registered: true, slow: false };
        const calendar = { holidays: new Set<string>(), makeUpDays: new Set<string>() };
        const there = decide({ door: { ...door, pinPlan }, credential: card, person, occupancies: [stay], grants: [], calendar, lastIn: 0, pin: check }, device.now);
        expect(here).toBe(there.reason);
      }),
      { numRuns: 40 },
    );
  });

  test('a row without a PIN has no verifier that digits could meet', () => {
    expect(matchPinNow(PIN, canonical(CARD), NO_PIN)).toBe('wrong');
  });
});
