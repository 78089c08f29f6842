import { SimDevice, type TapResult } from '../../firmware-sim/device.ts';
import type { StoredEntry } from '../../gateway/journal/entry.ts';
import type { BenchSite } from '../bench/site.ts';
import { keyName } from './log-check.ts';

/** A tap at a real controller, and whether this card may enter. */
export interface DoorTap extends TapResult {
  readonly may: boolean;
}

/** Controllers with the firmware of firmware-sim: they ask, go by their own list when nobody answers, and keep events until they are acknowledged. */
export interface RealDoors {
  readonly taps: readonly DoorTap[];
  /** Holds a card to each door's reader, one after the other: in turn one that may and one that may not. */
  tapAll(): Promise<void>;
  /** Events and requests that wait for the gateway. */
  queued(): number;
  /** True when every door has its list. */
  haveLists(): boolean;
  stop(): void;
}

const STRANGER = 'FFEEDDCC';

/** Starts one for each device of a site. They keep their stores in `storeDir`. */
export function realDoors(site: BenchSite, port: number, storeDir: string): RealDoors {
  const devices = site.devices.map((device) => {
    const described = { ...device, doors: [{ number: 1, code: `${device.device}-1` }] };
    return new SimDevice({ mqtt: { host: '127.0.0.1', port, pin: undefined }, storeDir, device: described, walk: false });
  });
  for (const device of devices) device.start();
  const taps: DoorTap[] = [];
  let turn = 0;
  return {
    taps,
    async tapAll() {
      await Promise.all(
        devices.map(async (device) => {
          turn += 1;
          const may = turn % 3 !== 0;
          const card = may ? (site.cards[turn % site.cards.length] ?? STRANGER) : STRANGER;
          taps.push({ ...(await device.tap(1, { w: 32, x: card })), may });
        }),
      );
    },
    queued: () => devices.reduce((sum, device) => sum + device.status(1).queued, 0),
    haveLists: () => devices.every((device) => device.status(1).list !== ''),
    stop() {
      for (const device of devices) device.stop();
    },
  };
}

/** What is wrong with what the doors did: somebody let in who may not or the other way round, or a lamp that came too late. */
export function wrongTaps(taps: readonly DoorTap[], longestMs: number): string[] {
  return taps.flatMap(({ granted, may, reason, ms }, at) => [
    ...(granted === may ? [] : [`tap ${at}: granted ${granted} (${reason}), may ${may}`]),
    ...(ms <= longestMs ? [] : [`tap ${at}: the lamp came after ${ms} ms`]),
  ]);
}

/** What is wrong with a log after the doors have told everything: each tap must stand there once, with its outcome. */
export function wrongEntries(taps: readonly DoorTap[], entries: readonly StoredEntry[]): string[] {
  const wrong: string[] = [];
  for (const kind of ['access', 'outcome'] as const) {
    const names = entries.flatMap(({ event }) => (event.kind === kind && event.key !== undefined ? [keyName(event.key)] : []));
    if (new Set(names).size !== names.length) wrong.push(`${kind}: ${names.length} entries, ${new Set(names).size} keys`);
    if (names.length !== taps.length) wrong.push(`${taps.length} taps and ${names.length} entries of kind ${kind}`);
  }
  // What the door did; a request that came too late stands as refused, and the door went by its list.
  const granted = entries.filter(({ event }) => event.kind === 'outcome' && event.granted).length;
  const may = taps.filter((tap) => tap.may).length;
  if (granted !== may) wrong.push(`${may} taps were granted and ${granted} outcomes say so`);
  return wrong;
}
