import type { LineStep, Moved, Peer } from './acu-model.ts';
import { endSession } from './acu-session.ts';
import type { Reply } from './messages.ts';

/** A device goes to its new address once its answer is on the line; many start anew then, ms. */
const SWITCH_MS = 250;

/** An operator gives a device another address: one after the other, and never while it is being given a key. */
export function beginMove(c: LineStep, peer: Peer, move: NonNullable<Peer['move']>): void {
  const { address, key } = peer.record;
  if (peer.commission !== undefined || peer.move !== undefined || key === undefined) return void c.out.push({ t: 'moved', address, of: { result: 'unsent' } });
  peer.move = move;
}

/** It was asked whether anybody is at the new address, and somebody is, or nobody answered. A bent answer is one. */
export function probed(c: LineStep, peer: Peer, occupied: boolean): void {
  c.line.waiting = undefined;
  peer.pending = undefined;
  if (occupied) endMove(c, peer, { result: 'occupied' });
  else if (peer.move !== undefined) peer.move.free = true;
}

/** It is not to be told any more. One that was told ends with its session, not here. */
export function endMove(c: LineStep, peer: Peer, of: Moved = { result: 'unsent' }): void {
  if (peer.move === undefined || peer.pending?.name === 'COMSET') return;
  peer.move = undefined;
  c.out.push({ t: 'moved', address: peer.record.address, of });
}

/**
 * The device answered COMSET (osdp.md 2.6): with what will apply, which it goes to after this answer. Nothing of it is
 * believed but that a session is to be looked for, at both addresses.
 */
export function moved(c: LineStep, peer: Peer, reply: Reply): void {
  const { move, at } = peer;
  if (move === undefined) return;
  const isSame = reply.name === 'COM' && reply.body.address === at && reply.body.baud === c.line.config.baud;
  if (reply.name === 'NAK' || isSame) return endMove(c, peer, { result: 'refused' });
  const wanted = move.baud ?? c.line.config.baud;
  const { address = move.to, baud = wanted } = reply.name === 'COM' ? reply.body : {};
  const isTold = address === move.to && baud === wanted;
  endMove(c, peer, isTold ? { result: 'sent' } : { result: 'elsewhere', to: address, baud });
  endSession(c, peer, 'commissioning');
  peer.at = move.to;
  peer.nextAt = c.now + SWITCH_MS;
  if (isTold && move.baud !== undefined) peer.phase = 'barred';
}
