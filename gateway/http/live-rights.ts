import { authorise, type Declared, may } from './permissions.ts';
import type { LiveMessage } from './schemas/ledger.ts';
import type { Viewer } from './viewer.ts';

/** Kinds of message of the live feed. */
export type LiveKind = LiveMessage['t'];

/**
 * What each message of the live feed is about, as a route declares it (design.md 9). A kind that is not here does not
 * compile. Within a message `live.ts` keeps to the viewer's scope, and `disclosure.ts` to the form of his right.
 */
export const LIVE_RIGHTS = {
  hello: may('ledger', 'R', 'list'),
  lines: may('ledger', 'R', 'list'),
  doors: may('door', 'R', 'list'),
  // Which of them, `live.onAlarms` asks.
  alarms: may('doorAlarm', 'R', 'list'),
  serial: may('serialLine', 'R', 'list'),
  register: may('building', 'R', 'list'),
  // Others are told of one a day (log-proof.ts): that there is a new one would tell that somebody passed a door.
  checkpoint: may('logProof', 'R', 'list', { only: ['SA', 'OF', 'AU', 'PO'] }),
} as const satisfies Readonly<Record<LiveKind, Declared>>;

/** May this viewer be sent messages of this kind? A personal access token is held to its own pairs, too. */
export function mayHear({ role, pairs }: Pick<Viewer, 'role' | 'pairs'>, kind: LiveKind): boolean {
  if (!Object.hasOwn(LIVE_RIGHTS, kind)) throw new Error(`live message ${String(kind)} declares no data, action and scope`);
  const { data, action }: Declared = LIVE_RIGHTS[kind];
  return authorise(role, LIVE_RIGHTS[kind]) && (pairs === undefined || pairs.has(`${data}:${action}`));
}
