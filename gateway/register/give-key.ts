import { randomBytes } from 'node:crypto';
import type { Register } from '../store/register.ts';
import { KEY_BYTES, weakness } from '../wire/osdp/keys.ts';
import { sameBytes } from '../wire/osdp/secure.ts';
import { checkSpeed, deviceInService, deviceWords } from './line-devices.ts';
import { lineWords, LineRefused } from './line-refused.ts';
import type { Note } from './lock-down.ts';

/** Random bytes that may be a device's key. By chance alone this never draws twice. */
function freshKey(): Uint8Array {
  for (;;) {
    const key = randomBytes(KEY_BYTES);
    if (weakness(key) === undefined) return key;
  }
}

/**
 * May a device be given a key now? Not while another waits that it may have taken, unless it can prove that it has the
 * old one: whoever answers under a key that is no secret proves nothing, and storing a fresh key would lose the one the
 * device has. Nor while it may be at either of two addresses, or its line at either of two speeds. Throws LineRefused: waiting, moving, speed.
 */
export async function checkMayBegin({ read }: Pick<Register, 'read'>, id: number): Promise<void> {
  const device = await read.lineDevice.findUnique({
    where: { id },
    select: { keySealed: true, nextKeySealed: true, keyExposed: true, nextAddress: true, line: { select: { nextBaud: true } } },
  });
  if (device === null) throw new LineRefused('missing', 'id', '线上的设备 / a device on a line');
  checkSpeed(device.line);
  if (device.nextAddress !== null) throw new LineRefused('moving', 'id', '不在换地址的设备 / a device that is not being given another address');
  const proves = device.keySealed !== null && !device.keyExposed;
  if (device.nextKeySealed !== null && !proves) throw new LineRefused('waiting', 'id', '没有密钥在等的设备 / a device for which no key waits');
}

/**
 * Makes a fresh key for a device and stores it beside the one it has, noted first; resolves when both are on disk, and
 * only then may it be sent. A key that waited there before goes: see docs/decisions/0044 for why it can be no device's.
 * `identity`: what the device reported and the operator confirmed. Throws LineRefused.
 */
export async function storeNextKey(
  { write, vault }: Register,
  { deviceId: id, identity }: { readonly deviceId: number; readonly identity: string },
  note: Note,
): Promise<Uint8Array> {
  const key = freshKey();
  await write(async (db) => {
    const device = await deviceInService(db, id);
    checkSpeed(device.line);
    await note(deviceWords(device, identity));
    await db.lineDevice.update({ where: { id }, data: { nextKeySealed: vault.sealBytes('line.key', key), nextIdentity: identity } });
  });
  return key;
}

/** The key that waits was never sent: it is dropped. */
export async function dropNextKey({ write }: Register, id: number): Promise<void> {
  await write((db) => db.lineDevice.updateMany({ where: { id }, data: { nextKeySealed: null, nextIdentity: '' } }));
}

const SELECTED = { id: true, lineId: true, address: true, name: true, keySealed: true, nextKeySealed: true, identity: true, nextIdentity: true, keyExposed: true } as const;

/** What a proved key changed, as words for the log. */
export interface KeyTaken {
  readonly what: 'line-key-given' | 'line-key-proved';
  readonly words: string;
}

/**
 * A device has proved a key, and said who it is (16 hex digits): the key that waited becomes its key, pinned to the
 * identity that was confirmed; a key entered by hand is pinned to this one. Undefined: nothing waited for it.
 *
 * The key may have been overheard when it went over a line with other devices under a key that is no secret: the public
 * one, or one that was overheard itself (osdp.md 4, attack 5).
 */
export async function keyTaken({ write }: Register, id: number, { identity, now }: { readonly identity: string; readonly now: number }): Promise<KeyTaken | undefined> {
  return write(async (db) => {
    const line = { select: { controller: { select: { deviceId: true } }, _count: { select: { devices: true } } } } as const;
    const device = await db.lineDevice.findUnique({ where: { id }, select: { ...SELECTED, line } });
    if (device === null) return undefined;
    const { keySealed, nextKeySealed, nextIdentity, keyExposed } = device;
    const done = { enrolledAt: BigInt(now), clearUntil: null };
    if (nextKeySealed !== null) {
      const pinned = nextIdentity || identity;
      const exposed = device.line._count.devices > 1 && (keySealed === null || keyExposed);
      await db.lineDevice.update({ where: { id }, data: { ...done, keySealed: nextKeySealed, nextKeySealed: null, identity: pinned, nextIdentity: '', keyExposed: exposed } });
      return { what: 'line-key-given', words: deviceWords(device, pinned, ...(exposed ? ['exposed'] : []), ...(pinned === identity ? [] : [`answered=${identity}`])) };
    }
    if (keySealed === null || device.identity !== '') return undefined;
    await db.lineDevice.update({ where: { id }, data: { ...done, identity } });
    return { what: 'line-key-proved', words: deviceWords(device, identity) };
  });
}

