import { type DownTail, DOWN_TAILS, parseTopic, RETAINED_TAILS, UP_TAILS, type UpTail } from '../wire/mqtt/topics.ts';

/** Largest payload of a message from a device, bytes. */
const MAX_PAYLOAD = 4096;

/** Who asks: a device that has logged in. */
export interface Owner {
  readonly deviceId: string;
  readonly site: string;
}

/** A PUBLISH, as far as the rules read it. */
export interface Publication {
  readonly topic: string;
  readonly qos: number;
  readonly retain: boolean;
  readonly payload: Buffer | string;
}

const isUp = (tail: string): tail is UpTail => UP_TAILS.some((known) => known === tail);
const isDown = (tail: string): tail is DownTail => DOWN_TAILS.some((known) => known === tail);
const mayRetain = (tail: string): boolean => RETAINED_TAILS.some((known) => known === tail);

/** The tail of a topic that belongs to this device, whatever its direction. */
function ownTail(owner: Owner, topic: string): UpTail | DownTail | undefined {
  const parsed = parseTopic(topic);
  return parsed !== undefined && parsed.site === owner.site && parsed.device === owner.deviceId ? parsed.tail : undefined;
}

/** The tail of a message this device may publish, or a stable lower-case word for why not. */
export function publishable(owner: Owner, packet: Publication): { readonly tail: UpTail } | { readonly why: string } {
  const tail = ownTail(owner, packet.topic);
  if (tail === undefined || !isUp(tail)) return { why: 'topic' };
  if (packet.qos === 2) return { why: 'qos' };
  if (packet.retain && !mayRetain(tail)) return { why: 'retain' };
  return packet.payload.length > MAX_PAYLOAD ? { why: 'oversize' } : { tail };
}

/** True for a filter that is exactly one downward topic of this device; a wildcard never is. */
export function subscribable(owner: Owner, filter: string): boolean {
  const tail = ownTail(owner, filter);
  return tail !== undefined && isDown(tail);
}
