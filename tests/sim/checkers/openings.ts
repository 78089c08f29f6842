import { type Checker, keyName, type Scene } from './checker.ts';

interface Opening {
  readonly what: string;
  readonly request: string;
  readonly instance: string;
}
/** One note of a look stands for the looks of five minutes (http/disclosure/looks.ts). */
const LOOK_MS = 5 * 60_000;

/** 8. Every opening has its entries, every order is written down before it is sent, and nobody is shown before it is noted. */
export function openingsChecker({ world, fail }: Scene): Checker {
  const openings: Opening[] = [];
  /** Instances of devices that were taken from their walls, with what they had not told. */
  const gone = new Set<string>();
  const orders = new Map<number, number>();
  const noted = new Map<number, number>();
  return {
    appended({ event, person }) {
      if (event.kind === 'command' && event.ref === undefined) orders.set(event.doorId, (orders.get(event.doorId) ?? 0) + 1);
      if (event.kind === 'audit') noted.set(person.personId, world.now());
    },
    shown(personId) {
      const at = noted.get(personId);
      if (at === undefined || world.now() - at > LOOK_MS + 1000) fail(`person ${personId} was shown and nobody wrote it down`);
    },
    sent(device, { tail, body }) {
      if (tail === 'res' && body.g && body.e === 0) fail(`request ${body.b}/${body.n} of ${device.id} was granted without an entry`);
      if (tail !== 'cmd') return;
      const doorId = world.site.doors.find((door) => door.controllerId === device.parts.controllerId && door.number === body.d)?.id ?? 0;
      const left = orders.get(doorId) ?? 0;
      if (left === 0) fail(`an order for door ${doorId} was sent and is not in the log`);
      orders.set(doorId, left - 1);
    },
    output(device, output) {
      if (output.t !== 'pulse' || output.cause.by !== 'request' || output.cause.n === 0) return;
      const { run } = device.controller;
      if (run === undefined) return;
      const key = { controllerId: device.parts.controllerId, instance: run.instance, boot: run.boot, seq: output.cause.n };
      openings.push({ what: `${device.id} door ${output.door} at ${world.now()}`, request: keyName(key), instance: run.instance });
    },
    replaced: (device) => void gone.add(device.instance),
    ended() {
      const entries = world.entries();
      const requests = new Map([...entries.values()].flatMap(({ event, index }) => (event.kind === 'access' && event.key ? [[keyName(event.key), index] as const] : [])));
      const granted = new Set([...entries.values()].flatMap(({ event }) => (event.kind === 'outcome' && event.granted && event.ref !== undefined ? [event.ref] : [])));
      for (const { what, request, instance } of openings) {
        if (gone.has(instance)) continue;
        const index = requests.get(request);
        if (index === undefined) fail(`${what} opened for request ${request}, of which there is no entry`);
        else if (!granted.has(index)) fail(`${what} opened for request ${request} (entry ${index}), and no outcome says so`);
      }
    },
  };
}
