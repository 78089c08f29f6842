import path from 'node:path';
import type { GatewayAlarm } from '../alarms.ts';
import { type Backups, createBackups } from '../backup/job.ts';
import { createRevoke, createTakeBack, type Revoke, type TakeBack } from '../register/revocations.ts';
import { type CardStops, cardStopsOf } from '../store/card-stops.ts';
import { type Sheets, sheetsOf } from '../store/commissioning.ts';
import { type DoorAlarms, doorAlarmsOf } from '../store/door-alarms.ts';
import { accessTokensOf } from '../store/access-tokens.ts';
import { type People, peopleOf } from '../store/people.ts';
import { rotationOf } from '../store/rotation.ts';
import { createPersonalTokens, type PersonalTokens } from './access-tokens.ts';
import { type AlarmFollower, createAlarmFollower } from './alarm-follower.ts';
import { type Audit, createAudit } from './audit.ts';
import { type CardStopTracker, createCardStopTracker } from './card-stop-tracker.ts';
import type { Deps } from './deps.ts';
import { alarmTells } from './disclosure/door-alarms.ts';
import { createGate, type Gate } from './disclosure/gate.ts';
import { type CardWindows, createCardWindows } from './card-windows.ts';
import { createDoorList, type DoorList } from './door-list.ts';
import { createKeyRotations, type KeyRotations } from './key-rotation.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { createEnrolment, type Enrolment } from './enrolment.ts';
import { type Changed, createLive, type Live } from './live.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { createObjects, type Objects } from './objects.ts';
import { type Offices, officesOf } from './offices.ts';
import { type AccountScopes, createAccountScopes } from './account-scopes.ts';
import { entryLogOf } from './entry-log.ts';
import { createLogProof, type LogProof } from './log-proof.ts';
import { createRetention, type Retention } from './retention.ts';
import { createSerialDesk, type SerialDesk } from './serial-desk.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { createSecondPerson, type SecondPerson } from './second-person.ts';
import { outboxSender, type Sender } from './sender.ts';
import { createSigningIn, type SigningIn } from './signing-in.ts';

/** What the routes share: made once from the dependencies. */
export interface Site extends SigningIn, Gate {
  readonly deps: Deps;
  readonly scopes: AccountScopes;
  /** Is the thing a route names in the viewer's scope? */
  readonly objects: Objects;
  readonly sessions: Sessions;
  readonly tokens: PersonalTokens;
  readonly doorList: DoorList;
  readonly ledger: Ledger;
  readonly logProof: LogProof;
  readonly live: Live;
  readonly audit: Audit;
  /** Finding people, and their search terms. Rows hold personal data in the clear: for the disclosure gate alone. */
  readonly people: People;
  readonly keyRotations: KeyRotations;
  readonly backups: Backups;
  /** Notes what a write is about to take away. */
  readonly revoke: Revoke;
  /** Notes that a move-out is about to be taken back. */
  readonly takeBack: TakeBack;
  /** New controllers coming in, and old ones going out. */
  readonly enrolment: Enrolment;
  /** Cards that were stopped, and what waits for their doors to say so. */
  readonly cardStops: CardStops;
  readonly cardStopTracker: CardStopTracker;
  readonly offices: Offices;
  readonly sender: Sender;
  /** Retention runs: what is kept how long, and what goes. */
  readonly retention: Retention;
  /** The two-person rule. */
  readonly secondPerson: SecondPerson;
  /** What is wrong with the gateway itself now, oldest first: {what, message, since}. */
  readonly alarms: () => readonly GatewayAlarm[];
  /** What `/metrics` tells. */
  readonly metrics: Metrics;
  /** Alarms of doors, which stay until somebody acknowledges them. */
  readonly doorAlarms: DoorAlarms;
  /** Raises them. */
  readonly alarmFollower: AlarmFollower;
  /** Serial lines, and giving keys to what is on them. */
  readonly serial: SerialDesk;
  /** Commissioning sheets of doors. */
  readonly sheets: Sheets;
  /** After every write to the register: the index pulls it, the consoles in whose scope it is fetch again. `at`: say it, else only those that see everything are told. */
  readonly cardWindows: CardWindows;
  registerChanged(at?: Changed): Promise<void>;
  /** Ends all sessions of an account, here and now. */
  endSessionsOf(accountId: number): Promise<void>;
  /** After every change of accounts, assignments or offices: scopes are computed anew, live feeds checked at once. */
  rightsChanged(): Promise<void>;
}

