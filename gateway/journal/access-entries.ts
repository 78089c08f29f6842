import { createHash } from 'node:crypto';
import type { Decision } from '../core/decide.ts';
import type { Facts } from '../core/facts.ts';
import { isReason, type Reason } from '../core/reasons.ts';
import type { DoorCommand, Happening, Outcome, Tap } from '../doors/link.ts';
import type { BuildingId, ControllerId, DoorId } from '../core/ids.ts';
import { type EventData, type EventKey, eventOf, type LinkEvent, type NewEntry, NO_PERSON, type PersonData, type StoredEntry } from './entry.ts';

const NO_BYTES = new Uint8Array(0);

/** What is known of a request when its entry is written. */
export interface AccessCase {
  readonly tap: Tap;
  readonly facts: Facts;
  readonly decision: Decision;
  readonly fingerprint: Uint8Array | undefined;
}

/**
 * Tells a repeat from another request under the same key: what was asked, where and when by the device's clock. Over the
 * keyed fingerprint, never the card itself: officers' evidence opens this half, and all cards of 32 bits can be tried.
 */
function digestOf({ tap, fingerprint = NO_BYTES }: Pick<AccessCase, 'tap' | 'fingerprint'>): string {
  return createHash('sha256')
    .update(`${tap.doorId}|${tap.method}|${Buffer.from(fingerprint).toString('hex')}|${tap.deviceTime}`)
    .digest('hex')
    .slice(0, 16);
}

function personOf({ tap, facts, decision, fingerprint }: AccessCase): PersonData {
  const { credential, person } = facts;
  return {
    ...NO_PERSON,
    personId: person?.id ?? 0,
    credentialId: credential?.id ?? 0,
    unitId: decision.occupancy?.unitId ?? 0,
    tenancyId: decision.occupancy?.tenancyId ?? 0,
    // Digits nobody knows are no card that somebody could be given.
    fingerprint: person === undefined && fingerprint !== undefined && tap.method !== 'pin' ? Buffer.from(fingerprint).toString('hex') : '',
  };
}

const skew = (deviceTime: number, now: number): number => (deviceTime === 0 ? 0 : deviceTime - now);

function accessEvent({ tap, facts, decision, fingerprint }: AccessCase, now: number): EventData {
  return eventOf({
    kind: 'access',
    key: tap.key,
    buildingId: facts.door?.buildingId ?? 0,
    doorId: tap.doorId,
    granted: decision.granted,
    reason: decision.reason,
    note: decision.note,
    method: tap.method,
    openMs: decision.openMs,
    deviceTime: tap.deviceTime,
    gatewayTime: now,
    skewMs: skew(tap.deviceTime, now),
    list: tap.list,
    digest: digestOf({ tap, fingerprint }),
  });
}

/** A decision of the gateway. */
export const accessEntry = (access: AccessCase, now: number): NewEntry => ({ event: accessEvent(access, now), person: personOf(access) });

/** A decision a door made by itself, told afterwards, under the key the request would have had. */
export function localAccessEntry(access: AccessCase, outcome: Outcome, now: number): NewEntry {
  const reason: Reason = isReason(outcome.reason) ? outcome.reason : 'DEVICE_FAULT';
  const key: EventKey = { ...outcome.key, ...outcome.request };
  return { event: { ...accessEvent(access, now), key, granted: outcome.granted, reason, note: undefined, openMs: 0, offline: true }, person: personOf(access) };
}

/** Another request under a key that was used: stored without the key, and refused. */
export const conflictEntry = ({ tap, fingerprint }: Pick<AccessCase, 'tap' | 'fingerprint'>, index: number, now: number): NewEntry => ({
  event: eventOf({
    kind: 'system',
    what: 'key-reused',
    doorId: tap.doorId,
    ref: index,
    deviceTime: tap.deviceTime,
    gatewayTime: now,
    skewMs: skew(tap.deviceTime, now),
    digest: digestOf({ tap, fingerprint }),
  }),
  person: NO_PERSON,
});

/** FINAL of a request; `opened` is kept in `what`. */
export function outcomeEntry(outcome: Outcome, access: Pick<StoredEntry, 'index' | 'event' | 'person'>, now: number): NewEntry {
  const { buildingId, doorId, method, reason } = access.event;
  return {
    event: eventOf({
      kind: 'outcome',
      key: outcome.key,
      buildingId,
      doorId,
      method,
      granted: outcome.granted,
      reason,
      final: outcome.final,
      what: outcome.opened,
      offline: outcome.final === 'local',
      ref: access.index,
      deviceTime: outcome.tap.deviceTime,
      gatewayTime: now,
      skewMs: skew(outcome.tap.deviceTime, now),
      list: outcome.tap.list,
    }),
    person: access.person,
  };
}

/** Something a door noticed by itself. */
export const happeningEntry = (happening: Happening, buildingId: BuildingId | 0, now: number): NewEntry => ({
  event: eventOf({
    kind: 'door',
    key: happening.key,
    buildingId,
    doorId: happening.doorId,
    what: happening.what,
    offline: happening.offline,
    deviceTime: happening.deviceTime,
    gatewayTime: now,
    skewMs: skew(happening.deviceTime, now),
  }),
  person: NO_PERSON,
});

/** What the digits of a request told beside its decision: a line of the door, as if the door had said it. */
export const tellingEntry = ({ doorId, deviceTime }: Tap, { door }: Facts, what: 'duress' | 'pin-tries', now: number): NewEntry => ({
  event: eventOf({ kind: 'door', buildingId: door?.buildingId ?? 0, doorId, what, deviceTime, gatewayTime: now, skewMs: skew(deviceTime, now) }),
  person: NO_PERSON,
});

export interface LinkChange {
  readonly controllerId: ControllerId | 0;
  readonly doorId: DoorId | 0;
  readonly buildingId: BuildingId | 0;
  readonly what: LinkEvent;
  readonly why: string;
}

/** A controller came, went, started, or was refused. */
export const linkEntry = (change: LinkChange, now: number): NewEntry => ({
  event: eventOf({ kind: 'link', buildingId: change.buildingId, doorId: change.doorId, what: change.what, gatewayTime: now }),
  person: { ...NO_PERSON, words: change.why.slice(0, 120) },
});

export interface Order {
  readonly doorId: DoorId;
  readonly buildingId: BuildingId | 0;
  readonly command: DoorCommand;
  readonly accountId: number;
}

/** A person's order to a door, written before it is sent; and with `ref` and `result`, what became of it. */
export const commandEntry = (order: Order, now: number, done?: { readonly ref: number; readonly result: string }): NewEntry => ({
  event: eventOf({
    kind: 'command',
    buildingId: order.buildingId,
    doorId: order.doorId,
    method: 'remote',
    openMs: order.command.openMs,
    gatewayTime: now,
    what: done ? `${order.command.what}-${done.result}` : order.command.what,
    ref: done?.ref,
  }),
  person: { ...NO_PERSON, accountId: order.accountId },
});

/** Something of the gateway itself: a stable lower-case word. */
export const systemEntry = (what: string, now: number): NewEntry => ({ event: eventOf({ kind: 'system', what, gatewayTime: now }), person: NO_PERSON });
