import { freshRandom } from './journal/random-pool.ts';
import type { LinkLog } from './doors/device.ts';
import type { DoorSide } from './doors/link.ts';
import { type LineLink, openLineLink } from './doors/serial/link.ts';
import type { IndexFeed } from './index-feed.ts';
import { PUBLIC_HOLIDAYS } from './register/public-holidays.ts';
import type { PortOpener } from './serial/port.ts';
import type { ToDeskSide, ToDoorSide } from './threads.ts';

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

/** The serial lines as the door side has them. */
export interface Lines extends LineLink {
  /** What the desk side asks of them. */
  asked(message: Extract<ToDoorSide, { t: 'commission' | 'line-test' }>): void;
}

/** Opens the serial lines, and keeps the desk side told how they are. */
export function openLines({ feed, side, log, openPort, post }: LinesSide): Lines {
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
    asked(message) {
      if (message.t === 'commission') return link.commission(message.deviceRow, message.act);
      post({ t: 'line-tested', id: message.id, result: link.test(message.lineId, message.act) });
      // Whoever asked is shown at once what came of it.
      if (message.act.act !== 'keep') post({ t: 'lines', lines: link.lines() });
    },
    close() {
      clearInterval(telling);
      return link.close();
    },
  };
}
