import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { GatewayAlarm } from '../../gateway/alarms.ts';
import type { DoorNumbers } from '../../gateway/door-numbers.ts';
import type { Config } from '../../gateway/config.ts';
import { BuildingId, DoorId } from '../../gateway/core/ids.ts';
import type { DoorCommand, DoorState } from '../../gateway/doors/link.ts';
import type { CommissionAct, LineStatus, LineAct } from '../../gateway/doors/serial/status.ts';
import type { App } from '../../gateway/http/app-type.ts';
import { buildApp, type Extra } from '../../gateway/http/app.ts';
import type { Deps, DoorSidePort, JournalReads, Rosters, SimAnswer } from '../../gateway/http/deps.ts';
import type { RateLimits } from '../../gateway/http/rate-limits.ts';
import type { Role } from '../../gateway/http/schemas/session.ts';
import { filingOf } from '../../gateway/http/filing.ts';
import { districtsOf, rostersOf } from '../../gateway/http/rosters.ts';
import { sealPartWith } from '../../gateway/register/district-rows.ts';
import { createSite, type Site } from '../../gateway/http/site.ts';
import { type EventData, JournalUnavailable } from '../../gateway/journal/entry.ts';
import type { Judged } from '../../gateway/journal/checkpoints.ts';
import type { LogProofs } from '../../gateway/http/log-proof.ts';
import { accountsOf, type NewAssignment } from '../../gateway/store/accounts.ts';
import { homesOf } from '../../gateway/store/homes.ts';
import { scopesOf } from '../../gateway/store/scopes.ts';
import { placesOf } from '../../gateway/store/places.ts';
import { FakeJournal } from '../helpers/fake-journal.ts';
import { addDemoOffices } from '../../prisma/demo/offices.ts';
import { addBuilding, NOON, temporaryRegister, type TestBuilding, type TestRegister } from '../helpers/register.ts';

export const PASSWORD = 'a horse that reads at night';

export interface World {
  readonly app: App;
  readonly site: Site;
  readonly journal: FakeJournal;
  readonly register: TestRegister;
  readonly building: TestBuilding;
  readonly other: TestBuilding;
  readonly time: { now: number };
  readonly commands: { doorId: number; command: DoorCommand; accountId: number }[];
  /** What the door side last said of serial lines, and what it was asked to do there. */
  readonly lines: LineStatus[];
  readonly commissions: { readonly deviceRow: number; readonly act: CommissionAct }[];
  readonly lineTests: { readonly lineId: number; readonly act: LineAct }[];
  readonly states: DoorState[];
  readonly errors: unknown[];
  readonly notices: string[];
  readonly alarms: GatewayAlarm[];
  /** What the door side last said it has counted. */
  readonly door: { numbers: DoorNumbers | undefined };
  readonly told: { changed: number };
  /** Readers at which the door side was asked to watch for cards. */
  readonly watched: { doorId: number; until: number }[];
  /** Makes the journal refuse entries. */
  readonly log: { broken: boolean };
  close(): Promise<void>;
}

export interface Wish {
  readonly testLine?: DoorSidePort['testLine'];
  readonly config?: Partial<Config>;
  /** `real`: files are read and go into the register. */
  readonly rosters?: Rosters | 'real';
  readonly sim?: (act: object) => SimAnswer;
  readonly extra?: Extra;
  readonly rateLimits?: RateLimits;
  /** A real log to read, and where entries then go. */
  readonly journal?: JournalReads;
  readonly append?: DoorSidePort['append'];
  /** What that log proves. */
  readonly proofs?: LogProofs;
  readonly evidence?: Deps['evidence'];
  readonly judge?: DoorSidePort['judge'];
}

/** A log without a checkpoint. */
const NO_PROOFS: LogProofs = {
  logs: () => [],
  newest: () => undefined,
  newestOf: () => undefined,
  after: () => [],
  before: () => [],
  inclusion: () => [],
  consistency: () => [],
  rootAt: () => new Uint8Array(32),
};

