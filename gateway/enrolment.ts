import type { Alarms } from './alarms.ts';
import type { MqttLinkOptions } from './doors/mqtt.ts';
import type { TradeCodes, Trading } from './doors/newcomers.ts';
import type { ToDeskSide, ToDoorSide } from './threads.ts';

/** A device waits five seconds for all of it. */
const PATIENCE_MS = 3500;

/** The door side's way to have codes traded on the desk side, where the register is written. */
export interface Trades {
  readonly trade: TradeCodes;
  /** Takes the desk side's answer. */
  settle(answer: Extract<ToDoorSide, { t: 'traded' }>): void;
}

interface Waiting {
  readonly resolve: (traded: Trading) => void;
  readonly late: NodeJS.Timeout;
}

const LATER: Trading = { ok: false, controllerId: 0, why: 'LATER' };

/** `post` as of a supervised thread. `adopted`: a device has a new secret, which must be known before it is told. */
export function createTrades(post: (message: ToDeskSide) => boolean, adopted: () => void): Trades {
  const waiting = new Map<number, Waiting>();
  let nextId = 1;
  function finish(id: number, traded: Trading): void {
    const asked = waiting.get(id);
    if (asked === undefined) return;
    waiting.delete(id);
    clearTimeout(asked.late);
    asked.resolve(traded);
  }
  return {
    trade(ask) {
      const id = nextId++;
      return new Promise((resolve) => {
        waiting.set(id, { resolve, late: setTimeout(() => finish(id, LATER), PATIENCE_MS) });
        if (!post({ t: 'trade', id, ask })) finish(id, LATER);
      });
    },
    settle({ id, result }) {
      if ('error' in result) return finish(id, LATER);
      if (result.ok) adopted();
      finish(id, result);
    },
  };
}

/** How the link enrols: a code that is not taken raises an alarm, the next that is ends it. */
export const enrolmentBy = ({ trade }: Trades, alarms: Pick<Alarms, 'raise' | 'clear'>): MqttLinkOptions['enrolment'] => ({
  trade,
  refused: (why) => void alarms.raise('code-refused', why),
  enrolled: () => alarms.clear('code-refused'),
});
