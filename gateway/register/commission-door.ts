import { createHash } from 'node:crypto';
import type { CleanPhoto } from '../exchange/clean-photo.ts';
import { EMPTY_SHEET, type SheetBody, type SheetFault, sheetFault } from './commissioning.ts';
import { dateAt, endOfDay } from '../core/local-date.ts';
import { newestSheet, type SheetRow } from '../store/commissioning.ts';
import type { Register, WriteDb } from '../store/register.ts';

/** Who does it to which sheet, as he saw it: `revision` 0 where there was none. */
export interface SheetAct {
  readonly doorId: number;
  readonly revision: number;
  /** Null: the local operator. */
  readonly accountId: number | null;
  /** Epoch ms. */
  readonly now: number;
}

/** Somebody changed the sheet meanwhile: nothing was written. */
export class SheetStale extends Error {
  override readonly name = 'SheetStale';
}

/** The sheet cannot be signed as it is: nothing was written. */
export class SheetRefused extends Error {
  override readonly name = 'SheetRefused';
  readonly fault: SheetFault;

  constructor(fault: SheetFault) {
    super(`${fault.field}: expected ${fault.expected}`);
    this.fault = fault;
  }
}

/** The newest version, which must be the one that was seen. Throws SheetStale. */
async function asSeen(db: WriteDb, { vault }: Register, { doorId, revision }: SheetAct): Promise<SheetRow | undefined> {
  const newest = await newestSheet(db, vault, doorId);
  if ((newest?.revision ?? 0) !== revision) throw new SheetStale('the sheet was changed');
  return newest;
}

/** Writes into the draft; where the newest version is signed, or there is none, a new version begins. A signed one is never touched. */
async function writeDraft(register: Register, act: SheetAct, change: { readonly body?: SheetBody; readonly photo?: CleanPhoto }): Promise<void> {
  const { vault } = register;
  await register.write(async (db) => {
    const newest = await asSeen(db, register, act);
    const { doorId, accountId, now } = act;
    const photo =
      change.photo &&
      (await db.doorPhoto.create({ data: { doorId, type: change.photo.type, imageSealed: vault.sealBytes('photo.image', change.photo.bytes) }, select: { id: true } }));
    const data = {
      revision: act.revision + 1,
      bodySealed: vault.seal('sheet.body', JSON.stringify(change.body ?? newest?.body ?? EMPTY_SHEET)),
      photoId: photo?.id ?? newest?.photoId ?? null,
      changedAt: BigInt(now),
      changedBy: accountId,
    };
    if (newest?.state === 'draft') await db.commissioningSheet.update({ where: { id: newest.id }, data });
    else await db.commissioningSheet.create({ data: { ...data, doorId, version: (newest?.version ?? 0) + 1 } });
    // A photo of a draft that was taken anew is on no sheet any more.
    if (photo !== undefined && newest?.photoId != null && (await db.commissioningSheet.count({ where: { photoId: newest.photoId } })) === 0)
      await db.doorPhoto.delete({ where: { id: newest.photoId } });
  });
}

/** Fills in the sheet of a door. Throws SheetStale. */
export const saveSheet = (register: Register, act: SheetAct, body: SheetBody): Promise<void> => writeDraft(register, act, { body });

/** Puts a photo on the sheet of a door. Throws SheetStale. */
export const setSheetPhoto = (register: Register, act: SheetAct, photo: CleanPhoto): Promise<void> => writeDraft(register, act, { photo });

/** SHA-256 over the content of a sheet and its photo, hex: what the log says was signed. */
function sheetDigest({ doorId, version, body }: Pick<SheetRow, 'doorId' | 'version' | 'body'>, image: Uint8Array | undefined): string {
  const hash = createHash('sha256').update(JSON.stringify({ doorId, version, body }));
  return hash
    .update('\0')
    .update(image ?? new Uint8Array(0))
    .digest('hex');
}

/**
 * Signs the draft of a door: from then on it is never changed. `noted` writes it into the log and gives the entry's
 * index; when it rejects nothing is signed. Throws SheetStale and SheetRefused.
 */
export async function signSheet(register: Register, act: SheetAct, noted: (version: number, digest: string) => Promise<number>): Promise<void> {
  const { vault } = register;
  await register.write(async (db) => {
    const newest = await asSeen(db, register, act);
    if (newest?.state !== 'draft') throw new SheetRefused({ field: 'body', expected: '一份填好的草稿 / a draft that was filled in' });
    const { doorId, accountId, now } = act;
    const fault = sheetFault(newest.body, dateAt(now));
    if (fault !== undefined) throw new SheetRefused(fault);
    const photo = newest.photoId === null ? null : await db.doorPhoto.findUnique({ where: { id: newest.photoId } });
    const entryIndex = await noted(
      newest.version,
      sheetDigest({ doorId, version: newest.version, body: newest.body }, photo === null ? undefined : vault.openBytes('photo.image', photo.imageSealed)),
    );
    const signed = { state: 'signed', signedAt: BigInt(now), signedBy: accountId, retestDue: BigInt(endOfDay(newest.body.retestOn)), entryIndex: BigInt(entryIndex) };
    await db.commissioningSheet.update({ where: { id: newest.id }, data: { ...signed, revision: act.revision + 1 } });
  });
}