const WEAK = '随机的 16 字节密钥，不是公开的、有规律的或样本里的 / a random key: not the public one, a pattern or a sample';

/**
 * Takes a key that was put into the device by its maker's tool, noted first; keys it had or waited for are gone. It is
 * pinned to whoever proves it first. Throws LineRefused: weak, or taken by another device.
 */
export async function enterKey({ write, vault }: Register, { deviceId: id, key }: { readonly deviceId: number; readonly key: Uint8Array }, note: Note): Promise<void> {
  if (weakness(key) !== undefined) throw new LineRefused('weak', 'key', WEAK);
  await write(async (db) => {
    const device = await deviceInService(db, id);
    const others = await db.lineDevice.findMany({ where: { id: { not: id } }, select: { keySealed: true, nextKeySealed: true } });
    const theirs = others.flatMap(({ keySealed, nextKeySealed }) => [keySealed, nextKeySealed]).filter((sealed) => sealed !== null);
    if (theirs.some((sealed) => sameBytes(vault.openBytes('line.key', sealed), key))) throw new LineRefused('taken', 'key', '只给这个设备的密钥 / a key that no other device has');
    await note(deviceWords(device));
    const data = { keySealed: vault.sealBytes('line.key', key), nextKeySealed: null, identity: '', nextIdentity: '', keyExposed: false, enrolledAt: null, clearUntil: null };
    await db.lineDevice.update({ where: { id }, data });
  });
}

/** Forgets a device's keys and who it was, noted first: it is told nothing until it is given another. For one that was stolen or swapped. Throws LineRefused. */
export async function forgetKey({ write }: Register, id: number, note: Note): Promise<void> {
  await write(async (db) => {
    await note(deviceWords(await deviceInService(db, id)));
    await db.lineDevice.update({ where: { id }, data: { keySealed: null, nextKeySealed: null, identity: '', nextIdentity: '', keyExposed: false, enrolledAt: null } });
  });
}

const HOUR_MS = 3_600_000;

/**
 * Lets one device without a key speak in clear for some hours, noted first with its reason. Whoever listens can read
 * cards then, and open: it ends by itself, and when the device gets a key. Returns its end, epoch ms. Throws LineRefused.
 */
export async function allowClear(
  { write }: Register,
  { deviceId: id, hours, reason, now }: { readonly deviceId: number; readonly hours: number; readonly reason: string; readonly now: number },
  note: Note,
): Promise<number> {
  const why = reason.normalize('NFC').trim();
  if (why === '' || /[\p{Cc}\p{Cf}\u2028\u2029]/u.test(why)) throw new LineRefused('wrong', 'reason', '一行原因 / a reason on one line');
  const until = now + hours * HOUR_MS;
  await write(async (db) => {
    const device = await deviceInService(db, id);
    const { keySealed, nextKeySealed } = await db.lineDevice.findUniqueOrThrow({ where: { id }, select: { keySealed: true, nextKeySealed: true } });
    if (keySealed !== null || nextKeySealed !== null)
      throw new LineRefused('wrong', 'id', '没有密钥的设备；有密钥的只能加密通信 / a device without a key: one that has a key speaks secured, always');
    await note(lineWords(deviceWords(device, `${hours}h`), why));
    await db.lineDevice.update({ where: { id }, data: { clearUntil: BigInt(until) } });
  });
  return until;
}

/** Ends such an exception, noted first. One that has ended stays so. Throws LineRefused. */
export async function endClear({ write }: Register, id: number, note: Note): Promise<void> {
  await write(async (db) => {
    await note(deviceWords(await deviceInService(db, id)));
    await db.lineDevice.update({ where: { id }, data: { clearUntil: null } });
  });
}
