import { CredentialId, type DoorId, type PersonId, type TenancyId } from '../../../gateway/core/ids.ts';
import type { OccupancyRow } from '../../../gateway/core/people-table.ts';
import type { Random } from '../engine/random.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { Card, Register } from './register.ts';
import { numbers, type Site, START } from './site.ts';

/** Longer than a world lasts, so that only a desk ends it. */
const LOCKDOWN_MS = 2 * 3_600_000;

/** What desks do to the register, each act in one transaction. Times are epoch ms by the desk's clock, whole seconds. */
export interface Desk {
  moveIn(): void;
  moveOut(): void;
  /** "I still live here": the newest move-out is taken back. */
  object(): void;
  loseCard(): void;
  /** "It was in my other pocket", within seconds: the newest loss is taken back. */
  undo(): void;
  newCard(): void;
  /** A card is paused, or goes on. */
  pause(): void;
  /** Hotel mode: a tenancy gets an end within the hour. */
  book(): void;
  /** A document is checked, or found wrong. */
  check(): void;
  /** A door is locked down, or released. */
  lockdown(): void;
  openTime(): void;
}

const HOUR_MS = 3_600_000;
type Unit = Site['units'][number];

/** The register's people and cards, and what is done to them. `clock`: epoch ms. */
export function createDesk(site: Site, register: Register, random: Random, clock: () => number): Desk {
  const ids = numbers();
  const seconds = (): number => Math.floor(clock() / 1000) * 1000;
  const left: TenancyId[] = [];
  let undone: Card | undefined;

  function card(personId: PersonId | 0): Card {
    const hex = random.hex(4).toUpperCase();
    const validUntil = random.chance(0.1) ? seconds() + random.whole(1, 3600) * 1000 : 0;
    return { id: CredentialId(ids.card()), hex, fingerprint: fingerprintOf({ bits: 32, hex }), status: 'active', validFrom: 0, validUntil, personId };
  }

  const view = () => register.now();
  const living = (): { id: TenancyId; occupancies: readonly OccupancyRow[] }[] =>
    view()
      .all('tenancy')
      .filter(({ occupancies: [first] }) => first !== undefined && (first.accessUntil === 0 || first.accessUntil > seconds()));

  const active = (): Card[] =>
    view()
      .all('credential')
      .filter(({ status }) => status === 'active');

  function settle(unit: Unit, from: number): void {
    register.write((put) => {
      const id = ids.tenancy();
      const occupancies: OccupancyRow[] = [];
      const termEnd = random.chance(0.3) ? seconds() + random.whole(-3600, 3600) * 1000 : 0;
      const stay = (personId: PersonId): OccupancyRow => ({
        tenancyId: id,
        unitId: unit.id,
        buildingId: unit.buildingId,
        from,
        accessUntil: 0,
        termEnd,
        registrationDue: 0,
        personId,
      });
      for (let heads = random.whole(1, 2); heads > 0; heads -= 1) {
        const personId = ids.person();
        put('person', { id: personId, registered: random.chance(0.9), slow: random.chance(0.1) });
        for (let cards = random.whole(1, 2); cards > 0; cards -= 1) put('credential', card(personId));
        occupancies.push(stay(personId));
      }
      // Somebody who lives in another home already: his cards get rows with several ends.
      const [known] = random.chance(0.4) ? [...living().flatMap((other) => other.occupancies)].slice(-1) : [];
      if (known !== undefined && known.unitId !== unit.id) occupancies.push(stay(known.personId));
      put('tenancy', { id, occupancies });
    });
  }

  const ended = (id: TenancyId, accessUntil: number): void =>
    register.write((put) => {
      const occupancies = view().one('tenancy', id)?.occupancies ?? [];
      put('tenancy', { id, occupancies: occupancies.map((stay) => ({ ...stay, accessUntil })) });
    });

  function oneOf<T>(items: readonly T[], act: (item: T) => void): void {
    if (items.length > 0) act(random.pick(items));
  }

  for (const unit of site.units) if (random.chance(0.75)) settle(unit, seconds() - random.whole(1, 1000) * HOUR_MS);
  register.write((put) => {
    for (let spare = 0; spare < 3; spare += 1) put('credential', card(0));
  });

  return {
    moveIn: () => settle(random.pick(site.units), seconds()),
    moveOut: () =>
      oneOf(living(), ({ id }) => {
        left.push(id);
        ended(id, seconds());
      }),
    object() {
      const id = left.pop();
      if (id !== undefined) ended(id, 0);
    },
    loseCard: () =>
      oneOf(active(), (lost) => {
        undone = lost;
        register.write((put) => put('credential', { ...lost, status: 'revoked' }));
      }),
    undo() {
      const back = undone;
      undone = undefined;
      if (back !== undefined && view().one('credential', back.id)?.status === 'revoked') register.write((put) => put('credential', back));
    },
    newCard: () => oneOf(living(), ({ occupancies }) => oneOf(occupancies, ({ personId }) => register.write((put) => put('credential', card(personId))))),
    pause: () =>
      oneOf(
        view()
          .all('credential')
          .filter(({ status }) => status !== 'revoked'),
        (paused) => register.write((put) => put('credential', { ...paused, status: paused.status === 'active' ? 'suspended' : 'active' })),
      ),
    book: () => oneOf(living(), ({ id }) => ended(id, seconds() + random.whole(30, 2400) * 1000)),
    check: () => oneOf(view().all('person'), (person) => register.write((put) => put('person', { ...person, registered: !person.registered }))),
    lockdown: () => oneOf(view().all('door'), (door) => register.write((put) => put('door', { ...door, lockdownUntil: door.lockdownUntil === 0 ? START + LOCKDOWN_MS : 0 }))),
    openTime: () => oneOf(view().all('door'), (door) => register.write((put) => put('door', { ...door, openMs: random.pick([2000, 4000, 6000]) }))),
  };
}

/** A card somebody holds to a reader: mostly a tenant's at a door of his, else anybody's anywhere. */
export function cardAt(site: { readonly doors: readonly { readonly id: DoorId }[] }, register: Register, random: Random): { readonly doorId: DoorId; readonly hex: string } {
  const view = register.now();
  const door = random.pick(site.doors);
  const kind = random.next();
  const cards = view.all('credential');
  if (kind < 0.08 || cards.length === 0) return { doorId: door.id, hex: random.hex(4).toUpperCase() };
  if (kind < 0.3) return { doorId: door.id, hex: random.pick(cards).hex };
  const facts = view.one('door', door.id);
  const residents = new Set(
    view
      .all('tenancy')
      .flatMap(({ occupancies }) => occupancies)
      .filter((stay) => stay.buildingId === facts?.buildingId && (facts.unitId === 0 || stay.unitId === facts.unitId))
      .map(({ personId }) => personId),
  );
  const theirs = cards.filter(({ personId }) => personId !== 0 && residents.has(personId));
  return { doorId: door.id, hex: random.pick(theirs.length > 0 ? theirs : cards).hex };
}
