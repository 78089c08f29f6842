import { makeRequest, type Sent } from './http-request.ts';
import { type Asker, type FuzzedWorld, openFuzzedWorld } from './http-world.ts';
import { type Got, wrongWith } from './http-oracle.ts';
import type { Operation } from './openapi.ts';
import { createRandom, type Random } from './random.ts';

/** What a run of requests came to. */
export interface HttpReport {
  readonly seed: number;
  readonly requests: number;
  readonly seconds: number;
  /** Processor time of this process, s. */
  readonly cpu: number;
  /** How many answers of each status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Operations that were asked, and those that were carried out at least once, by name. */
  readonly operations: number;
  readonly done: readonly string[];
  readonly never: readonly string[];
  readonly grewMb: number;
  /** Milliseconds of each operation in all, the most first. */
  readonly dearest: readonly (readonly [string, number, number])[];
  readonly findings: readonly string[];
}

const HEAL_EVERY = 200;
/** The log in memory is read from its end to its start by many a page: it is emptied before that takes the time. */
const MOST_ENTRIES = 1500;
/** Some requests are dear by design (a password is hashed for 50 ms); they get this share of the others' turns. */
const SELDOM: Readonly<Record<string, number>> = {
  'POST /api/v1/session': 30,
  'POST /api/v1/setup': 30,
  'POST /api/v1/session/password': 30,
  'GET /api/v1/retention/due': 10,
  'GET /api/v1/openapi.json': 20,
};
const MOST_FINDINGS = 20;
const MB = 2 ** 20;

const nameOf = ({ method, path }: Operation): string => `${method} ${path}`;

/** An eighth of the turns go to somebody with the right to it, so that more than the guard is reached, one to anybody; the rest, much cheaper, to who has no session to be looked up. */
function askerFor(operation: Operation, { askers }: FuzzedWorld, random: Random): Asker {
  const kind = random.below(8);
  const among = kind === 0 ? askers.filter(({ role }) => role !== undefined && operation.needs.roles.includes(role)) : kind === 1 ? askers : askers.slice(0, 3);
  return random.any(among) ?? askers[0];
}

const said = (sent: Sent): string => JSON.stringify({ ...sent, asks: undefined, payload: sent.payload === undefined ? undefined : Buffer.from(sent.payload).toString('base64') });

/** Sends a request into the app without a socket. Rejects when nothing can be made of it before it is sent. */
export async function inject({ here }: FuzzedWorld, { method, url, headers, payload }: Sent): Promise<Got> {
  const response = await here.app.inject({ method: Object({ method }).method, url, headers, ...(payload === undefined ? {} : { payload }) });
  return { status: response.statusCode, headers: response.headers, body: response.body };
}

/** Sends generated requests of every operation by everybody; collects what is wrong with the answers. */
export async function runHttp({ seed, requests }: { readonly seed: number; readonly requests: number }): Promise<HttpReport> {
  const fuzzed = await openFuzzedWorld();
  const { here, operations } = fuzzed;
  const statuses: Record<string, number> = {};
  const cost = new Map<string, { ms: number; n: number }>();
  const done = new Set<string>();
  const findings: string[] = [];
  let [rss, grew] = [0, 0];
  const [from, busy] = [performance.now(), process.cpuUsage()];

  /** False: not its turn. */
  async function one(at: number): Promise<boolean> {
    const random = createRandom(seed, at);
    const operation = operations[at % operations.length];
    if (operation === undefined) return false;
    const name = nameOf(operation);
    const seldom = SELDOM[name];
    const asker = askerFor(operation, fuzzed, random);
    if (seldom !== undefined && !random.oneIn(seldom)) return false;
    const sent = makeRequest(operation, asker.credentials, random);
    here.errors.length = 0;
    const began = performance.now();
    const got = await inject(fuzzed, sent);
    const spent = cost.get(name) ?? { ms: 0, n: 0 };
    cost.set(name, { ms: spent.ms + performance.now() - began, n: spent.n + 1 });
    statuses[got.status] = (statuses[got.status] ?? 0) + 1;
    if (got.status < 400) done.add(name);
    const wrong = [...wrongWith(sent, asker.role, got), ...(await fuzzed.leaked(asker, got.body + JSON.stringify(got.headers))).map((leak) => `shows ${leak}`)];
    for (const each of wrong)
      findings.push(
        `seed ${seed}, request ${at}, ${asker.name}, ${name}: ${each}\n  ${said(sent)}\n  ${got.status} ${got.body.slice(0, 400)}\n  ${here.errors.map((error) => (error instanceof Error ? error.stack : String(error))).join('\n')}`,
      );
    if (got.status === 401 || random.oneIn(60)) await fuzzed.renew(asker, !random.oneIn(5));
    return true;
  }

  try {
    let sent = 0;
    for (let at = 0; sent < requests && findings.length < MOST_FINDINGS; at += 1) {
      if (await one(at)) sent += 1;
      here.time.now += 50;
      if (here.journal.entries.length > MOST_ENTRIES) here.journal.entries.length = 0;
      if (at % HEAL_EVERY !== HEAL_EVERY - 1) continue;
      await fuzzed.heal();
      const now = process.memoryUsage.rss();
      if (at > 5 * HEAL_EVERY) rss ||= now;
      grew = Math.max(grew, rss === 0 ? 0 : now - rss);
    }
    const dearest = [...cost].map(([name, { ms, n }]) => [name, Math.round(ms), n] as const).sort((a, b) => b[1] - a[1]);
    const { user, system } = process.cpuUsage(busy);
    const never = operations.map(nameOf).filter((name) => !done.has(name));
    return {
      seed,
      requests: sent,
      seconds: (performance.now() - from) / 1000,
      cpu: (user + system) / 1e6,
      statuses,
      operations: operations.length,
      done: [...done],
      never,
      grewMb: grew / MB,
      dearest: dearest.slice(0, 12),
      findings,
    };
  } finally {
    await fuzzed.close();
  }
}
