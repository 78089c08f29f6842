import { freshRandom } from './journal/random-pool.ts';
import type { LinkLog } from './doors/device.ts';
import type { DoorSide } from './doors/link.ts';
import { type LineLink, openLineLink } from './doors/serial/link.ts';
import type { IndexFeed } from './index-feed.ts';
import { PUBLIC_HOLIDAYS } from './register/public-holidays.ts';
import type { PortOpener } from './serial/port.ts';
import type { ToDeskSide } from './threads.ts';

const TELL_MS = 1000;

/** What the serial lines of this computer are opened with. */
export interface LinesSide {
  readonly feed: Pick<IndexFeed, 'lines' | 'n'>;
  readonly side: DoorSide;
  readonly log: LinkLog;
  readonly openPort: (port: string, baud: number) => PortOpener;
  /** As of a supervised thread. */
  readonly post: (message: ToDeskSide) => boolean;
}

/** Opens the serial lines, and keeps the desk side told how they are. */
export function openLines({ feed, side, log, openPort, post }: LinesSide): LineLink {
  const link = openLineLink({
    registry: feed.lines,
    side,
    log,
    openPort,
    now: Date.now,
    uptime: () => performance.now(),
    calendar: PUBLIC_HOLIDAYS,
    random: freshRandom,
    covers: () => feed.n,
    commissioned: (deviceRow, news) => void post({ t: 'commissioned', deviceRow, news }),
  });
  const telling = setInterval(() => {
    post({ t: 'lines', lines: link.lines() });
  }, TELL_MS);
  return {
    ...link,
    close() {
      clearInterval(telling);
      return link.close();
    },
  };
}
