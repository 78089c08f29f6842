import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide } from '../../gateway/core/decide.ts';
import type { CredentialFacts, DoorFacts, Facts, GrantFacts, OccupancyFacts, PersonFacts } from '../../gateway/core/facts.ts';
import { BuildingId, CredentialId, DoorId, PersonId, TenancyId, UnitId } from '../../gateway/core/ids.ts';
import { NOTES, noteSentence, REASONS, sentence } from '../../gateway/core/reasons.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 22, 4);
const street: DoorFacts = { id: DoorId(1), buildingId: BuildingId(1), unitId: 0, openMs: 5000, lockdownUntil: 0, passbackMs: 0, passbackHard: false, holdoverDays: null };
const own: DoorFacts = { ...street, id: DoorId(3), unitId: UnitId(12) };
const otherHome: DoorFacts = { ...street, id: DoorId(4), unitId: UnitId(13) };
const card: CredentialFacts = { id: CredentialId(7), status: 'active', validFrom: 0, validUntil: 0, personId: PersonId(5) };
const tenant: PersonFacts = { id: PersonId(5), registered: true, slow: false };
const stay: OccupancyFacts = {
  tenancyId: TenancyId(9),
  unitId: UnitId(12),
  buildingId: BuildingId(1),
  from: NOW - 300 * DAY,
  accessUntil: 0,
  termEnd: NOW + 60 * DAY,
  registrationDue: 0,
};
const NOTHING_MORE = { grants: [], calendar: { holidays: new Set<string>(), makeUpDays: new Set<string>() }, lastIn: 0 };
const at = (door: DoorFacts | undefined, change: Partial<{ card: Partial<CredentialFacts>; person: Partial<PersonFacts>; stays: OccupancyFacts[] }> = {}): Facts => ({
  door,
  credential: { ...card, ...change.card },
  person: { ...tenant, ...change.person },
  occupancies: change.stays ?? [stay],
  ...NOTHING_MORE,
});

const [NEVER, ALWAYS] = [[], [0, 480]].map(([from = 0, length = 0]) => Array.from({ length: 8 }, (): [number, number][] => (length === 0 ? [] : [[from, 1440]])));
const work: GrantFacts = { buildingId: BuildingId(1), from: NOW - 300 * DAY, until: 0, plan: undefined, duty: false };
const asking: DoorFacts = { ...street, pinPlan: ALWAYS };
const locked: DoorFacts = { ...street, lockdownUntil: NOW + 1 };
const atWork = (door: DoorFacts, change: Partial<GrantFacts> = {}): Facts => ({ ...at(door, { stays: [] }), grants: [{ ...work, ...change }] });

