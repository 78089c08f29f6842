import type { DayCalendar } from '../../core/schedule.ts';
import type { PortOpener } from '../../serial/port.ts';
import type { LinkLog } from '../device.ts';
import type { Limiter } from '../limiter.ts';
import type { DoorSide } from '../link.ts';
import type { CommissionNews } from './status.ts';
import type { Teller } from './teller.ts';

/** What a serial line is made of. */
export interface LineParts {
  readonly side: DoorSide;
  readonly teller: Teller;
  /** Epoch ms. */
  readonly now: () => number;
  readonly uptime: () => number;
  readonly log: LinkLog;
  readonly calendar: DayCalendar;
  readonly random: (bytes: number) => Uint8Array;
  readonly openPort: (port: string, baud: number) => PortOpener;
  /** One entry a minute for each word of a device; ten comings and goings. */
  readonly told: Limiter;
  readonly changes: Limiter;
  /** How giving a key goes on. */
  readonly commissioned: (deviceRow: number, news: CommissionNews) => void;
  /** Number of the last change of the register that decisions go by. */
  readonly covers: () => number;
}
