import { rightTo } from '../../core/matrix.ts';
import { dateAt } from '../../core/local-date.ts';
import { type RosterForm, rosterCsv, rosterWorkbook } from '../../exchange/roster-out.ts';
import { pendingActsOf } from '../../store/pending-acts.ts';
import { type RosterPlaces, type RosterRow, rosterOf } from '../../store/roster.ts';
import { refusal } from '../problem.ts';
import type { RosterExportWish } from '../schemas/people-roster.ts';
import type { ExportWaits } from '../schemas/review.ts';
import type { Site } from '../site.ts';
import { touches, type Viewer } from '../viewer.ts';
import type { Look } from './looks.ts';
import { rosterPlaces, whomIn } from './roster.ts';

/** Kind of the act a second person agrees to. */
export const ROSTER_EXPORT = 'rosterExport';
/** More persons than this need a second person (domain.md 5.8, rule 5). */
const MOST_ALONE = 100;
/** Longer ones would hold the desk side up; a building or a state can be named. */
const MOST_ROWS = 20_000;
const BATCH = 500;
const WORDS = 120;
const TYPES = { csv: 'text/csv; charset=utf-8', xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' } as const;

/** What a second person is asked to agree to. */
interface RosterAct {
  /** Which people, written one way. */
  readonly asked: string;
  readonly buildings: readonly number[];
  readonly persons: number;
}

/** A file as it is sent. */
export interface RosterFileOut {
  /** Of letters and digits alone, for clients that read no more. */
  readonly file: string;
  /** With the name of the place. */
  readonly named: string;
  readonly type: string;
  readonly bytes: Buffer;
}

/** The people wished for, as text that is the same for the same wish. */
const canonical = ({ building, division, floor, state }: RosterExportWish): string =>
  Object.entries({ building, division, floor, state })
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))
    .join(' ');

async function allRows(site: Site, places: RosterPlaces, state: RosterExportWish['state']): Promise<RosterRow[]> {
  const roster = rosterOf(site.deps.register);
  const rows: RosterRow[] = [];
  for (let last: RosterRow | undefined; ; ) {
    const after = last === undefined ? {} : { after: [last.key, last.id] as const };
    const batch = await roster.rows({ ...places, ...after, limit: BATCH, ...(state === undefined ? {} : { state }) });
    rows.push(...batch);
    if (rows.length > MOST_ROWS) throw refusal('ROSTER_TOO_LARGE', { field: 'building' });
    last = batch.at(-1);
    if (last === undefined || batch.length < BATCH) return rows;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Did a second person agree to this very file, asked for by this account? */
async function isApproved({ deps: { register } }: Site, { accountId }: Viewer, approval: number, body: RosterAct): Promise<boolean> {
  const act = await pendingActsOf(register).find(approval);
  if (act === undefined || act.kind !== ROSTER_EXPORT || act.requestedBy !== accountId || act.decision !== 'approved' || act.breakGlass) return false;
  const agreed: RosterAct = JSON.parse(act.body);
  return agreed.asked === body.asked && agreed.persons >= body.persons && body.buildings.every((id) => agreed.buildings.includes(id));
}

/** Makes known that a large roster needs a second person, who stands for every building in it. */
export function registerRosterAct({ secondPerson }: Site): void {
  secondPerson.register<RosterAct>(ROSTER_EXPORT, {
    approvers: ['OF', 'DA', 'PO'],
    describe: ({ persons, asked }) => ({ zh: `导出 ${persons} 人的花名册 ${asked}`.trim(), en: `Export a roster of ${persons} persons ${asked}`.trim() }),
    // Agreeing is all: whoever asked fetches the file himself.
    async run({ buildings }, approver) {
      if (!approver.scope.all && !buildings.every((id) => touches(approver, id))) throw refusal('NOT_ALLOWED');
    },
  });
}

const safe = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\\/:*?"<>|\s]+/gu, '');

/** The name of the place a roster is of, for the name of its file. */
async function placeName(site: Site, { building, division }: RosterExportWish): Promise<{ readonly code: string; readonly name: string }> {
  const found = building === undefined ? undefined : await site.deps.places.building(building);
  if (found !== undefined) return { code: found.code, name: found.name };
  return { code: division ?? 'all', name: division ?? '' };
}

/**
 * The roster as a file, each person in it noted before the first byte leaves; or, when there are more than 100 of them
 * and nobody has agreed yet, the act that now waits for a second person. Refuses EXPORT_NOT_APPROVED, ROSTER_TOO_LARGE.
 */
export async function exportRoster(site: Site, viewer: Viewer, wish: RosterExportWish): Promise<RosterFileOut | ExportWaits> {
  const { audit, looks, secondPerson, deps } = site;
  const { form, note, approval, state } = wish;
  const rows = await allRows(site, await rosterPlaces(site, viewer, wish), state);
  const people = new Set(rows.map(({ person }) => person.id));
  const buildings = [...new Set(rows.map(({ buildingId }) => buildingId))];
  const act: RosterAct = { asked: canonical(wish), buildings, persons: people.size };
  const many = people.size > MOST_ALONE;
  if (many && approval === undefined) return { pendingAct: await secondPerson.ask(viewer, ROSTER_EXPORT, act, note), persons: people.size };
  if (many && approval !== undefined && !(await isApproved(site, viewer, approval, act))) throw refusal('EXPORT_NOT_APPROVED', { field: 'approval' });
  // Whole files are no looks at one person after another: they have their own bounds, above.
  const look: Look = { what: 'roster-exported', free: true };
  await looks.noted(viewer, look, rows.map(whomIn));
  const at = wish.building === undefined ? {} : { buildingId: wish.building };
  const entry = await audit.acted(viewer, 'roster-made', { ...at, words: `${rows.length}|${people.size}|${form} ${act.asked}|${note.trim()}`.slice(0, WORDS) });
  const told: RosterForm = {
    whole: rightTo('identity', viewer.role, 'R')?.form === '',
    several: wish.building === undefined,
    watermark: `${viewer.login} · ${entry}`,
  };
  const place = await placeName(site, wish);
  const today = dateAt(deps.clock());
  return {
    file: `roster-${place.code}-${today}.${form}`,
    named: `${['花名册', safe(place.name), today].filter((part) => part !== '').join('-')}.${form}`,
    type: TYPES[form],
    bytes: form === 'csv' ? rosterCsv(rows, told) : rosterWorkbook(rows, told),
  };
}
