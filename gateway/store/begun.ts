import type { Register } from './register.ts';

/** A span of gateway time, epoch ms: after `from`, up to and including `upTo`. */
export interface Span {
  readonly from: number;
  readonly upTo: number;
}

/** Most rows noted at once; more, or a clock that was set back, and every list is looked at. */
const MOST = 1000;

const everything = [{ entity: 'tenancy', rowId: 0 }];

async function begunIn({ read }: Register, { from, upTo }: Span): Promise<readonly { readonly entity: string; readonly rowId: number }[]> {
  const within = { gt: BigInt(from), lte: BigInt(upTo) };
  const tenancies = await read.tenancy.findMany({ where: { startAt: within }, select: { id: true }, take: MOST });
  const occupants = await read.occupant.findMany({ where: { fromAt: within }, select: { tenancyId: true }, take: MOST });
  const credentials = await read.credential.findMany({ where: { validFrom: within }, select: { id: true }, take: MOST });
  const grants = await read.accessGrant.findMany({ where: { fromAt: within }, select: { id: true }, take: MOST });
  const ids = new Set([...tenancies.map(({ id }) => id), ...occupants.map(({ tenancyId }) => tenancyId)]);
  return [
    ...[...ids].map((rowId) => ({ entity: 'tenancy', rowId })),
    ...credentials.map(({ id }) => ({ entity: 'credential', rowId: id })),
    ...grants.map(({ id }) => ({ entity: 'grant', rowId: id })),
  ];
}

/**
 * Notes as changes what time alone began: tenancies, occupants, credentials and rights booked ahead. A door's own list has
 * nobody whose time has not come, so it is to be made anew when it comes. Ends need no note, they stand in the list;
 * but when the clock was set back, what had ended by the wrong clock comes in again. Returns how many rows were noted.
 */
export async function noteBegun(register: Register, span: Span): Promise<number> {
  if (span.upTo === span.from) return 0;
  const begun = span.upTo > span.from ? await begunIn(register, span) : everything;
  if (begun.length === 0) return 0;
  const rows = begun.length > MOST ? everything : begun;
  await register.write((db) => db.change.createMany({ data: [...rows] }));
  return rows.length;
}
