/**
 * MQTT topics of the native controller protocol: `ac/1/{site}/d/{device}/{tail}` (mqtt.md 5.2).
 * The device prefix comes before the verb, so that one prefix is the whole access rule of a device.
 * These are the tails a device publishes.
 */
export const UP_TAILS = ['info', 'state', 'req', 'evt', 'cmd/ack', 'acl/have', 'acl/get', 'time/ask', 'log/have'] as const;
/** Tails the gateway publishes and a device subscribes to. */
export const DOWN_TAILS = ['res', 'evt/ack', 'cmd', 'acl/want', 'acl/c', 'time', 'log'] as const;
/** Tails a device may retain: hints for whoever connects later. */
export const RETAINED_TAILS = ['info', 'state'] as const;
/** Tail of a message from a device. */
export type UpTail = (typeof UP_TAILS)[number];
/** Tail of a message to a device. */
export type DownTail = (typeof DOWN_TAILS)[number];

const ID = /^[a-z0-9][a-z0-9-]{0,23}$/;
/** True for a site or device id: 1 to 24 of a-z, 0-9 and hyphen, not starting with a hyphen. */
export const isWireId = (text: string): boolean => ID.test(text);

/** Longest topic anybody may use, bytes. */
const MAX_TOPIC = 96;

/** What every topic of one device begins with. */
export const devicePrefix = (site: string, device: string): string => `ac/1/${site}/d/${device}/`;
/** Topic of one message of one device. */
export const deviceTopic = (site: string, device: string, tail: UpTail | DownTail): string => `${devicePrefix(site, device)}${tail}`;
/** What a device subscribes to, one filter for each downward tail. */
export const deviceFilters = (site: string, device: string): string[] => DOWN_TAILS.map((tail) => deviceTopic(site, device, tail));

/** A device topic taken apart. */
export interface ParsedTopic {
  readonly site: string;
  readonly device: string;
  readonly tail: UpTail | DownTail;
}

const TAILS: ReadonlySet<string> = new Set([...UP_TAILS, ...DOWN_TAILS]);
const isTail = (tail: string): tail is UpTail | DownTail => TAILS.has(tail);

/** Parts of a device topic, or undefined when it is not exactly one. */
export function parseTopic(topic: string): ParsedTopic | undefined {
  if (topic.length > MAX_TOPIC) return undefined;
  const [ac, major, site, d, device, ...rest] = topic.split('/');
  const tail = rest.join('/');
  if (ac !== 'ac' || major !== '1' || d !== 'd' || site === undefined || device === undefined) return undefined;
  return isWireId(site) && isWireId(device) && isTail(tail) ? { site, device, tail } : undefined;
}
