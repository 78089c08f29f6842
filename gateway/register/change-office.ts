import { type Misfit, placed } from '../core/org-tree.ts';
import type { Register } from '../store/register.ts';
import { type Note, needed, OfficeRefused } from './office-refused.ts';
import { placeText } from './place-refused.ts';

/** An office as it is to be. */
export interface OfficeWish {
  readonly parentId: number | null;
  readonly kind: string;
  readonly name: string;
  readonly nameEn: string;
}

function fitting<T>(result: T | Misfit): T {
  if (result === 'cycle') throw new OfficeRefused('ORG_CYCLE', { field: 'parentId' });
  if (result === 'deep') throw new OfficeRefused('ORG_TOO_DEEP', { field: 'parentId' });
  return result;
}

const NODE = { id: true, parentId: true, depth: true, closedAt: true } as const;

/** Opens an office at the top or under an open one, at most four levels deep. Returns its row number. */
export async function openOffice({ write }: Register, wish: OfficeWish, note: Note): Promise<number> {
  const [name, nameEn] = [placeText('name', wish.name), placeText('nameEn', wish.nameEn)];
  return write(async (db) => {
    const nodes = await db.orgUnit.findMany({ where: { closedAt: null }, select: NODE });
    if (wish.parentId !== null)
      needed(
        nodes.find(({ id }) => id === wish.parentId),
        'parentId',
      );
    const depth = fitting(placed(nodes, undefined, wish.parentId)).get(0) ?? 1;
    await note();
    return (await db.orgUnit.create({ data: { parentId: wish.parentId, kind: wish.kind, name, nameEn, depth } })).id;
  });
}

/** Renames an office, or moves it with everything below it. `version`: the one the change was made from. */
export async function changeOffice({ write }: Register, { id, version }: { id: number; version: number }, change: Partial<OfficeWish>, note: Note): Promise<void> {
  const name = change.name === undefined ? {} : { name: placeText('name', change.name) };
  const nameEn = change.nameEn === undefined ? {} : { nameEn: placeText('nameEn', change.nameEn) };
  const kind = change.kind === undefined ? {} : { kind: change.kind };
  await write(async (db) => {
    const nodes = await db.orgUnit.findMany({ select: { ...NODE, version: true } });
    const office = needed(
      nodes.find((node) => node.id === id),
      'id',
    );
    if (office.closedAt !== null) throw new OfficeRefused('IS_CLOSED');
    if (office.version !== version) throw new OfficeRefused('STALE_VERSION');
    const { parentId = office.parentId } = change;
    const open = nodes.filter(({ closedAt }) => closedAt === null);
    if (parentId !== null)
      needed(
        open.find((node) => node.id === parentId),
        'parentId',
      );
    const depths = fitting(placed(open, id, parentId));
    await note();
    await db.$transaction([
      db.orgUnit.update({ where: { id }, data: { ...name, ...nameEn, ...kind, parentId, version: { increment: 1 } } }),
      ...[...depths].map(([node, depth]) => db.orgUnit.update({ where: { id: node }, data: { depth } })),
    ]);
  });
}
