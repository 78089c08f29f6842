import { type LineAlarm, type LineStep, NEVER, type Peer } from './acu-model.ts';

/** The same is told of a device at most so often, ms: a fault that stays must not bury the others. */
const EACH_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Wrong codes within an hour that are no chance any more (osdp.md 4). */
const BAD_MACS = 3;

/** Tells an officer, unless the same was told of this device a moment ago. Whether it was told. */
export function alarm(c: LineStep, peer: Peer, what: LineAlarm): boolean {
  const last = peer.alarmed.get(what) ?? -NEVER;
  if (c.now - last < (what === 'bad-macs' ? HOUR_MS : EACH_MS)) return false;
  peer.alarmed.set(what, c.now);
  c.out.push({ t: 'alarm', address: peer.record.address, what });
  return true;
}

/** A code was wrong: once may be chance or a fault, three times within an hour somebody tries. */
export function badMac(c: LineStep, peer: Peer): void {
  peer.badMacs = [...peer.badMacs.filter((at) => at > c.now - HOUR_MS), c.now].slice(-BAD_MACS);
  alarm(c, peer, 'bad-mac');
  if (peer.badMacs.length === BAD_MACS) alarm(c, peer, 'bad-macs');
}
