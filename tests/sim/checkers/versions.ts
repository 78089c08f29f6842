import type { SimController } from '../world/device.ts';
import type { Checker, Scene } from './checker.ts';

interface Version {
  readonly e: number;
  readonly n: number;
  readonly dig: string;
}
const order = (one: Pick<Version, 'e' | 'n'>, other: Pick<Version, 'e' | 'n'>): number => one.e - other.e || one.n - other.n;

/** 4. A list's version never goes back, neither on a door, over any power cut, nor in what the gateway offers it; and one version is one list. */
export function versionsChecker({ fail }: Scene): Checker {
  const held = new Map<SimController, Version>();
  const offered = new Map<SimController, Version>();

  function next(kind: string, before: Map<SimController, Version>, device: SimController, version: Version): void {
    const last = before.get(device);
    if (last !== undefined && order(version, last) < 0) fail(`${device.id} ${kind} list ${version.e}.${version.n} after ${last.e}.${last.n}`);
    if (last !== undefined && order(version, last) === 0 && last.dig !== version.dig) fail(`${device.id} ${kind} list ${version.e}.${version.n} with two contents`);
    before.set(device, version);
  }

  return {
    output(device, output) {
      if (output.t === 'store' && output.change.list !== undefined) next('holds', held, device, output.change.list);
    },
    power(device, on) {
      const list = device.store?.image.list;
      if (!on) return;
      if (list !== undefined) next('holds', held, device, list);
      else if (held.has(device)) fail(`${device.id} lost its list with its power`);
    },
    replaced: (device) => void held.delete(device),
    sent(device, { tail, body }) {
      if (tail === 'acl/want') next('is offered', offered, device, body);
    },
  };
}
