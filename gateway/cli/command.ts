import type { Terminal } from './import-command.ts';
import type { LocalGateway } from './local-gateway.ts';

/** What a command works on: a data directory, and the gateway that may run on it. */
export interface CommandPlace {
  /** Absolute path of the data directory; it need not exist. */
  readonly data: string;
  /** The settings as the gateway would read them. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The gateway that runs on it, found when asked for. Throws CommandFailed when none runs. */
  gateway(): LocalGateway;
}

/** One command, with all it was given: true when it was done. */
export type Command = (place: CommandPlace, terminal: Terminal) => Promise<boolean>;
