import type { EntryFilter } from '../../gateway/journal/filter.ts';
import type { LogPlace } from '../../gateway/journal/log.ts';
import { type JournalReader, openReader } from '../../gateway/journal/reader.ts';
import { BUILDINGS, buildingOf, DOORS, END, PEOPLE, REFUSALS, scattered, unitOf, UNITS } from './query-district.ts';
import { openPlain, type Plain } from './query-plain.ts';
import type { Desk } from './query-site.ts';

/** Rounds with connections of their own: what counts is the middle round, so that a neighbour's burst of work does not. */
const ROUNDS = 5;
/** Each is asked about somebody else, so that no answer lies ready in a cache of the program. */
const ASKED = 200;
/** The route takes longer and is asked less often. */
const ROUTE_ASKED = 60;
/** Asked before anything is timed, so that both are compiled. */
const WARM = 25;
export const LIMIT = 50;
const DAY_MS = 86_400_000;

/** A question of log review: in the words of the route, of the log's reader, and of SQL. */
export interface Question {
  readonly buildingId: number;
  readonly query: Readonly<Record<string, string | number>>;
  readonly filter: EntryFilter;
  readonly where: string;
  readonly values: readonly (string | number)[];
}

const one = (n: number, of: number): number => 1 + (scattered(n * 7919 + of) % of);
/** What a review shows; the route asks for these. */
const KINDS = ['access', 'outcome', 'door', 'command'] as const;
/** Two weeks, for the smaller log is not much longer: so both are asked as much. */
export const RANGE = { from: END - 14 * DAY_MS, until: END };

/** Under a purpose: one building and two weeks of it, and `more` of that. */
function under(buildingId: number, query: Question['query'], more: Partial<EntryFilter>, narrower = RANGE): Question {
  const conditions = Object.keys(more).map((column) => `AND ${column} = ?`);
  return {
    buildingId,
    query: narrower === RANGE ? query : { ...query, ...narrower },
    filter: { buildingId, kinds: KINDS, ...narrower, ...more },
    where: `buildingId = ? AND at >= ? AND at < ? AND kind IN (${KINDS.map((kind) => `'${kind}'`).join(', ')}) ${conditions.join(' ')}`,
    values: [buildingId, narrower.from, narrower.until, ...Object.values(more).map((value) => (typeof value === 'number' ? value : String(value)))],
  };
}

export const QUESTIONS: Readonly<Record<string, (n: number) => Question>> = {
  'of a person': (n) => {
    const person = one(n, PEOPLE);
    return under(buildingOf(unitOf(person)), { person }, { personId: person });
  },
  'of a door': (n) => {
    const door = one(n, DOORS);
    return under(Math.ceil(door / 3), { door }, { doorId: door });
  },
  'of a building': (n) => under(one(n, BUILDINGS), {}, {}),
  'of a unit': (n) => {
    const unit = one(n, UNITS);
    return under(buildingOf(unit), { unit }, { unitId: unit });
  },
  'of a building for a reason': (n) => {
    const reason = REFUSALS[n % REFUSALS.length] ?? REFUSALS[0];
    return under(one(n, BUILDINGS), { reason }, { reason });
  },
  'of a building on a day': (n) => {
    const from = END - (1 + (scattered(n) % 13)) * DAY_MS;
    return under(one(n, BUILDINGS), {}, {}, { from, until: from + DAY_MS });
  },
};

/** One size: the log and the plain table beside it, as files, and a desk over the log. */
export interface Sized {
  readonly place: LogPlace;
  readonly plainFile: string;
  readonly plain: Plain;
  readonly desk: Desk;
}

/** Milliseconds of each answer, round by round; the route has one round. */
export interface Times {
  readonly log: number[][];
  readonly bare: number[][];
  readonly route: number[][];
}
export const noTimes = (): Times => ({ log: [], bare: [], route: [] });