/** number, what, facts, outcome. A grant is OK with or without its note. */
const TABLE: readonly [number, string, Facts, string][] = [
  [1, 'a running tenancy at the street door', at(street), 'OK'],
  [2, 'a running tenancy at the own home', at(own), 'OK'],
  [3, 'a running tenancy at another home', at(otherHome), 'WRONG_DOOR'],
  [4, 'a door that is not in the register', at(undefined), 'UNKNOWN_DOOR'],
  [5, 'a card nobody knows', { door: street, credential: undefined, person: undefined, occupancies: [], ...NOTHING_MORE }, 'UNKNOWN_CREDENTIAL'],
  [6, 'a stock card nobody holds', { door: street, credential: { ...card, personId: 0 }, person: undefined, occupancies: [], ...NOTHING_MORE }, 'NOT_REGISTERED'],
  [7, 'a holder whose document nobody checked', at(street, { person: { registered: false } }), 'NOT_REGISTERED'],
  [8, 'a registered person who lives nowhere', at(street, { stays: [] }), 'NOT_REGISTERED'],
  [9, 'a card reported lost', at(street, { card: { status: 'revoked' } }), 'REVOKED'],
  [10, 'a card on hold', at(street, { card: { status: 'suspended' } }), 'SUSPENDED'],
  [11, 'a card before its first day', at(street, { card: { validFrom: NOW + 1 } }), 'NOT_YET_VALID'],
  [12, 'a card on its first millisecond', at(street, { card: { validFrom: NOW } }), 'OK'],
  [13, 'a card at its end', at(street, { card: { validUntil: NOW } }), 'EXPIRED'],
  [14, 'a card one millisecond before its end', at(street, { card: { validUntil: NOW + 1 } }), 'OK'],
  [15, 'a tenancy that has not begun', at(street, { stays: [{ ...stay, from: NOW + 1 }] }), 'NOT_YET_VALID'],
  [16, 'a tenancy on its first millisecond', at(street, { stays: [{ ...stay, from: NOW }] }), 'OK'],
  [17, 'moved out', at(street, { stays: [{ ...stay, accessUntil: NOW }] }), 'LEASE_ENDED'],
  [18, 'moving out in a millisecond', at(street, { stays: [{ ...stay, accessUntil: NOW + 1 }] }), 'OK'],
  [19, 'a contract that ran out, nobody ended it', at(street, { stays: [{ ...stay, termEnd: NOW - 7 * DAY }] }), 'OK HOLDOVER'],
  [20, 'the same where the rules set 0 days (CLASSIC)', at({ ...street, holdoverDays: 0 }, { stays: [{ ...stay, termEnd: NOW }] }), 'LEASE_ENDED'],
  [21, 'the same inside 30 days of grace', at({ ...street, holdoverDays: 30 }, { stays: [{ ...stay, termEnd: NOW - 29 * DAY }] }), 'OK HOLDOVER'],
  [22, 'the same at the end of 30 days', at({ ...street, holdoverDays: 30 }, { stays: [{ ...stay, termEnd: NOW - 30 * DAY }] }), 'LEASE_ENDED'],
  [23, 'registration overdue', at(street, { stays: [{ ...stay, registrationDue: NOW }] }), 'OK REGISTRATION_OVERDUE'],
  [24, 'registration due tomorrow', at(street, { stays: [{ ...stay, registrationDue: NOW + DAY }] }), 'OK'],
  [
    25,
    'moved out of one home, living in another',
    at(street, {
      stays: [
        { ...stay, accessUntil: NOW - DAY },
        { ...stay, unitId: UnitId(14) },
      ],
    }),
    'OK',
  ],
  [
    26,
    'moved out of this home, at its door',
    at(own, {
      stays: [
        { ...stay, accessUntil: NOW - DAY },
        { ...stay, unitId: UnitId(14) },
      ],
    }),
    'LEASE_ENDED',
  ],
  [27, 'a tenant of another building', at(street, { stays: [{ ...stay, buildingId: BuildingId(2) }] }), 'WRONG_DOOR'],
  [28, 'lockdown', at({ ...street, lockdownUntil: NOW + 1 }), 'LOCKDOWN'],
  [29, 'lockdown tells a stranger nothing', at({ ...street, lockdownUntil: NOW + 1 }, { person: { registered: false } }), 'NOT_REGISTERED'],
  [
    30,
    'renewal: the old tenancy ended, the next has begun',
    at(street, {
      stays: [
        { ...stay, accessUntil: NOW - 1 },
        { ...stay, from: NOW - 1 },
      ],
    }),
    'OK',
  ],
  [31, 'a contract that runs out this millisecond', at(street, { stays: [{ ...stay, termEnd: NOW }] }), 'OK HOLDOVER'],
  [
    32,
    'one tenancy still to begin, another over: what is to come is told, in either order',
    at(street, {
      stays: [
        { ...stay, from: NOW + 1 },
        { ...stay, accessUntil: NOW },
      ],
    }),
    'NOT_YET_VALID',
  ],
  [
    33,
    'the same, the one that is over first',
    at(street, {
      stays: [
        { ...stay, accessUntil: NOW },
        { ...stay, from: NOW + 1 },
      ],
    }),
    'NOT_YET_VALID',
  ],
  [34, 'no contract date, where the rules set 30 days', at({ ...street, holdoverDays: 30 }, { stays: [{ ...stay, termEnd: 0 }] }), 'OK'],
  [35, 'no contract date, registration overdue', at(street, { stays: [{ ...stay, termEnd: 0, registrationDue: NOW }] }), 'OK REGISTRATION_OVERDUE'],
  [36, 'somebody who works here', atWork(street), 'OK'],
  [361, 'a tenant, while the line of the door is in a test', { ...at(street), inTest: true }, 'LINE_TEST'],
  [362, 'a line in a test tells a stranger nothing', { ...at(street, { person: { registered: false } }), inTest: true }, 'NOT_REGISTERED'],
  [37, 'the same at a home', atWork(own), 'WRONG_DOOR'],
  [38, 'the same in another building', atWork({ ...street, buildingId: BuildingId(2) }), 'WRONG_DOOR'],
  [39, 'the same before the first day', atWork(street, { from: NOW + 1 }), 'NOT_YET_VALID'],
  [40, 'the same on the first millisecond', atWork(street, { from: NOW }), 'OK'],
  [41, 'the same at the end', atWork(street, { until: NOW }), 'EXPIRED'],
  [42, 'the same a millisecond before the end', atWork(street, { until: NOW + 1 }), 'OK'],
  [43, 'the same outside the hours', atWork(street, { plan: NEVER }), 'OUT_OF_SCHEDULE'],
  [44, 'the same within them', atWork(street, { plan: ALWAYS }), 'OK'],
  [45, 'somebody who lives and works here, outside the hours: home is home', { ...at(street), grants: [{ ...work, plan: NEVER }] }, 'OK'],
  [46, 'somebody who moved out and still works here', { ...at(street, { stays: [{ ...stay, accessUntil: NOW }] }), grants: [work] }, 'OK'],
  [
    47,
    'somebody who moved out, at his work outside the hours',
    { ...at(street, { stays: [{ ...stay, accessUntil: NOW }] }), grants: [{ ...work, plan: NEVER }] },
    'OUT_OF_SCHEDULE',
  ],
  [48, 'two jobs here, one of them now', { ...atWork(street), grants: [{ ...work, plan: NEVER }, work] }, 'OK'],
  [
    49,
    'one job to come, another over: what is to come is told',
    {
      ...atWork(street),
      grants: [
        { ...work, from: NOW + 1 },
        { ...work, until: NOW },
      ],
    },
    'NOT_YET_VALID',
  ],
  [
    50,
    'one over, another to come',
    {
      ...atWork(street),
      grants: [
        { ...work, until: NOW },
        { ...work, from: NOW + 1 },
      ],
    },
    'EXPIRED',
  ],
  [
    51,
    'one to come, another outside its hours: the hours are told',
    {
      ...atWork(street),
      grants: [
        { ...work, from: NOW + 1 },
        { ...work, plan: NEVER },
      ],
    },
    'OUT_OF_SCHEDULE',
  ],
  [52, 'work of somebody whose document nobody saw', { ...atWork(street), person: { ...tenant, registered: false } }, 'NOT_REGISTERED'],
  [53, 'lockdown, at work', atWork(locked), 'LOCKDOWN'],
  [54, 'lockdown, on duty', atWork(locked, { duty: true }), 'OK LOCKDOWN'],
  [55, 'lockdown, on duty outside the hours', atWork(locked, { duty: true, plan: NEVER }), 'OUT_OF_SCHEDULE'],
  [56, 'lockdown, at home and on duty', { ...at(locked), grants: [{ ...work, duty: true }] }, 'OK LOCKDOWN'],
  [57, 'lockdown, at home, and on duty outside the hours', { ...at(locked), grants: [{ ...work, duty: true, plan: NEVER }] }, 'LOCKDOWN'],
  [58, 'a lockdown that ends this millisecond', at({ ...street, lockdownUntil: NOW }), 'OK'],
  [59, 'in twice, where it is noted', { ...at({ ...street, passbackMs: 60_000 }), lastIn: NOW - 59_999 }, 'OK ANTIPASSBACK'],
  [60, 'in twice, a minute apart', { ...at({ ...street, passbackMs: 60_000 }), lastIn: NOW - 60_000 }, 'OK'],
  [61, 'in twice, where it is refused', { ...at({ ...street, passbackMs: 60_000, passbackHard: true }), lastIn: NOW - 1 }, 'ANTIPASSBACK'],
  [62, 'in for the first time, where it is refused', at({ ...street, passbackMs: NOW * 2, passbackHard: true }), 'OK'],
  [
    63,
    'in twice while holding over: the contract is what somebody must act on',
    { ...at({ ...street, passbackMs: 60_000 }, { stays: [{ ...stay, termEnd: NOW - DAY }] }), lastIn: NOW - 1 },
    'OK HOLDOVER',
  ],
  [64, 'the card alone where it takes the PIN', at(asking), 'PIN_NEEDED'],
  [65, 'the card and its PIN', { ...at(asking), pin: 'right' }, 'OK'],
  [66, 'the PIN of somebody under threat', { ...at(asking), pin: 'duress' }, 'OK'],
  [67, 'a wrong PIN', { ...at(asking), pin: 'wrong' }, 'PIN_WRONG'],
  [68, 'a PIN after too many wrong ones', { ...at(asking), pin: 'shut' }, 'PIN_SHUT'],
  [69, 'a code alone where it takes both', { ...at(asking), pin: 'code' }, 'PIN_NEEDED'],
  [70, 'the card alone outside the hours of PINs', at({ ...street, pinPlan: NEVER }), 'OK'],
  [71, 'a wrong PIN outside them', { ...at({ ...street, pinPlan: NEVER }), pin: 'wrong' }, 'OK'],
  [72, 'a code where no PIN is asked for', { ...at(street), pin: 'code' }, 'OK'],
  [73, 'the right PIN of a card that is stopped', { ...at(asking, { card: { status: 'revoked' } }), pin: 'right' }, 'REVOKED'],
  [74, 'the right PIN at a door that is not his', { ...at({ ...asking, unitId: UnitId(13) }), pin: 'right' }, 'WRONG_DOOR'],
  [75, 'lockdown comes before the PIN', at({ ...asking, lockdownUntil: NOW + 1 }), 'LOCKDOWN'],
  [76, 'a duty card in a lockdown needs its PIN, too', atWork({ ...asking, lockdownUntil: NOW + 1 }, { duty: true }), 'PIN_NEEDED'],
  [77, 'and opens with it', { ...atWork({ ...asking, lockdownUntil: NOW + 1 }, { duty: true }), pin: 'right' }, 'OK LOCKDOWN'],
  [78, 'what would be noted on a grant is not on a refusal', { ...at({ ...asking, passbackMs: 60_000 }), lastIn: NOW - 1 }, 'PIN_NEEDED'],
];

