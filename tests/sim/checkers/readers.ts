import type { Tap, Verdict } from '../../../gateway/doors/link.ts';
import { sameBytes } from '../../../gateway/wire/osdp/secure.ts';
import type { LineDevice } from '../world/register.ts';
import type { SimPeripheral } from '../world/serial/wire.ts';
import { type Checker, keyName, type Scene } from './checker.ts';

/** A device on a sound line is back in its session after this, ms, beside the time until it is polled. */
const BACK_MS = 12_000;
/** Whoever holds a card to a reader of a sound line is answered within this, ms, beside the same. */
const ANSWER_MS = 4000;
/** An operator's act on a device lasts five minutes; what it left is mended as after a fault, ms. */
const GIVING_MS = 5 * 60_000;
/** The log takes entries: a refusal for want of it is wrong. Ms. */
const LOG_SOUND_MS = 10_000;

/** Cards of a reader that may still be in the buffer of a program that is frozen. */
const KEPT = 8;

/** A card that a reader gave away. */
interface Read {
  readonly device: SimPeripheral;
  readonly hex: string;
  tap: Tap | undefined;
  verdict: Verdict | undefined;
}

/** 12. A card a reader gave away is decided once, and in the log before the reader forgets it, or told later; devices come back, and their keys are known. */
export function readersChecker({ world, fail }: Scene): Checker {
  const doors = world.lines.flatMap((line) => line.doors);
  const devices = world.lines.flatMap((line) => line.devices);
  if (doors.length === 0) return {};
  const reads = new Map<SimPeripheral, Read[]>();
  const byTap = new Map<string, Read>();
  const presented = new Map<SimPeripheral, { readonly hex: string; readonly at: number }[]>();
  /** Taps of the gateway that runs, which owes the log something of each. */
  let owed: Read[] = [];
  const begunAt = new Map<number, number>();
  const busyUntil = new Map<SimPeripheral, number>();
  const of = <T>(map: Map<SimPeripheral, T[]>, device: SimPeripheral): T[] => {
    const known = map.get(device) ?? [];
    map.set(device, known);
    return known;
  };
  const readerOf = (doorId: number): SimPeripheral | undefined => doors.find(({ id }) => id === doorId)?.reader;
  const rowOf = ({ row }: SimPeripheral): LineDevice | undefined =>
    world.register
      .now()
      .all('line')
      .flatMap((line) => line.devices)
      .find(({ id }) => id === row);
  const floorOf = ({ line }: SimPeripheral): number => world.register.now().one('line', world.lines.indexOf(line) + 1)?.floorMs ?? 0;
  const steadyOf = (device: SimPeripheral): number => Math.min(world.steadySerial(world.lines.indexOf(device.line)), world.now() - (busyUntil.get(device) ?? 0));

  const statesNow = () => new Map((world.gateway.run?.lines?.lines() ?? []).flatMap((line) => line.devices.map(({ id, state }) => [id, state] as const)));

  function forgotten(device: SimPeripheral, hex: string): void {
    const read = of(reads, device).at(-1);
    if (read === undefined || read.hex !== hex) return fail(`${device.name} forgot ${hex}, which it had not given`);
    const { tap, verdict } = read;
    // Nothing a device says while it is given a key counts: it may be anybody (decision 39).
    if (tap === undefined && statesNow().get(device.row) === 'commissioning') return undefined;
    if (tap === undefined) return fail(`${device.name} was polled again and forgot ${hex}, which nobody had asked about`);
    if (verdict === undefined) return fail(`${device.name} was polled again and forgot ${hex} before it was decided`);
    if (verdict.entry >= world.disk.durable()) fail(`${device.name} was polled again and forgot ${hex}: entry ${verdict.entry} is not on disk`);
    if (verdict.entry === 0 && world.steady.journal > LOG_SOUND_MS) fail(`${hex} at ${device.name} has no entry, and the log takes entries`);
  }

  function keyKnown(device: SimPeripheral): void {
    const { key } = device.peripheral;
    const row = rowOf(device);
    const known = [row?.keySealed, row?.nextKeySealed].filter((each) => each !== null && each !== undefined);
    if (key !== undefined && !known.some((each) => sameBytes(each, key))) fail(`${device.name} has a key that is not in the register`);
  }

  function look(): void {
    const states = statesNow();
    for (const device of devices) {
      keyKnown(device);
      const state = states.get(device.row);
      if (state === 'commissioning') {
        const since = begunAt.get(device.row) ?? 0;
        busyUntil.set(device, world.now());
        const isSound = world.steadySerial(world.lines.indexOf(device.line)) > BACK_MS;
        if (isSound && world.now() - since > GIVING_MS + BACK_MS) fail(`${device.name} is being given a key for ${world.now() - since} ms`);
        continue;
      }
      if (steadyOf(device) <= BACK_MS + floorOf(device)) {
        // May be lost with a session: whoever stands there holds it to the reader again.
        of(presented, device).length = 0;
        continue;
      }
      if (state !== 'up' || device.talk.session === undefined) fail(`${device.name} is ${state} after ${steadyOf(device)} ms on a sound line`);
      const [waiting] = of(presented, device);
      const waited = world.now() - (waiting?.at ?? world.now());
      if (waited > ANSWER_MS + floorOf(device)) fail(`somebody has waited with ${waiting?.hex} at ${device.name} for ${waited} ms`);
    }
  }

  return {
    presented: (device, hex) => void of(presented, device).push({ hex, at: world.now() }),
    handed(device, hex) {
      const all = of(reads, device);
      all.push({ device, hex, tap: undefined, verdict: undefined });
      if (all.length > KEPT) all.shift();
    },
    forgot: forgotten,
    asked(tap) {
      const reader = readerOf(tap.doorId);
      if (reader === undefined) return;
      const hex = tap.credential?.hex ?? '';
      const read = of(reads, reader).findLast((each) => each.hex === hex && each.tap === undefined);
      if (read === undefined) return fail(`${hex} was decided at ${reader.name}, which had not given it, or once more`);
      read.tap = tap;
      if (byTap.has(keyName(tap.key))) fail(`two cards were asked about as ${keyName(tap.key)}`);
      byTap.set(keyName(tap.key), read);
    },
    answered(tap, verdict) {
      const read = byTap.get(keyName(tap.key));
      if (read === undefined) return;
      read.verdict = verdict;
      owed.push(read);
      const waiting = of(presented, read.device);
      waiting.splice(0, waiting.findIndex(({ hex }) => hex === read.hex) + 1);
    },
    started() {
      // What the one before had not told is gone with it: it had no memory but the log (decision 48).
      owed = [];
    },
    begun: (row) => void begunAt.set(row, world.now()),
    tick: look,
    rekeyed(device, key) {
      const next = rowOf(device)?.nextKeySealed;
      if (next === undefined || next === null || !sameBytes(next, key)) fail(`${device.name} was given a key that is not stored`);
    },
    ended() {
      const entries = world.entries();
      const asked = new Map<string, number>();
      const closed = new Set<number>();
      for (const { event, index } of entries.values()) {
        if (event.kind === 'access' && event.key !== undefined) asked.set(keyName(event.key), index);
        if (event.kind === 'outcome' && event.ref !== undefined) closed.add(event.ref);
      }
      for (const { tap, hex, device, verdict } of owed) {
        const index = tap && asked.get(keyName(tap.key));
        if (index === undefined) fail(`${hex} at ${device.name} was answered ${verdict?.reason} and is not in the log`);
        else if (!closed.has(index)) fail(`of ${hex} at ${device.name}, entry ${index}, nobody said what came of it`);
      }
    },
  };
}
