import { createHash, randomBytes } from 'node:crypto';
import type { Register, WriteDb } from '../store/register.ts';
import { ms, msOrNull } from '../store/values.ts';
import { codeOf, type EnrolCode, type EnrolRefusal, type Identity } from '../wire/mqtt/enrol.ts';
import { PlaceRefused } from './place-refused.ts';
import type { Revoke } from './revocations.ts';

/** How long a code may be traded, ms (design.md 6.1). */
export const CODE_LIFE_MS = 15 * 60_000;
const CODE_BYTES = 12;
const SECRET_BYTES = 32;

/** A code as it is told, once, to whoever stands before the door. */
export interface MadeCode {
  readonly controllerId: number;
  readonly device: string;
  readonly code: EnrolCode;
  /** Epoch ms. */
  readonly expiresAt: number;
}

/** Who wants to do it: an account, null for the local operator. */
export interface By {
  readonly accountId: number | null;
  /** Epoch ms. */
  readonly now: number;
}

const hashOf = (code: EnrolCode): Uint8Array<ArrayBuffer> => Uint8Array.from(createHash('sha256').update(code).digest());

/** The controller of a door, retired or not. Throws PlaceRefused when there is none, or a serial line stands for it. */
async function controllerOf(
  db: Pick<WriteDb, 'door'>,
  doorId: number,
): Promise<{ readonly id: number; readonly deviceId: string; readonly boardCards: string; readonly retiredAt: bigint | null }> {
  const door = await db.door.findUnique({
    where: { id: doorId },
    select: { controller: { select: { id: true, deviceId: true, boardCards: true, retiredAt: true, line: { select: { id: true } } } } },
  });
  const controller = door?.controller;
  if (controller === null || controller === undefined) throw new PlaceRefused('missing', 'id', '有控制器的门 / a door with a controller');
  if (controller.line !== null) throw new PlaceRefused('wrong', 'id', '不在串口线上的门；先从线上取下 / a door that is on no serial line: take it off its line first');
  return controller;
}

/** Makes a code for the controller of a door; one that is open for it is cancelled. A device that is enrolled stays so until the new code is traded; one that is retired stays out. */
export async function makeCode({ write }: Register, doorId: number, { accountId, now }: By): Promise<MadeCode> {
  const code = codeOf(randomBytes(CODE_BYTES));
  const expiresAt = now + CODE_LIFE_MS;
  return write(async (db) => {
    const { id, deviceId, boardCards, retiredAt } = await controllerOf(db, doorId);
    if (boardCards !== '' && retiredAt === null)
      throw new PlaceRefused(
        'wrong',
        'id',
        '用装机码的控制器；esp-rfid 板要的是密码，停用以后才能换 / a controller that takes a code; an esp-rfid board takes a password, until it is taken out of service',
      );
    await db.$transaction([
      db.enrolCode.updateMany({ where: { controllerId: id, usedAt: null, cancelledAt: null }, data: { cancelledAt: BigInt(now) } }),
      db.enrolCode.create({ data: { codeHash: hashOf(code), controllerId: id, createdAt: BigInt(now), createdBy: accountId, expiresAt: BigInt(expiresAt) } }),
    ]);
    return { controllerId: id, device: deviceId, code, expiresAt };
  });
}

/** A device before the door, asking under a code. */
export interface Trade {
  readonly code: EnrolCode;
  /** Its public key, 65 bytes. */
  readonly publicKey: Uint8Array;
  readonly model: string;
  readonly firmware: string;
  /** How many doors it can work. */
  readonly doors: number;
}

/** `controllerId` 0: of no controller here. `again`: the same device asked before, and nothing changed. */
export type Traded =
  | { readonly ok: true; readonly controllerId: number; readonly identity: Omit<Identity, 'list'>; readonly again: boolean }
  | { readonly ok: false; readonly controllerId: number; readonly why: EnrolRefusal };

const CODE = {
  include: {
    controller: { select: { deviceId: true, retiredAt: true, enrolCodeId: true, secretSealed: true, site: { select: { code: true } }, doors: { select: { number: true } } } },
  },
} as const;

/**
 * Trades a code for an identity. Whoever had the controller's secret until then has it no more: the log says so before
 * the register does, so that a register from a backup does not let the old device in again.
 */
