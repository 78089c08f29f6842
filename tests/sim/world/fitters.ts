import type { Fitted, SimController } from './device.ts';
import { Impostor } from './impostor.ts';
import { START } from './site.ts';
import type { World } from './shape.ts';

/** Mean time between two of what fitters do, and between two looks for doors whose controller is out, ms of the world. */
const EVERY_MS = 180_000;
const LOOK_MS = 3000;
/** Whoever typed a code waits so long for anything to happen before he tries again, ms. */
const PATIENCE_MS = 15_000;
/** Longer than a code is good for, ms. */
const TOO_LONG_MS = 16 * 60_000;
/** A code nobody made. */
const INVENTED = 'doorbook:enrol?h=gateway&p=8883&c=0000-0000-0000';

/** Somebody on his way to a door with a code, or waiting for one. */
interface Visit {
  /** Ms of the world when something is to be done next. */
  due: number;
  offer: string | undefined;
  /** The code is overheard. */
  readonly stolen: boolean;
}

/** People who put controllers on walls, take them away, and type codes in; and those who should not. */
export interface Fitters {
  begin(until: number): void;
  /** Nobody dawdles any more, and whoever has no right to be there is gone. */
  calm(): void;
}

export function createFitters(world: World): Fitters {
  const { enrolment, scheduler } = world;
  const random = world.random.fitters;
  const visits = new Map<SimController, Visit>();
  const impostors = new Set<Impostor>();
  let hurry = false;

  const visit = (device: SimController, waits: number, stolen = false): void => void visits.set(device, { due: world.now() + waits, offer: undefined, stolen });

  function impostor({ id, site }: SimController): Impostor {
    const made = new Impostor({ scheduler, net: world.net, random, id, site, wall: () => START + world.now() });
    impostors.add(made);
    world.later(random.spread(60_000, 600_000), () => {
      made.end();
      impostors.delete(made);
    });
    return made;
  }

  function walk(): number {
    if (hurry) return 1000;
    return random.chance(0.06) ? TOO_LONG_MS : random.spread(500, 60_000);
  }

  function fetch(device: SimController, visit: Visit): void {
    visit.due = world.now() + PATIENCE_MS;
    void enrolment.offer(device.parts.controllerId)?.then((offer) => {
      if (visits.get(device) !== visit) return;
      visit.offer = offer;
      visit.due = world.now() + walk();
      if (visit.stolen) world.later(random.spread(100, 60_000), () => void impostor(device).steal(offer));
    });
  }

  function came(device: SimController, visit: Visit, what: Fitted): void {
    if (visits.get(device) !== visit) return;
    if (what === 'enrolled') visits.delete(device);
    else if (what !== 'silent' && what !== 'LATER') visit.offer = undefined;
    visit.due = world.now() + random.whole(2000, 8000);
  }

  function type(device: SimController, visit: Visit, offer: string): void {
    visit.due = world.now() + PATIENCE_MS;
    if (!device.powered) return;
    // Fitters pull plugs: the power goes at some step of the trade, or soon after it.
    if (!hurry && random.chance(0.3)) {
      world.touched(device);
      device.flash.cutIn = random.whole(1, 30);
      world.later(random.spread(1000, 30_000), () => {
        world.touched(device);
        device.powerOff();
        device.powerOn('power-lost');
      });
    }
    const mistyped = random.chance(0.05);
    world.atDevice(device, () => void device.fit(mistyped ? INVENTED : offer).then((what) => came(device, visit, what)));
  }

  function look(): void {
    world.later(LOOK_MS, look);
    for (const device of world.devices) {
      const known = visits.get(device);
      if (known === undefined) {
        if (!world.enrolled(device)) visit(device, walk());
      } else if (known.due <= world.now()) {
        if (known.offer === undefined) fetch(device, known);
        else type(device, known, known.offer);
      }
    }
  }

  /** Somebody trades a code before anybody else can; the controller is taken out of service, and only then a fitter comes. */
  function robbed(device: SimController): void {
    visit(device, random.spread(60_000, 300_000));
    void enrolment.offer(device.parts.controllerId)?.then((offer) => impostor(device).steal(offer));
    world.later(random.spread(5000, 60_000), () => enrolment.retire(device.parts.controllerId));
  }

  function act(): void {
    const device = random.pick(world.devices);
    const what = random.pick(['rekey', 'replace', 'retire', 'stolen', 'robbed'] as const);
    if (visits.has(device)) return;
    if (what === 'retire') {
      enrolment.retire(device.parts.controllerId);
      visit(device, random.spread(5000, 300_000));
    } else if (what === 'replace') {
      const { secret } = device;
      if (secret !== '') impostor(device).begin(secret);
      device.replace();
      visit(device, walk());
    } else if (what === 'robbed') robbed(device);
    else visit(device, 1000, what === 'stolen');
  }

  return {
    begin(until) {
      look();
      const again = (): void => {
        const wait = random.wait(EVERY_MS);
        if (world.now() + wait >= until) return;
        world.later(wait, () => {
          again();
          act();
        });
      };
      again();
    },
    calm() {
      hurry = true;
      for (const one of visits.values()) one.due = Math.min(one.due, world.now() + 1000);
      for (const one of impostors) one.end();
      impostors.clear();
    },
  };
}