/** What looks after the site's data by itself. */
function createUpkeep({ config, register, onError, clock }: Deps, audit: Audit): Pick<Site, 'keyRotations' | 'backups'> {
  return {
    keyRotations: createKeyRotations({
      rotation: rotationOf(register, path.join(config.data, 'keys')),
      keyNumber: () => register.vault.hashKey,
      audit,
      onError,
    }),
    backups: createBackups({
      data: config.data,
      register,
      nightly: config.backup,
      made: (words) => audit.acted({ accountId: 0 }, 'backup-made', { words }),
      onError,
      clock,
    }),
  };
}

/** Raises alarms of doors, and tells the consoles of those who may know of them. */
const createFollower = ({ register, journal, doorSide, clock, onError }: Deps, live: Live, doorList: DoorList): AlarmFollower =>
  createAlarmFollower({
    ...{ register, journal, clock, onError, states: () => doorSide.states() },
    changed: (changes) => live.onAlarms((viewer) => changes.some((change) => alarmTells(viewer, change, doorList))),
  });

export async function createSite(deps: Deps): Promise<Site> {
  const { accounts, clock, journal, config } = deps;
  const doorList = createDoorList(deps.places);
  await doorList.refresh();
  const scopes = createAccountScopes(deps.scopes, clock);
  const sessions = createSessions({ accounts, scopeOf: scopes.of, clock, demo: config.demo });
  const ledger = createLedger({ journal, doors: doorList });
  const live = createLive({ journal, ledger, doorList, states: () => deps.doorSide.states(), onError: deps.onError });
  sessions.onEnd(live.endSession);
  sessions.onRenew(live.renewSession);
  const audit = createAudit(deps);
  const offices = officesOf(deps.register);
  const revoke = createRevoke(deps.doorSide, clock);
  const takeBack = createTakeBack(deps.doorSide, clock);
  const retention = createRetention({
    deps,
    revoke,
    log: entryLogOf(deps),
    audit,
    async changed() {
      scopes.forget();
      deps.doorSide.changed();
      live.onRegister();
      await live.recheck();
    },
  });
  const cardStops = cardStopsOf(deps.register);
  async function registerChanged(at?: Changed): Promise<void> {
    scopes.forget();
    deps.doorSide.changed();
    await doorList.refresh();
    live.onRegister(at);
  }
  return {
    deps,
    scopes,
    objects: createObjects(deps, doorList, offices),
    sessions,
    tokens: createPersonalTokens({ tokens: accessTokensOf(deps.register), scopeOf: scopes.of, clock, demo: config.demo }),
    doorList,
    ledger,
    logProof: createLogProof(deps),
    live,
    audit,
    ...createGate(deps, audit),
    people: peopleOf(deps.register),
    ...createUpkeep(deps, audit),
    ...{ revoke, takeBack, cardStops, offices, retention },
    cardStopTracker: createCardStopTracker({ ...deps, stops: cardStops, doorList }),
    sender: outboxSender(offices.outbox, clock),
    secondPerson: createSecondPerson({ acts: offices.acts, people: offices.people, audit, clock }),
    alarms: () => deps.doorSide.alarms(),
    metrics: createMetrics(deps, live),
    doorAlarms: doorAlarmsOf(deps.register),
    sheets: sheetsOf(deps.register),
    serial: createSerialDesk({ deps, audit, live, registerChanged }),
    alarmFollower: createFollower(deps, live, doorList),
    ...createSigningIn(deps),
    enrolment: createEnrolment({ deps, revoke, changed: registerChanged }),
    async endSessionsOf(accountId) {
      await sessions.endOf(accountId);
    },
    async rightsChanged() {
      scopes.forget();
      await live.recheck();
    },
    registerChanged,
    cardWindows: createCardWindows({ register: deps.register, doorSide: deps.doorSide, clock, given: registerChanged }),
  };
}
