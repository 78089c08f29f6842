import type { Onlooker } from '../../store/onlookers.ts';
import type { SheetRow } from '../../store/commissioning.ts';
import type { BuildingRow, DoorRow } from '../../store/places.ts';
import type { SheetPage, SheetView } from '../schemas/commissioning.ts';

interface Parts {
  readonly door: DoorRow;
  readonly building: BuildingRow;
  /** Newest first. */
  readonly rows: readonly SheetRow[];
  readonly wanted: SheetRow | undefined;
  readonly accounts: ReadonlyMap<number, Onlooker>;
  readonly mayWrite: boolean;
}

function sheetView({ version, state, body, photoId, changedAt, changedBy, signedAt, signedBy, retestDue, entryIndex }: SheetRow, accounts: Parts['accounts']): SheetView {
  const by = (account: number | null): SheetView['changedBy'] => {
    const found = accounts.get(account ?? 0);
    return { name: found?.name ?? '', role: found?.role ?? 'SA' };
  };
  return {
    ...{ version, state, body, photo: photoId !== null, changedAt, changedBy: by(changedBy) },
    ...{ signedAt, signedBy: signedAt === null ? null : by(signedBy), retestDue, entry: entryIndex },
  };
}

/** A door's sheet as whoever may see the door is shown it. */
export const sheetPage = ({ door, building, rows, wanted, accounts, mayWrite }: Parts): SheetPage => ({
  door: { id: door.id, code: door.code, name: door.name, nameEn: door.nameEn, kind: door.kind, unitId: door.unitId },
  building: { id: building.id, name: building.name, nameEn: building.nameEn, address: building.address },
  sheet: wanted === undefined ? null : sheetView(wanted, accounts),
  versions: rows.map(({ version, state, signedAt }) => ({ version, state, signedAt })),
  revision: rows[0]?.revision ?? 0,
  mayWrite,
});