/** The numbers of the questions the log is asked, and of those the route is asked: about others, so that it finds nothing ready. */
export const OF_LOG = Array.from({ length: WARM + ASKED }, (_, turn) => turn);
export const OF_ROUTE = Array.from({ length: WARM + ROUTE_ASKED }, (_, turn) => 100_000 + turn);

function timed<T>(work: () => T, into: number[]): T {
  const began = performance.now();
  const result = work();
  into.push(performance.now() - began);
  return result;
}

function same(ours: unknown, bare: unknown, about: unknown): void {
  if (JSON.stringify(ours) !== JSON.stringify(bare)) throw new Error(`ours and the plain table differ about ${JSON.stringify(about)}`);
}

/** Two fresh connections, and how long each answer took over them. */
interface Round {
  readonly reader: JournalReader;
  readonly plain: Plain;
  readonly log: number[];
  readonly bare: number[];
}

/** One thing that is asked: of the log beside the plain table, and of the route. Both throw when the answers differ. */
export interface Asked {
  log(round: Round, n: number): void;
  /** Milliseconds. */
  route(sized: Sized, n: number): Promise<number>;
}

/** A page of entries. */
export const page = (question: (n: number) => Question): Asked => ({
  log({ reader, plain, log, bare }, n) {
    const { filter, where, values } = question(n);
    const ours = timed(() => reader.before(filter, LIMIT), log);
    const rows = timed(() => plain.page(where, values, LIMIT), bare);
    const [found, expected] = [ours.map(({ index }) => index), rows.map((row) => row['id'])];
    same(found, expected, filter);
  },
  async route({ desk, plain }, n) {
    const { buildingId, query, where, values } = question(n);
    const { indexes, ms } = await desk.entries(await desk.purpose(buildingId), query);
    const expected = plain.page(where, values, LIMIT).map((row) => row['id']);
    same(indexes, expected, { buildingId, ...query });
    return ms;
  },
});

/** The first screen of a review: how many came and were refused, home by home. */
export const counts: Asked = {
  log({ reader, plain, log, bare }, n) {
    const buildingId = one(n, BUILDINGS);
    const unitIds = Array.from({ length: UNITS }, (_, at) => at + 1).filter((unitId) => buildingOf(unitId) === buildingId);
    const ours = timed(() => reader.unitCounts({ unitIds, ...RANGE }), log).filter(({ granted, refused }) => granted + refused > 0);
    const rows = timed(() => plain.units(buildingId, RANGE.from, RANGE.until), bare);
    const found = ours.map(({ unitId, granted, refused }) => ({ unitId, granted, refused }));
    same(found, rows, { buildingId });
  },
  async route({ desk, plain }, n) {
    const buildingId = one(n, BUILDINGS);
    const { ms, units } = await desk.counts(await desk.purpose(buildingId));
    same(units, plain.units(buildingId, RANGE.from, RANGE.until).length, { buildingId });
    return ms;
  },
};

function oneRound(sized: readonly Sized[], asked: Asked): Round[] {
  const rounds = sized.map(({ place, plainFile }): Round => ({ reader: openReader(place), plain: openPlain(plainFile), log: [], bare: [] }));
  for (const n of OF_LOG) for (const round of rounds) asked.log(round, n);
  for (const { reader, plain } of rounds) {
    reader.close();
    plain.close();
  }
  return rounds;
}

/** Asks all sizes turn about, so that they meet the same weather. */
export async function ask(sized: readonly Sized[], asked: Asked): Promise<Times[]> {
  const times = sized.map(noTimes);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [place, { log, bare }] of oneRound(sized, asked).entries()) {
      times[place]?.log.push(log.slice(WARM));
      times[place]?.bare.push(bare.slice(WARM));
    }
  }
  const route = sized.map((): number[] => []);
  for (const n of OF_ROUTE) for (const [place, each] of sized.entries()) route[place]?.push(await asked.route(each, n));
  for (const [place, ms] of route.entries()) times[place]?.route.push(ms.slice(WARM));
  return times;
}