describe('decide', () => {
  test.each(TABLE)('%i. %s', (_number, _what, facts, outcome) => {
    const decision = decide(facts, NOW);
    expect([decision.reason, decision.note].filter(Boolean).join(' ')).toBe(outcome);
    expect(decision.granted).toBe(outcome.startsWith('OK'));
    expect(decision.openMs).toBe(decision.granted ? 5000 : 0);
  });

  test('a refusal for want of a PIN rests on the home it would have opened by', () => {
    expect(decide(at(asking), NOW).occupancy).toEqual(stay);
  });

  test('a person who is slow gets the door for twice as long', () => {
    expect(decide(at(street, { person: { slow: true } }), NOW).openMs).toBe(10_000);
    expect(decide({ ...atWork(street), person: { ...tenant, slow: true } }, NOW).openMs).toBe(10_000);
  });
});

/** The rule of design.md 2 in its shortest form: is there a justification at this moment? */
function justified(facts: Facts, now: number): boolean {
  const { door, credential, person } = facts;
  if (!door || !credential || !person?.registered || credential.status !== 'active') return false;
  if (now < credential.validFrom || (credential.validUntil && now >= credential.validUntil)) return false;
  if (door.pinPlan === ALWAYS && facts.pin !== 'right' && facts.pin !== 'duress') return false;
  const works = (duty: boolean) =>
    facts.grants.some((g) => g.buildingId === door.buildingId && door.unitId === 0 && now >= g.from && (!g.until || now < g.until) && g.plan !== NEVER && (g.duty || !duty));
  if (now < door.lockdownUntil) return works(true) && facts.occupancies.length + facts.grants.length > 0;
  if (door.passbackHard && facts.lastIn !== 0 && now - facts.lastIn < door.passbackMs) return false;
  if (works(false)) return true;
  return facts.occupancies.some((o) => {
    const here = o.buildingId === door.buildingId && [0, o.unitId].includes(door.unitId);
    const begun = now >= o.from;
    const movedOut = o.accessUntil !== 0 && now >= o.accessUntil;
    const lapsed = o.termEnd !== 0 && door.holdoverDays !== null && now >= o.termEnd + door.holdoverDays * DAY;
    return here && begun && !movedOut && !lapsed;
  });
}

