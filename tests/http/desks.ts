import type { AccountRow } from '../../gateway/store/accounts.ts';
import { addAccount, addCover, addDivisions, addOffice, always, type Someone } from '../helpers/offices.ts';
import { type Browser, browser, WHOLE_SESSION, world, type Wish, type World } from './fixture.ts';

/** Somebody at a desk. */
export interface Desk extends Browser {
  readonly account: AccountRow;
}

/** Signs an account in without the slow hash; its second factor was given a moment ago. */
export async function atDesk(here: World, someone: Someone): Promise<Desk> {
  const account = await addAccount(here.register, someone, here.time.now);
  await here.site.rightsChanged();
  return again(here, account);
}

/** The same account in another browser. */
export async function again(here: World, account: AccountRow): Promise<Desk> {
  const me = await browser(here);
  const token = await here.site.sessions.open(account, { ...WHOLE_SESSION, strongAt: here.time.now }, undefined);
  me.cookie = `doorbook=${token}`;
  await me.ask('GET', 'session');
  return { ...me, account, ask: (method, url, body, headers) => me.ask(method, url, body, headers) };
}

export interface Offices extends World {
  /** The district bureau, over both test buildings, and a station below it that has one of them. */
  readonly bureau: number;
  readonly station: number;
  readonly first: Desk;
  readonly second: Desk;
  readonly district: Desk;
  readonly privacy: Desk;
}

/** Two administrators, a district, a privacy officer; bureau → station. */
export async function offices(wish: Wish = {}): Promise<Offices> {
  const here = await world(wish);
  await addDivisions(here.register);
  const bureau = await addOffice(here.register, '样板区局');
  const station = await addOffice(here.register, '一号街道派出所', bureau);
  await addCover(here.register, bureau, { divisionCode: '890101000000' });
  await addCover(here.register, station, { buildingId: here.building.buildingId });
  const site = [always('site', 0)];
  return {
    ...here,
    bureau,
    station,
    first: await atDesk(here, { role: 'SA', login: 'first', holder: 'A001', assignments: site }),
    second: await atDesk(here, { role: 'SA', login: 'second', holder: 'A002', assignments: site }),
    district: await atDesk(here, { role: 'DA', login: 'district', holder: 'D001', orgId: bureau, assignments: [always('org', bureau)] }),
    privacy: await atDesk(here, { role: 'PO', login: 'privacy', holder: 'P001', assignments: site }),
  };
}

/** Words of the audit lines of what was done, oldest first. */
export const audited = ({ journal }: World): (string | undefined)[] =>
  journal.entries.filter(({ event }) => event.kind === 'audit' && event.what !== 'refused').map(({ event }) => event.what);
export const match = (version: unknown): Record<string, string> => ({ 'if-match': `"${String(version)}"` });
