import type { GatewayAlarm } from './alarms.ts';
import type { DoorNumbers } from './door-numbers.ts';
import type { DoorCommand, CommandResult, DoorState } from './doors/link.ts';
import type { Trading } from './doors/newcomers.ts';
import type { CommissionAct, DeviceNews, LineStatus, LineAct, LineTestAnswer } from './doors/serial/status.ts';
import type { DoorId } from './core/ids.ts';
import type { Ask } from './wire/mqtt/enrol.ts';
import type { HeldCheckpoint, Judged } from './journal/checkpoints.ts';
import type { Destroyed, Destruction } from './journal/destroy.ts';
import type { Appended, NewEntry } from './journal/entry.ts';
import type { Config } from './config.ts';
import type { Reading } from './store/vault.ts';
import type { DoorsAt } from './doors-port.ts';

/** What the desk worker is started with. */
export interface DeskStart {
  readonly config: Config;
}

/** Desk side → door side. `id` pairs a question with its answer. */
export type ToDoorSide =
  /** `setupLink`: the one-time link that makes the first account, while there is none (security.md 3). */
  | { readonly t: 'listening'; readonly url: string; readonly port: number; readonly setupLink?: string }
  /** The change table grew: a hint to pull, never the change itself. */
  | { readonly t: 'changed' }
  | { readonly t: 'append'; readonly id: number; readonly entry: NewEntry }
  | { readonly t: 'command'; readonly id: number; readonly doorId: DoorId; readonly command: DoorCommand; readonly accountId: number }
  /** An operator gives a device on a serial line a key or an address. Its news come as `commissioned`. */
  | { readonly t: 'commission'; readonly deviceRow: number; readonly act: CommissionAct }
  /** An operator tests a serial line, or moves it to another speed; how it goes is told with the lines. */
  | { readonly t: 'line-test'; readonly id: number; readonly lineId: number; readonly act: LineAct }
  /** Somebody at a desk waits for a card at this door's reader until then, epoch ms; 0: no more. */
  | { readonly t: 'watch-cards'; readonly doorId: DoorId; readonly until: number }
  /** What became of a device that asked to be enrolled. */
  | { readonly t: 'traded'; readonly id: number; readonly result: Trading | { readonly error: string } }
  /** Destroy the keys of old entries (design.md 8). */
  | { readonly t: 'destroy'; readonly id: number; readonly wish: Destruction }
  /** What does a checkpoint that a console holds say of the log? One that does not agree raises an alarm. */
  | { readonly t: 'judge'; readonly id: number; readonly held: HeldCheckpoint }
  /** Something outside does not agree with the log, or what is kept of an entry does not open. `detail` is for the log file. */
  | { readonly t: 'disagrees'; readonly what: 'log-forked' | 'log-lost' | 'entry-damaged'; readonly detail: string }
  /** The desk side waits for something and tries again, or (undefined) has got it. `detail` is for the log. */
  | { readonly t: 'waiting'; readonly for: 'register-waiting' | 'console-port'; readonly detail: string | undefined }
  /** The desk side cannot serve at all, and trying again would not help: keys of another register, say. */
  | { readonly t: 'failed'; readonly message: string };

/** Door side → desk side. */
export type ToDeskSide =
  | {
      readonly t: 'health';
      readonly indexReady: boolean;
      readonly credentials: number;
      readonly changeN: number;
      readonly journal: 'ok' | 'unavailable';
      /** What is wrong with the gateway itself now, oldest first. */
      readonly alarms: readonly GatewayAlarm[];
      /** Where a new controller finds the gateway; undefined until that port is open. */
      readonly doorsAt: DoorsAt | undefined;
      /** What the door side has counted, for `/metrics`. */
      readonly numbers: DoorNumbers;
    }
  /** Entries up to this index are on disk: a hint to read. */
  | { readonly t: 'durable'; readonly index: number }
  | { readonly t: 'doors'; readonly states: readonly DoorState[] }
  | { readonly t: 'appended'; readonly id: number; readonly result: Appended | { readonly error: string } }
  | { readonly t: 'commanded'; readonly id: number; readonly result: CommandResult }
  | { readonly t: 'line-tested'; readonly id: number; readonly result: LineTestAnswer }
  | { readonly t: 'destroyed'; readonly id: number; readonly result: Destroyed | { readonly error: string } }
  | { readonly t: 'judged'; readonly id: number; readonly result: Judged | { readonly error: string } }
  /** A device asks to be enrolled: trade its code. */
  | { readonly t: 'trade'; readonly id: number; readonly ask: Ask }
  /** How giving a key to a device on a serial line goes on; `done` also when a key that was stored long ago turned out to be the device's. */
  | { readonly t: 'commissioned'; readonly deviceRow: number; readonly news: DeviceNews }
  /** Serial lines as they are now, all of them. */
  | { readonly t: 'lines'; readonly lines: readonly LineStatus[] }
  /** A card that opened nothing was held to a reader at which one is waited for. In memory only: its number is sealed once it is somebody's. */
  | { readonly t: 'card-read'; readonly doorId: DoorId; readonly reading: Reading; readonly entry: number }
  /** A duty card ended the lockdown at a door: the register is to say so too. */
  | { readonly t: 'lockdown-ended'; readonly doorId: DoorId }
  | { readonly t: 'stop' };
