import { createInterface } from 'node:readline';
import type { SocketClient } from '../socket-client.ts';

/** What a hand does to the device under test. */
export type Act = 'tap' | keyof typeof KEYED | 'push' | 'power-off' | 'power-on' | 'network-off' | 'network-on' | 'fire-on' | 'fire-off';

/** What is typed: after the card its PIN, another, the PIN of somebody under threat; and digits without a card. */
export const KEYED = { 'tap-pin': '2468', 'tap-wrong': '1357', 'tap-threat': '2469', type: '481516' } as const;

/** A clause that was not judged, and why. */
export class Skipped extends Error {}

/** Whoever stands before the device: a person at the prompt, or a socket. */
export interface Hands {
  /** Acts follow at once and within milliseconds. */
  readonly auto: boolean;
  /** How long to wait for what an act brings about, ms. */
  readonly patienceMs: number;
  /** Has an act done, and waits. Rejects with Skipped when the person skips it. */
  during<T>(act: Act, wait: () => Promise<T>): Promise<T>;
  /** Moves the device's clocks on, ms: only where both ends are in one process. */
  readonly pass?: (ms: number) => void;
  close(): void;
}

/** A card every simulator can be given, and no person has. */
export const AUTO_CARD = '1A2B3C4D';
const AUTO_PATIENCE_MS = 6000;
const PATIENCE_MS = 60_000;

const REQUESTS: Readonly<Record<Act, Record<string, unknown>>> = {
  tap: { act: 'tap', card: AUTO_CARD },
  'tap-pin': { act: 'tap', card: AUTO_CARD, pin: KEYED['tap-pin'] },
  'tap-wrong': { act: 'tap', card: AUTO_CARD, pin: KEYED['tap-wrong'] },
  'tap-threat': { act: 'tap', card: AUTO_CARD, pin: KEYED['tap-threat'] },
  type: { act: 'type', pin: KEYED.type },
  push: { act: 'push' },
  'power-off': { act: 'power', on: false },
  'power-on': { act: 'power', on: true },
  'network-off': { act: 'network', on: false },
  'network-on': { act: 'network', on: true },
  'fire-on': { act: 'fire', on: true },
  'fire-off': { act: 'fire', on: false },
};

/** Hands of our simulator. `doorCode`: its first door. */
export const socketHands = (client: SocketClient, doorCode: string): Hands => ({
  auto: true,
  patienceMs: AUTO_PATIENCE_MS,
  async during(act, wait) {
    const done = client.ask({ ...REQUESTS[act], doorCode });
    // A tap is answered when the lamp shows something, which may be what is waited for, or never when the power goes.
    if (act.startsWith('t')) done.catch(() => undefined);
    else await done;
    return wait();
  },
  close: () => client.close(),
});

const ASKED: Readonly<Record<Act, string>> = {
  tap: '请在门 1 刷卡（每次同一张）。 Hold a card to the reader of door 1, the same each time.',
  'tap-pin': `请在门 1 刷同一张卡，再输 ${KEYED['tap-pin']} #。 Hold the same card to the reader of door 1, then type ${KEYED['tap-pin']} #.`,
  'tap-wrong': `请在门 1 刷同一张卡，再输 ${KEYED['tap-wrong']} #。 The same card, then ${KEYED['tap-wrong']} #.`,
  'tap-threat': `请在门 1 刷同一张卡，再输 ${KEYED['tap-threat']} #。 The same card, then ${KEYED['tap-threat']} #.`,
  type: `不刷卡，请在门 1 输 ${KEYED.type} #。 Without a card, type ${KEYED.type} # at door 1.`,
  push: '请按门 1 的出门按钮。 Press the exit button of door 1.',
  'power-off': '请断开控制器的电源。 Take the power from the device.',
  'power-on': '请接上电源。 Give it power again.',
  'network-off': '请拔掉网线（或关掉无线）。 Unplug the network.',
  'network-on': '请插回网线。 Plug the network in again.',
  'fire-on': '请接通消防输入。 Close the fire input.',
  'fire-off': '请断开消防输入。 Open the fire input again.',
};

/** Hands of a person: what to do is printed; `s` skips. Acts nobody sees on the wire are confirmed with Enter. */
export function personHands(print: (line: string) => void): Hands {
  const terminal = createInterface({ input: process.stdin });
  let ended = false;
  terminal.once('close', () => {
    ended = true;
  });
  const line = (): { readonly typed: Promise<string>; forget(): void } => {
    let take: (text: string) => void = () => undefined;
    // Nobody is there any more: what is left to do is skipped.
    const gone = (): void => take('s');
    const typed = new Promise<string>((resolve) => {
      take = (text) => resolve(text.trim());
      terminal.once('line', take).once('close', gone);
    });
    if (ended) gone();
    return { typed, forget: () => void terminal.off('line', take).off('close', gone) };
  };
  const skip = async (typed: Promise<string>): Promise<never> => {
    if ((await typed) === 's') throw new Skipped('skipped by the person');
    return new Promise(() => undefined);
  };
  return {
    auto: false,
    patienceMs: PATIENCE_MS,
    async during(act, wait) {
      const unseen = act === 'power-off' || act === 'network-off';
      print(`→ ${ASKED[act]} ${unseen ? '好了按回车 Enter when done' : ''}（s 跳过 skips）`);
      const { typed, forget } = line();
      try {
        if (unseen && (await typed) === 's') throw new Skipped('skipped by the person');
        return await (unseen ? wait() : Promise.race([wait(), skip(typed)]));
      } finally {
        forget();
      }
    },
    close: () => terminal.close(),
  };
}
