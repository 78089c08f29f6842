import { isReason, type Reason } from '../core/reasons.ts';
import type { EventKey } from '../journal/entry.ts';
import type { Message } from '../wire/mqtt/messages.ts';
import { type Device, doorIdOf, type LinkContext } from './device.ts';
import { credentialOf } from './requests.ts';

/** Events of one device stored at once. A device keeps at most 8 unacknowledged on the way. */
const MAX_EVENTS = 32;

type OutcomeMessage = Extract<Message<'evt'>, { k: 'outcome' }>;

/** A reason this gateway does not know (newer firmware) must not leave the event on the device for ever. */
function reasonOf(context: LinkContext, device: Device, name: string): Reason {
  if (isReason(name)) return name;
  context.log.warn({ device: device.id, reason: name }, 'unknown reason in an outcome, stored as DEVICE_FAULT');
  return 'DEVICE_FAULT';
}

function storeOutcome(context: LinkContext, device: Device, m: OutcomeMessage): Promise<void> {
  const key: EventKey = { controllerId: device.record.controllerId, instance: m.i, boot: m.b, seq: m.n };
  const tap = {
    key: { ...key, boot: m.rb, seq: m.rn },
    doorId: doorIdOf(device, m.d),
    method: m.m,
    credential: credentialOf(m.c, m.m),
    deviceTime: m.rt,
    ageMs: 0,
    budgetMs: 0,
    list: m.l,
  };
  return context.side.outcome({
    key,
    request: { boot: m.rb, seq: m.rn },
    tap,
    final: m.f,
    granted: m.g,
    reason: reasonOf(context, device, m.r),
    opened: m.o,
  });
}

function store(context: LinkContext, device: Device, m: Message<'evt'>): Promise<void> {
  if (m.k === 'outcome') return storeOutcome(context, device, m);
  const key: EventKey = { controllerId: device.record.controllerId, instance: m.i, boot: m.b, seq: m.n };
  return context.side.happened({ key, doorId: doorIdOf(device, m.d), what: m.w, deviceTime: m.t, offline: m.off });
}

/**
 * `evt`: something that happened, now or while the door was offline, so any boot is good. The sealed
 * acknowledgement leaves only when the entry is durable (invariant I2); without it the device sends again.
 */
export async function onEvent(context: LinkContext, device: Device, m: Message<'evt'>): Promise<void> {
  if (device.events >= MAX_EVENTS) return context.refuse(device, 'flood', `more than ${MAX_EVENTS} events at once`);
  device.events += 1;
  try {
    await store(context, device, m);
    context.send(device, 'evt/ack', { v: 1, i: m.i, b: m.b, n: m.n });
  } catch (error) {
    context.log.error({ device: device.id, error: String(error) }, 'an event was not stored; the device keeps it');
  } finally {
    device.events -= 1;
  }
}
