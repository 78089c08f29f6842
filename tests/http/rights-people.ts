import type { Role } from '../../gateway/core/roles.ts';
import { addTenant, type Stay } from '../helpers/register.ts';
import { assignmentsFor, type Browser, browser, type World } from './fixture.ts';

/** Signs in an account made for this; its second factor was given just now. `name` tells two of one role apart. */
export async function deskOf(
  here: World,
  role: Role,
  { name = role.toLowerCase(), buildingIds = [here.building.buildingId], personId }: { name?: string; buildingIds?: number[]; personId?: number } = {},
): Promise<Browser> {
  const { accounts } = here.site.deps;
  const made = { login: name, passwordHash: 'unused', role, displayName: name, assignments: role === 'TEN' ? [] : assignmentsFor(role, buildingIds) };
  const account = (await accounts.byLogin(name)) ?? (await accounts.create({ ...made, ...(personId === undefined ? {} : { personId }) }, here.time.now));
  const me = await browser(here);
  const token = await here.site.sessions.open(account, { step: 'full', strongAt: here.time.now, agent: 'test', address: '127.0.0.1' }, undefined);
  me.cookie = `doorbook=${token}`;
  await me.ask('GET', 'session');
  return me;
}

export interface Tenant {
  readonly personId: number;
  readonly me: Browser;
}

/** Somebody who lives in 0302 unless said otherwise, signed in. */
export async function tenantOf(here: World, stay: Partial<Stay> & { login?: string } = {}): Promise<Tenant> {
  const { login = '12000000001', ...wish } = stay;
  const { personId } = await addTenant(here.register, { unitId: here.building.units['0302'] ?? 0, ...wish });
  return { personId, me: await deskOf(here, 'TEN', { name: login, personId }) };
}

/** What the audit log was told of acts, oldest first; that somebody was refused is told besides. */
export const audited = (here: World): string[] => here.journal.entries.flatMap(({ event }) => (event.kind === 'audit' && event.what !== 'refused' ? [event.what ?? ''] : []));

/** The ETag of an answer, as If-Match. */
export const ifMatch = (answer: { readonly headers: Record<string, unknown> }): Record<string, string> => ({ 'if-match': String(answer.headers['etag']) });
