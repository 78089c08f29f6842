import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BuildingId, ControllerId, CredentialId, DoorId, PersonId, TenancyId, UnitId } from '../../gateway/core/ids.ts';
import type { Moment } from '../../gateway/journal/checkpoints.ts';
import { type EventData, eventOf, type NewEntry, NO_PERSON, type PersonData } from '../../gateway/journal/entry.ts';
import type { LogPlace } from '../../gateway/journal/log.ts';
import { nameAt, SLOT_BYTES, SLOT_HEADER } from '../../gateway/journal/slot-file.ts';
import { slotPaths } from '../../gateway/journal/slots.ts';
import { replaceFile } from '../../gateway/store/durable-file.ts';

/** The compiled writer: a thread cannot be started from a `.ts` file. */
export const WRITER = new URL('../../dist/gateway/journal/writer.js', import.meta.url);

/** A new log in a new folder. */
export function newPlace(dir = mkdtempSync(join(tmpdir(), 'doorbook-journal-'))): LogPlace {
  return { file: join(dir, 'journal.sqlite'), keysDir: join(dir, 'keys'), root: randomBytes(32) };
}

/** Noon in Shanghai on 1 June 2026. */
export const NOON = Date.UTC(2026, 5, 1, 4);

/** Both clocks of a log in one: running time goes as this wall clock does. */
export const clockAt =
  (now: () => number): (() => Moment) =>
  () => ({ now: now(), uptime: now() });

/** A tap as the unlock path stores it; every field that can be set is. */
export function tapEntry(seq: number, event: Partial<EventData> = {}, person: Partial<PersonData> = {}): NewEntry {
  return {
    event: eventOf({
      kind: 'access',
      key: { controllerId: ControllerId(3), instance: '00112233445566ff', boot: 2, seq },
      buildingId: BuildingId(7),
      doorId: DoorId(41),
      granted: true,
      reason: 'OK',
      note: 'HOLDOVER',
      method: 'card',
      openMs: 5000,
      deviceTime: NOON - 12,
      gatewayTime: NOON,
      skewMs: -12,
      list: '1.7',
      digest: '0123456789abcdef',
      ...event,
    }),
    person: { ...NO_PERSON, personId: PersonId(9001), unitId: UnitId(302), tenancyId: TenancyId(77), credentialId: CredentialId(5005), ...person },
  };
}

/** An entry that comes from no device. */
export const plainEntry = (words = ''): NewEntry => ({ event: eventOf({ kind: 'system', what: 'started', gatewayTime: NOON }), person: { ...NO_PERSON, words } });

/** Destroys keys without the writer: the slots files anew, without those of this type (and number). A reader must be opened after that. */
export function destroySlots(place: LogPlace, type: number, id?: number): void {
  for (const path of slotPaths(place.keysDir)) {
    const bytes = readFileSync(path);
    const kept = [SLOT_HEADER];
    for (let at = SLOT_HEADER.length; at < bytes.length; at += SLOT_BYTES) {
      const name = nameAt(bytes, at);
      if (name?.type !== type || (id !== undefined && name.id !== id)) kept.push(bytes.subarray(at, at + SLOT_BYTES));
    }
    replaceFile(path, Buffer.concat(kept));
  }
}
