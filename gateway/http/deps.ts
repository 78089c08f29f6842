import type { Config } from '../config.ts';
import type { GatewayAlarm } from '../alarms.ts';
import type { DoorId } from '../core/ids.ts';
import type { DoorNumbers } from '../door-numbers.ts';
import type { DoorsAt } from '../doors-port.ts';
import type { CommandResult, DoorCommand, DoorState } from '../doors/link.ts';
import type { CommissionAct, LineStatus, LineAct, LineTestAnswer } from '../doors/serial/status.ts';
import type { HeldCheckpoint, Judged } from '../journal/checkpoints.ts';
import type { Destroyed, Destruction } from '../journal/destroy.ts';
import type { Appended, NewEntry } from '../journal/entry.ts';
import type { Evidence } from '../journal/evidence.ts';
import type { JournalReader } from '../journal/reader.ts';
import type { FiledBuilding, NewBuilding } from '../register/file-building.ts';
import type { FittedDoor, NewDoor } from '../register/fit-door.ts';
import type { DistrictUpload } from '../register/import-district.ts';
import type { Accounts } from '../store/accounts.ts';
import type { Homes } from '../store/homes.ts';
import type { Places } from '../store/places.ts';
import type { Register } from '../store/register.ts';
import type { Scopes } from '../store/scopes.ts';
import type { LogProofs } from './log-proof.ts';
import type { RateLimits } from './rate-limits.ts';
import type { DemoAct } from './schemas/demo.ts';
import type { DistrictApplied } from './schemas/district-import.ts';
import type { RosterApplied, RosterApply, RosterPreview } from './schemas/roster.ts';

/** Read-only view of the journal, on the desk side's own connection. */
export type JournalReads = Omit<JournalReader, 'close'>;

/** The desk side's questions to the door side. */
export interface DoorSidePort {
  append(entry: NewEntry): Promise<Appended>;
  command(doorId: DoorId, command: DoorCommand, accountId: number): Promise<CommandResult>;
  /** Destroys the keys of what the log holds from before a local day (`dayOf`) and is not held, and of people of whom nothing is left. May be asked again after a crash. */
  destroyEntries(before: number, held: Destruction['held']): Promise<Destroyed>;
  /** What a checkpoint held outside says of the log; one that does not agree raises an alarm. */
  judge(held: HeldCheckpoint): Promise<Judged>;
  states(): readonly DoorState[];
  /** Serial lines as the door side last told of them; none before it did. */
  lines(): readonly LineStatus[];
  /** An operator gives a device on a serial line a key; its news come by themselves. */
  commission(deviceRow: number, act: CommissionAct): void;
  /** An operator tests a serial line, or moves it to another speed; how it goes is told with the lines. */
  testLine(lineId: number, act: LineAct): Promise<LineTestAnswer>;
  ready(): boolean;
  /** What is wrong with the gateway itself now, oldest first. */
  alarms(): readonly GatewayAlarm[];
  /** What the door side has counted; undefined until it has said so once. */
  numbers(): DoorNumbers | undefined;
  /** Where a new controller finds the gateway; undefined until that port is open. */
  doorsAt(): DoorsAt | undefined;
  /** The register changed: a hint to pull. */
  changed(): void;
  /** Tells of cards held to this door's reader until then, epoch ms; 0: no more. */
  watchCards(doorId: DoorId, until: number): void;
}

/** Buildings and doors coming into the register (`gateway/register/file-building.ts`, `fit-door.ts`). Both reject with PlaceRefused. */
export interface Filing {
  building(wish: NewBuilding): Promise<FiledBuilding>;
  door(wish: NewDoor): Promise<FittedDoor>;
}

export interface Upload {
  readonly buildingId: number;
  /** Buildings among whose people a document number may be found again; undefined: everywhere. */
  readonly within: readonly number[] | undefined;
  readonly accountId: number | null;
  readonly fileName: string;
  readonly bytes: Buffer;
}

/** Roster files coming in (`gateway/register/import-roster.ts`). */
export interface Rosters {
  /** What the file would do; a file that cannot be read at all is a finding on row 0. */
  preview(upload: Upload, now: number): Promise<RosterPreview>;
  find(id: number): Promise<{ readonly buildingId: number; readonly fileName: string; readonly state: string } | undefined>;
  /** Undefined: it has bad rows and the person did not choose "good rows only". */
  apply(id: number, choice: RosterApply & Pick<Upload, 'within'>, now: number): Promise<Omit<RosterApplied, 'entry'> | undefined>;
}

/** A district's roster, piece by piece (`gateway/register/import-district.ts`). */
export interface Districts {
  take(upload: DistrictUpload, now: number): Promise<Omit<DistrictApplied, 'entry'>>;
  close(): void;
}

/** Answer of the simulator on its local socket. */
export interface SimAnswer {
  readonly ok: boolean;
  readonly granted?: boolean;
  readonly reason?: string;
  readonly openMs?: number;
  readonly ms?: number;
  readonly entry?: number;
  readonly offline?: boolean;
  /** The keypad asks for digits. */
  readonly asks?: boolean;
  readonly error?: string;
  readonly doors?: readonly { readonly doorCode: string; readonly network: boolean; readonly power: boolean }[];
}

export interface Simulator {
  ask(act: (DemoAct & { readonly looks?: boolean }) | { readonly act: 'list' }): Promise<SimAnswer>;
}

/**
 * Everything the HTTP side needs of the rest of the gateway: repositories of `store/`, and small interfaces, so that
 * tests give it fakes and `desk.ts` the real things. Rows hold personal data in the clear: `disclosure.ts` and
 * `views/` decide what of it leaves.
 */
export interface Deps {
  readonly config: Config;
  /** Epoch ms. */
  readonly clock: () => number;
  /** For the repositories that `createSite` makes of it. */
  readonly register: Register;
  readonly accounts: Accounts;
  readonly scopes: Scopes;
  readonly places: Places;
  readonly homes: Homes;
  readonly journal: JournalReads;
  readonly proofs: LogProofs;
  readonly evidence: Pick<Evidence, 'of'>;
  readonly doorSide: DoorSidePort;
  readonly rosters: Rosters;
  readonly districts: Districts;
  readonly filing: Filing;
  readonly simulator: Simulator;
  /** Token of DATA/run.json: whoever can read that file is the local operator. */
  readonly localToken: string;
  /** Folder of the built console. */
  readonly consoleDir: string;
  readonly onError: (error: unknown, where: string) => void;
  /** One line for the gateway's own log, about something that is no error of ours. */
  readonly onNotice?: (line: string) => void;
  /** Requests a minute, when not the usual ones: for tests. */
  readonly rateLimits?: RateLimits;
}
