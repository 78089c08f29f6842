import { holderText } from '../store/account-people.ts';
import type { Outcome } from './account-acts.ts';
import type { AccountAsked, PlaceAsked } from './account-doings.ts';
import { administered, mayGive, needAdministers, OFFICE_ROLES } from './district.ts';
import { isChosen, loginName, unchosenLogin } from './login-name.ts';
import { refusal } from './problem.ts';
import type { AccountNew, AssignmentNew } from './schemas/accounts.ts';
import type { Asked } from './schemas/offices.ts';
import type { Site } from './site.ts';
import type { Viewer } from './viewer.ts';

/** What to answer: 200 with what was done, 202 when a second person must agree first. */
export async function answered<T, V extends object>(reply: { code(status: 202): unknown }, outcome: Promise<Outcome<T>>, view: (done: T) => V): Promise<V | Asked> {
  const result = await outcome;
  if ('done' in result) return view(result.done);
  reply.code(202);
  return { act: result.act };
}

/** A place as it was asked for: dates left out are open. */
export const placeAsked = ({ place, placeId, fromAt, untilAt }: AssignmentNew): PlaceAsked => ({ place, placeId, fromAt: fromAt ?? null, untilAt: untilAt ?? null });

/** Everything a viewer is to give lies within what he has himself. */
export async function needGives(site: Site, viewer: Viewer, places: readonly PlaceAsked[]): Promise<void> {
  for (const place of places) if (!(await mayGive(site, viewer, { ...place, fromAt: 0 }))) throw refusal('SCOPE_DENIED', { field: 'placeId' });
}

function loginOf(login: string | undefined): string {
  if (login === undefined) return unchosenLogin();
  const name = loginName(login);
  if (name.length < 3 || !isChosen(name)) throw refusal('BAD_INPUT', { field: 'login', expected: '至少 3 个字，不以 ? 开头 / at least 3 characters, not beginning with ?' });
  return name;
}

/** A number that tells natural persons apart: what is left of it without blanks and dashes. */
export function needHolder(holder: string): void {
  if (holderText(holder).length < 4) throw refusal('BAD_INPUT', { field: 'holder', expected: '工号或证件号，至少 4 位 / a staff or document number of at least 4 characters' });
}

/** The account asked for, checked against what the viewer may administer; without an office it is of the district's own. */
export async function accountAsked(site: Site, viewer: Viewer, body: AccountNew): Promise<AccountAsked> {
  const { role, displayName, login, holder = null, personId = null } = body;
  needAdministers(viewer, role);
  if (OFFICE_ROLES.has(role) || holder !== null) needHolder(holder ?? '');
  const mine = await administered(site, viewer);
  const [own = null] = mine.district.tops;
  const orgId = body.orgId ?? (mine.all ? null : own);
  if (!mine.has(orgId)) throw refusal('SCOPE_DENIED', { field: 'orgId' });
  const assignments = body.assignments.map(placeAsked);
  await needGives(site, viewer, assignments);
  return { role, displayName: displayName.trim(), login: loginOf(login), orgId, holder, personId: role === 'TEN' || role === 'LL' ? personId : null, assignments };
}