const moment = fc.constantFrom(0, NOW - 40 * DAY, NOW - 1, NOW, NOW + 1, NOW + DAY);
const someDoor = fc.record({
  id: fc.constant(DoorId(1)),
  buildingId: fc.constantFrom(BuildingId(1), BuildingId(2)),
  unitId: fc.constantFrom(0 as const, UnitId(12), UnitId(13)),
  openMs: fc.constant(5000),
  lockdownUntil: fc.constantFrom(0, NOW, NOW + 1),
  passbackMs: fc.constantFrom(0, 60_000),
  passbackHard: fc.boolean(),
  holdoverDays: fc.constantFrom(null, 0, 30),
  pinPlan: fc.constantFrom(undefined, undefined, NEVER, ALWAYS),
});
const someStay = fc.record({
  tenancyId: fc.constant(TenancyId(9)),
  unitId: fc.constantFrom(UnitId(12), UnitId(13)),
  buildingId: fc.constantFrom(BuildingId(1), BuildingId(2)),
  from: moment,
  accessUntil: moment,
  termEnd: moment,
  registrationDue: moment,
});
const someGrant = fc.record({
  buildingId: fc.constantFrom(BuildingId(1), BuildingId(2)),
  from: moment,
  until: moment,
  plan: fc.constantFrom(undefined, NEVER, ALWAYS),
  duty: fc.boolean(),
});
const someCard = fc.record({
  id: fc.constant(CredentialId(7)),
  status: fc.constantFrom('active' as const, 'revoked' as const, 'suspended' as const),
  validFrom: moment,
  validUntil: moment,
  personId: fc.constant(PersonId(5)),
});
const somePerson = fc.record({ id: fc.constant(PersonId(5)), registered: fc.boolean(), slow: fc.boolean() });
const someFacts: fc.Arbitrary<Facts> = fc.record({
  door: fc.option(someDoor, { nil: undefined, freq: 9 }),
  credential: fc.option(someCard, { nil: undefined, freq: 9 }),
  person: fc.option(somePerson, { nil: undefined, freq: 9 }),
  occupancies: fc.array(someStay, { maxLength: 3 }),
  grants: fc.array(someGrant, { maxLength: 2 }),
  calendar: fc.constant(NOTHING_MORE.calendar),
  lastIn: fc.constantFrom(0, NOW - 60_000, NOW - 59_999),
  pin: fc.constantFrom('none' as const, 'right' as const, 'duress' as const, 'wrong' as const, 'shut' as const, 'code' as const),
});

