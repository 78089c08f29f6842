import type { Register } from '../store/register.ts';
import { lineWords, LineRefused } from './line-refused.ts';
import type { Note } from './lock-down.ts';
import { lineInService } from './serial-lines.ts';

/** Speeds a device may be told (osdp.md 2.1): faster is a matter of its maker's tool. */
const SPEEDS: readonly number[] = [9600, 19_200, 38_400, 57_600, 115_200];

/** Another speed for a line. */
export interface SpeedWish {
  readonly lineId: number;
  readonly baud: number;
  /** For the audit. */
  readonly reason: string;
}

/**
 * Stores the speed a line is to be moved to beside the one it has, noted first; resolves when both are on disk, and only
 * then may a device be told. Throws LineRefused: wrong, also without a device, or with one that has no key, for who
 * answers without one proves nothing; waiting or moving while a key or an address waits; speed while a speed does.
 */
export async function storeNextBaud({ write }: Register, { lineId, baud, reason }: SpeedWish, note: Note): Promise<void> {
  if (!SPEEDS.includes(baud)) throw new LineRefused('wrong', 'baud', SPEEDS.join(', '));
  await write(async (db) => {
    const line = await lineInService(db, lineId);
    if (line.nextBaud !== null) throw new LineRefused('speed', 'id', '不在换速率的线 / a line that is not being moved to another speed');
    if (line.baud === baud) throw new LineRefused('taken', 'baud', `另一个速率，它已经是 ${baud} / another speed: it has ${baud} already`);
    const devices = await db.lineDevice.findMany({ where: { lineId }, select: { name: true, keySealed: true, nextKeySealed: true, nextAddress: true } });
    if (devices.length === 0) throw new LineRefused('wrong', 'id', '有设备的线 / a line with devices');
    const [given, moved] = [devices.find(({ nextKeySealed }) => nextKeySealed !== null), devices.find(({ nextAddress }) => nextAddress !== null)];
    if (given !== undefined) throw new LineRefused('waiting', 'id', `没有密钥在等的线，“${given.name}”有 / a line where no key waits; one does for “${given.name}”`);
    if (moved !== undefined) throw new LineRefused('moving', 'id', `没有设备在换地址的线，“${moved.name}”在换 / a line where no address waits; one does for “${moved.name}”`);
    const bare = devices.find(({ keySealed }) => keySealed === null);
    if (bare !== undefined) throw new LineRefused('wrong', 'id', `设备都有密钥的线，“${bare.name}”没有 / a line whose devices all have keys; “${bare.name}” has none`);
    await note(lineWords(line.controller.deviceId, `baud=${line.baud}`, `to=${baud}`, reason));
    await db.serialLine.update({ where: { id: lineId }, data: { nextBaud: baud } });
  });
}

/** Where a line was found, as words for the log. */
export interface SpeedTaken {
  readonly what: 'line-speed-changed' | 'line-speed-kept';
  readonly words: string;
}

/**
 * A line that may be at either of two speeds is at this one: a device proved its key there, or nobody was told. The
 * other is given up. Undefined: none waits, or this is neither.
 */
export async function speedTaken({ write }: Register, lineId: number, at: number | 'old'): Promise<SpeedTaken | undefined> {
  return write(async (db) => {
    const line = await db.serialLine.findUnique({ where: { id: lineId }, select: { baud: true, nextBaud: true, controller: { select: { deviceId: true } } } });
    if (line === null || line.nextBaud === null) return undefined;
    const { baud, nextBaud, controller } = line;
    if (at === nextBaud) {
      await db.serialLine.update({ where: { id: lineId }, data: { baud: nextBaud, nextBaud: null } });
      return { what: 'line-speed-changed', words: lineWords(controller.deviceId, `baud=${baud}`, `to=${nextBaud}`) };
    }
    if (at !== 'old' && at !== baud) return undefined;
    await db.serialLine.update({ where: { id: lineId }, data: { nextBaud: null } });
    return { what: 'line-speed-kept', words: lineWords(controller.deviceId, `baud=${baud}`, `not=${nextBaud}`) };
  });
}