export async function tradeCode(
  { write, vault }: Register,
  { code, publicKey, model, firmware, doors }: Trade,
  { now, revoke }: { readonly now: number; readonly revoke: Revoke },
): Promise<Traded> {
  const keyHash = Uint8Array.from(createHash('sha256').update(publicKey).digest());
  return write(async (db): Promise<Traded> => {
    const found = await db.enrolCode.findUnique({ where: { codeHash: hashOf(code) }, ...CODE });
    if (found === null) return { ok: false, controllerId: 0, why: 'UNKNOWN' };
    const { id, controllerId, controller, usedAt } = found;
    const refused = (why: EnrolRefusal): Traded => ({ ok: false, controllerId, why });
    const identity = (secret: Uint8Array): Omit<Identity, 'list'> => ({ site: controller.site.code, device: controller.deviceId, secret: Buffer.from(secret).toString('hex') });
    if (usedAt !== null) {
      const same = controller.retiredAt === null && controller.enrolCodeId === id && found.keyHash !== null && Buffer.from(found.keyHash).equals(keyHash);
      return same ? { ok: true, controllerId, identity: identity(vault.openBytes('controller.secret', controller.secretSealed)), again: true } : refused('USED');
    }
    if (found.cancelledAt !== null) return refused('CANCELLED');
    if (now >= ms(found.expiresAt)) return refused('EXPIRED');
    if (controller.doors.some(({ number }) => number > doors)) return refused('DOORS');
    const secret = randomBytes(SECRET_BYTES);
    await revoke(db, [{ what: 'controller-enrolled', controllerId }], 0);
    const secretSealed = vault.sealBytes('controller.secret', secret);
    await db.$transaction([
      db.enrolCode.update({ where: { id }, data: { usedAt: BigInt(now), keyHash } }),
      db.doorController.update({ where: { id: controllerId }, data: { secretSealed, retiredAt: null, enrolledAt: BigInt(now), enrolCodeId: id, model, firmware, boardCards: '' } }),
    ]);
    return { ok: true, controllerId, identity: identity(secret), again: false };
  });
}

/** Takes the controller of a door out of service at once. Another device takes its place with a new code, and then a new secret. */
export async function retireController({ write }: Register, doorId: number, { accountId, now, revoke }: By & { readonly revoke: Revoke }): Promise<{ readonly device: string }> {
  return write(async (db) => {
    const { id, deviceId } = await controllerOf(db, doorId);
    await revoke(db, [{ what: 'controller-retired', controllerId: id }], accountId ?? 0);
    await db.$transaction([
      db.enrolCode.updateMany({ where: { controllerId: id, usedAt: null, cancelledAt: null }, data: { cancelledAt: BigInt(now) } }),
      db.doorController.update({ where: { id }, data: { retiredAt: BigInt(now) } }),
    ]);
    return { device: deviceId };
  });
}

/** The controller of a door, for whoever fits it. Times are epoch ms; `codeUntil`: until when a code is open. */
export interface FittedController {
  readonly device: string;
  readonly enrolledAt: number | null;
  readonly retiredAt: number | null;
  readonly model: string;
  readonly firmware: string;
  readonly codeUntil: number | null;
  /** How its esp-rfid board writes card numbers; '': a native controller. */
  readonly boardCards: string;
}

/** Undefined when the door has no controller. */
export async function lookAt({ read }: Register, doorId: number, now: number): Promise<FittedController | undefined> {
  const open = { where: { usedAt: null, cancelledAt: null, expiresAt: { gt: BigInt(now) } }, select: { expiresAt: true }, take: 1 } as const;
  const door = await read.door.findUnique({ where: { id: doorId }, select: { controller: { include: { codes: open } } } });
  if (door?.controller === null || door?.controller === undefined) return undefined;
  const { deviceId, enrolledAt, retiredAt, model, firmware, codes, boardCards } = door.controller;
  return {
    device: deviceId,
    enrolledAt: msOrNull(enrolledAt),
    retiredAt: msOrNull(retiredAt),
    model,
    firmware,
    codeUntil: codes[0] === undefined ? null : ms(codes[0].expiresAt),
    boardCards,
  };
}