/** Tests ask more in a minute than people do. */
const NO_LIMITS: RateLimits = { signIn: 1e6, api: 1e6, export: 1e6 };

const NO_ROSTERS: Rosters = {
  preview: () => Promise.reject(new Error('no roster expected')),
  find: () => Promise.resolve(undefined),
  apply: () => Promise.resolve(undefined),
};

export const stateOf = (doorId: number, about: Partial<DoorState> = {}): DoorState => ({
  doorId: DoorId(doorId),
  online: true,
  since: NOON,
  contact: 'closed',
  lock: 'locked',
  power: true,
  queued: 0,
  have: '1.1',
  want: '1.1',
  ...about,
});

function builtConsole(): string {
  const dir = mkdtempSync(path.join(tmpdir(), 'doorbook-console-'));
  mkdirSync(path.join(dir, 'assets'));
  writeFileSync(path.join(dir, 'index.html'), '<!doctype html><title>Doorbook</title>');
  writeFileSync(path.join(dir, 'mark.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  writeFileSync(path.join(dir, 'assets', 'app-1a2b.js'), 'export {};');
  return dir;
}

/** A whole HTTP side on a real register, with two buildings. Not the demo unless wished. */
export async function world(wish: Wish = {}): Promise<World> {
  const register = await temporaryRegister();
  const building = await addBuilding(register);
  const other = await addBuilding(register, '890101001001B00043', 'yc43');
  if (wish.config?.demo === true) {
    const places = { buildingId: building.buildingId, tenantId: undefined, now: NOON };
    await register.register.write((db) => addDemoOffices(db, register.register, places));
  }
  const consoleDir = builtConsole();
  const journal = new FakeJournal();
  const time = { now: NOON };
  const log = { broken: false };
  const told = { changed: 0 };
  const watched: World['watched'] = [];
  const [commands, states, errors]: [World['commands'], DoorState[], unknown[]] = [[], [], []];
  const [lines, commissions, lineTests]: [LineStatus[], World['commissions'], World['lineTests']] = [[], [], []];
  const notices: string[] = [];
  const alarms: GatewayAlarm[] = [];
  const door: World['door'] = { numbers: undefined };
  const deps: Deps = {
    config: { host: '127.0.0.1', port: 8080, mqttPort: 1883, tls: undefined, publicUrl: undefined, data: register.dir, demo: false, ...wish.config },
    clock: () => time.now,
    register: register.register,
    accounts: accountsOf(register.register),
    scopes: scopesOf(register.register),
    places: placesOf(register.register),
    homes: homesOf(register.register),
    journal: wish.journal ?? journal,
    proofs: wish.proofs ?? NO_PROOFS,
    evidence: wish.evidence ?? { of: (indexes) => ({ logs: [], uncovered: [...indexes], damaged: [], unreadable: [] }) },
    doorSide: {
      append:
        wish.append ??
        (async (entry) => {
          if (log.broken) throw new JournalUnavailable('disk full');
          return { index: journal.store(entry), duplicate: false };
        }),
      command: async (doorId, command, accountId) => {
        commands.push({ doorId, command, accountId });
        return 'done';
      },
      destroyEntries: async () => ({ days: 0, persons: 0 }),
      judge: wish.judge ?? (async (): Promise<Judged> => 'agrees'),
      states: () => states,
      lines: () => lines,
      commission: (deviceRow, act) => void commissions.push({ deviceRow, act }),
      testLine: async (lineId, act) => {
        lineTests.push({ lineId, act });
        return wish.testLine?.(lineId, act) ?? 'done';
      },
      ready: () => true,
      alarms: () => alarms,
      numbers: () => door.numbers,
      doorsAt: () => ({ host: '192.0.2.7', port: 8883, pin: 'A'.repeat(43) }),
      watchCards: (doorId, until) => void watched.push({ doorId, until }),
      changed: () => {
        told.changed += 1;
      },
    },
    districts: districtsOf(register.register, { seal: sealPartWith(register.register.vault), close: () => undefined }),
    rosters: wish.rosters === 'real' ? rostersOf(register.register) : (wish.rosters ?? NO_ROSTERS),
    filing: filingOf(register.register),
    simulator: { ask: async (act) => wish.sim?.(act) ?? { ok: false } },
    localToken: 'local-token-of-this-run',
    consoleDir,
    onError: (error) => void errors.push(error),
    onNotice: (line) => void notices.push(line),
    rateLimits: wish.rateLimits ?? NO_LIMITS,
  };
  const site = await createSite(deps);
  const app = await buildApp(site, wish.extra);
  async function close(): Promise<void> {
    await app.close();
    await register.close();
    rmSync(consoleDir, { recursive: true, force: true });
  }
  return { app, site, journal, register, building, other, time, commands, lines, commissions, lineTests, states, errors, notices, alarms, door, told, watched, log, close };
}

/** A browser's part: keeps the cookie and sends the CSRF token. */
export interface Browser {
  csrf: string;
  cookie: string;
  readonly ask: (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, body?: object, headers?: Record<string, string>) => Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  // A test reads whatever came.
  readonly json: Record<string, unknown>;
  readonly headers: Record<string, unknown>;
}

const parsed = (text: string): Record<string, unknown> => {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
};

/** A browser that has opened the page (so it has a cookie and a CSRF token) and is not signed in. */
export async function browser({ app }: Pick<World, 'app'>, peer = '127.0.0.1'): Promise<Browser> {
  const me: Browser = {
    csrf: '',
    cookie: '',
    ask: async (method, url, body, headers = {}) => {
      const response = await app.inject({
        method,
        url: url.startsWith('/') ? url : `/api/v1/${url}`,
        remoteAddress: peer,
        headers: { host: 'localhost:8080', ...(me.cookie ? { cookie: me.cookie } : {}), ...(method === 'GET' ? {} : { 'x-csrf-token': me.csrf }), ...headers },
        ...(body === undefined ? {} : { payload: body }),
      });
      const [set] = response.cookies;
      if (set !== undefined) me.cookie = `${set.name}=${set.value}`;
      const json = parsed(response.body);
      if (typeof json['csrf'] === 'string') me.csrf = json['csrf'];
      return { status: response.statusCode, text: response.body, json, headers: response.headers };
    },
  };
  await me.ask('GET', 'session');
  return me;
}

/** A session that has given its second factor. */
export const WHOLE_SESSION = { step: 'full', strongAt: NOON, agent: 'test', address: '127.0.0.1' } as const;

/** Since ever and without an end: these buildings, or for the roles that have no buildings the whole site. */
export const assignmentsFor = (role: Role, buildingIds: readonly number[]): NewAssignment[] =>
  ['SA', 'AU', 'PO'].includes(role)
    ? [{ place: 'site', placeId: 0, fromAt: 0, untilAt: null }]
    : buildingIds.map((placeId) => ({ place: 'building', placeId, fromAt: 0, untilAt: null }));

/** Makes an account without the slow hash of a real sign-in, and signs it in. */
export async function signedIn(here: World, role: Role, buildingIds: readonly number[] = [here.building.buildingId]): Promise<Browser> {
  const me = await browser(here);
  const { accounts } = here.site.deps;
  const login = `${role}-${buildingIds.join('-')}`.toLowerCase();
  const account =
    (await accounts.byLogin(login)) ??
    (await accounts.create({ login, passwordHash: 'unused', role, displayName: role, assignments: assignmentsFor(role, buildingIds) }, here.time.now));
  const token = await here.site.sessions.open(account, WHOLE_SESSION, undefined);
  me.cookie = `doorbook=${token}`;
  await me.ask('GET', 'session');
  return me;
}

export const building = (here: World): Pick<EventData, 'buildingId' | 'doorId'> => ({
  buildingId: BuildingId(here.building.buildingId),
  doorId: DoorId(here.building.doors['D01'] ?? 0),
});
