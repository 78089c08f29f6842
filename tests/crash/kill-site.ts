import path from 'node:path';
import { loadKeys } from '../../gateway/store/keys.ts';
import { openRegister, type Register } from '../../gateway/store/register.ts';
import { type BenchSite, makeSite } from '../bench/site.ts';
import type { Random } from './random.ts';

/** What the test knows of a card, apart from the register. `home`: 1 or 2, 0 for none. */
interface CardTruth {
  readonly hex: string;
  readonly home: number;
  active: boolean;
  registered: boolean;
  /** Who asked in this time may have been answered by what was true before, or by what is; ms of the test's clock. */
  doubt: { readonly from: number; readonly until: number };
}

/** A site whose register the test changes, and who may enter where by its own account. */
export interface KillSite extends BenchSite {
  /** A card to try: known, unknown, of either home. */
  card(random: Random): string;
  /** May this card open this door? Undefined while a change of it may be on its way. */
  may(card: string, door: number, asked: number): boolean | undefined;
  /** Takes a card away, or gives one back. `running`: a gateway is up and must hear of it. */
  change(random: Random, running: boolean): Promise<void>;
  close(): Promise<void>;
}

const STRANGER = 'FFEEDDCC';
/** Doors 1 and 2 are the street's, 3 is that of home 1, 4 that of home 2. */
const HOME_OF_DOOR = [0, 0, 0, 1, 2];
/** The promise is 1 s at the 99th percentile and 2 s at the worst (design.md 1, I3). */
const KNOWN_AFTER_MS = 2000;
/** A question may wait so long for a gateway that is started again. */
const PATIENCE_MS = 15_000;

/** Gives the second home its own door and moves every second tenant there; doors 3 and 4 become home doors. */
async function furnish(register: Register, cards: readonly string[]): Promise<void> {
  await register.write(async (db) => {
    const first = await db.rentalUnit.findFirstOrThrow();
    const second = await db.rentalUnit.create({ data: { code: `${first.code}-2`, buildingId: first.buildingId, floor: 1, room: '0102' } });
    const now = Date.now();
    const tenancy = await db.tenancy.create({ data: { unitId: second.id, startAt: now - 86_400_000, createdAt: now } });
    const people = await db.person.findMany({ orderBy: { id: 'asc' } });
    for (const [at, person] of people.entries()) if (at % 2 === 1) await db.occupant.updateMany({ where: { personId: person.id }, data: { tenancyId: tenancy.id } });
    const doors = await db.door.findMany({ orderBy: { id: 'asc' } });
    for (const [at, unitId] of [first.id, second.id].entries()) await db.door.update({ where: { id: doors[at + 2]?.id ?? 0 }, data: { unitId, kind: 'unit' } });
    if (people.length !== cards.length) throw new Error('a card for each person');
  });
}

/** Makes the data directory. `tenants` cards, half of them of each home. */
export async function makeKillSite(tenants: number): Promise<KillSite> {
  const site = await makeSite(4, tenants);
  const register = await openRegister({ file: path.join(site.data, 'register.sqlite'), keys: loadKeys(path.join(site.data, 'keys')) });
  await furnish(register, site.cards);
  const truths = site.cards.map((hex, at): CardTruth => ({ hex, home: 1 + (at % 2), active: true, registered: true, doubt: { from: 0, until: 0 } }));
  const byHex = new Map(truths.map((truth) => [truth.hex, truth]));
  return {
    ...site,
    card: (random) => (random.chance(0.1) ? STRANGER : (truths[random.below(truths.length)]?.hex ?? STRANGER)),
    may(card, door, asked) {
      const truth = byHex.get(card);
      if (truth === undefined) return false;
      if (asked >= truth.doubt.from && asked <= truth.doubt.until) return undefined;
      const home = HOME_OF_DOOR[door] ?? 0;
      return truth.active && truth.registered && (home === 0 || home === truth.home);
    },
    async change(random, running) {
      const at = random.below(truths.length);
      const truth = truths[at];
      if (truth === undefined) return;
      const now = performance.now();
      truth.doubt = { from: now - PATIENCE_MS, until: now + PATIENCE_MS };
      if (random.chance(0.5)) {
        truth.active = !truth.active;
        await register.write((db) => db.credential.update({ where: { id: at + 1 }, data: { status: truth.active ? 'active' : 'revoked' } }));
      } else {
        truth.registered = !truth.registered;
        await register.write((db) => db.person.update({ where: { id: at + 1 }, data: { documentCheckedBy: truth.registered ? 'landlord' : '' } }));
      }
      truth.doubt = { from: now - PATIENCE_MS, until: performance.now() + (running ? KNOWN_AFTER_MS : 0) };
    },
    close: () => register.close(),
  };
}
