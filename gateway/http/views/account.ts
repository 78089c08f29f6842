import type { AccountRow } from '../../store/accounts.ts';
import type { DeskRow } from '../../store/account-desk.ts';
import { type AssignmentRow, standing } from '../../store/assignments.ts';
import { administers } from '../district.ts';
import { isChosen } from '../login-name.ts';
import { refusal } from '../problem.ts';
import type { AccountLine, AccountState, AccountView, AssignmentView } from '../schemas/accounts.ts';
import type { Site } from '../site.ts';
import type { Viewer } from '../viewer.ts';

const stateOf = ({ disabledAt, state }: Pick<AccountRow, 'disabledAt' | 'state'>): AccountState => (disabledAt === null ? state : 'disabled');

/** An account in a list: of colleagues, by the name they go by. */
export function accountLine(row: DeskRow): AccountLine {
  const { id, login, displayName, role, org, inForce } = row;
  return {
    id,
    login: isChosen(login) ? login : '',
    displayName,
    role,
    state: stateOf(row),
    org: org === null ? null : { id: org.id, name: { zh: org.name, en: org.nameEn || org.name } },
    assignments: inForce,
  };
}

/** The places an account works in, with their names; newest first. `now`: epoch ms. */
function assignmentViews({ offices }: Pick<Site, 'offices'>, rows: readonly AssignmentRow[], now: number): Promise<AssignmentView[]> {
  return Promise.all(
    rows.map(async ({ id, place, placeId, fromAt, untilAt }) => ({
      id,
      place,
      placeId,
      fromAt,
      untilAt,
      name: await offices.assignments.placeName(place, placeId),
      state: standing({ fromAt, untilAt }, now),
    })),
  );
}

/** An account as whoever administers it sees it. Other accounts of the same person are shown to those who see the whole site. */
export async function accountView(site: Pick<Site, 'offices' | 'deps'>, viewer: Viewer, id: number): Promise<AccountView> {
  const { offices, deps } = site;
  const now = deps.clock();
  const row = await offices.accounts.find(id, now);
  if (row === undefined) throw refusal('NOT_FOUND');
  const [others, running, rows] = await Promise.all([offices.accounts.others(id), offices.accounts.running(id, now), offices.assignments.ofAccount(id)]);
  const inView = viewer.scope.all ? others : [];
  return {
    account: accountLine(row),
    assignments: await assignmentViews(site, rows, now),
    version: row.version,
    createdAt: row.createdAt,
    disabledAt: row.disabledAt,
    hasHolder: row.hasHolder,
    others: inView.map(({ id: other, displayName, role }) => ({ id: other, displayName, role })),
    ...running,
    mayChange: administers(viewer, row.role),
  };
}
