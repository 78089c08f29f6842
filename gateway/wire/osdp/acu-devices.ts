import { type DeviceRecord, isBarred, type LineStep, type Peer, peerOf } from './acu-model.ts';
import { endMove } from './acu-move.ts';
import { endCommission, endSession } from './acu-session.ts';
import { sameBytes } from './secure.ts';

const sameKey = (one: Uint8Array | undefined, other: Uint8Array | undefined): boolean => (one === undefined || other === undefined ? one === other : sameBytes(one, other));
/** What its record asks of a session but for the identity. The exception counts only without a key. */
const sameTerms = (one: DeviceRecord, other: DeviceRecord): boolean => sameKey(one.key, other.key) && (one.key !== undefined || (one.clear === true) === (other.clear === true));

/** The record changed in what its session rests on: a new one begins, also with a device that was kept out. */
function beginAnew(c: LineStep, peer: Peer): void {
  endSession(c, peer, 'record');
  peer.phase = isBarred(peer.record) ? 'barred' : 'away';
  peer.keyAlarm = false;
  peer.alarmed.clear();
  peer.nextAt = c.now;
}

function keep(c: LineStep, peer: Peer, record: DeviceRecord): Peer {
  const before = peer.record;
  const isPinned = record.identity === peer.identity && peer.phase !== 'barred';
  const isThere = peer.at === record.address || peer.at === record.nextAddress;
  const goesOn = isThere && sameTerms(before, record) && (before.identity === record.identity || isPinned);
  peer.record = record;
  // An operator is at it: the new record counts when that is over.
  if (!goesOn && peer.commission === undefined) beginAnew(c, peer);
  if (!isThere) peer.at = record.address;
  return peer;
}

/** Which device each record is of. Who came to a new address goes first: the one he had may be another's by now. */
function match({ line }: LineStep, devices: readonly DeviceRecord[]): Map<DeviceRecord, Peer> {
  const came = ({ address, key }: DeviceRecord) => line.peers.find(({ at, record }) => at === address && record.nextAddress === address && sameKey(record.key, key));
  const stayed = ({ address }: DeviceRecord) => line.peers.find(({ record }) => record.address === address);
  const found = new Map<DeviceRecord, Peer>();
  for (const find of [came, stayed])
    for (const record of devices) {
      const peer = found.has(record) ? undefined : find(record);
      if (peer !== undefined && ![...found.values()].includes(peer)) found.set(record, peer);
    }
  return found;
}

/**
 * The line's devices are now these. One whose record is the same goes on as if nothing were said; one that is asked
 * just now and gone, or another by its record, may still answer, and is not heard: its window is waited out. The devices
 * are such as can share a line.
 */
export function setDevices(c: LineStep, devices: readonly DeviceRecord[]): void {
  const { line } = c;
  const last = line.peers[line.turn];
  const found = match(c, devices);
  const staying = new Set(found.values());
  for (const peer of line.peers) {
    if (staying.has(peer)) continue;
    if (peer.commission !== undefined) endCommission(c, peer, 'cancelled');
    endMove(c, peer);
    endSession(c, peer, 'record');
  }
  line.peers = devices.map((record) => {
    const peer = found.get(record);
    return peer === undefined ? peerOf(record) : keep(c, peer, record);
  });
  line.turn = last === undefined ? 0 : Math.max(0, line.peers.indexOf(last));
}