describe('decide, against the reference', () => {
  test('grants exactly what is justified', () => {
    fc.assert(
      fc.property(someFacts, (facts) => decide(facts, NOW).granted === justified(facts, NOW)),
      { numRuns: 5000 },
    );
  });

  test('names one reason, opens only on OK, and rests a grant on one of the occupancies', () => {
    fc.assert(
      fc.property(someFacts, (facts) => {
        const decision = decide(facts, NOW);
        expect(REASONS).toContain(decision.reason);
        expect(decision.granted).toBe(decision.reason === 'OK');
        expect(decision.openMs > 0).toBe(decision.granted);
        if (decision.granted && decision.occupancy !== undefined) expect(facts.occupancies).toContain(decision.occupancy);
        else if (decision.granted) expect(facts.grants.some(({ buildingId }) => buildingId === facts.door?.buildingId)).toBe(true);
        if (!decision.granted) expect(decision.note).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });

  test('every reason and note has a sentence for a person in both languages', () => {
    for (const words of [...REASONS.map(sentence), ...NOTES.map(noteSentence)]) {
      expect(words.zh).toMatch(/[一-鿿].*[。？]$/u);
      expect(words.en).toMatch(/^[A-Z].*[.?]$/);
      expect(words.zh + words.en).not.toMatch(/undefined|null|error/i);
    }
  });
});
