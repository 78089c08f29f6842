import type { LineTestAnswer, SpeedNews } from '../doors/serial/status.ts';
import type { Note } from '../register/lock-down.ts';
import { type SpeedWish, speedTaken, storeNextBaud } from '../register/move-line.ts';
import type { ListedLine, SerialLines } from '../store/line-list.ts';
import type { DoorSidePort } from './deps.ts';
import type { DeviceActParts } from './key-giving.ts';
import { checkAnswer } from './line-answers.ts';
import type { SpeedMove } from './schemas/serial-lines.ts';

/** How one ended is shown for so long, ms. */
const SHOWN_MS = 15 * 60_000;
const BY_ITSELF = { accountId: 0 } as const;

/** Moving lines to other speeds: in memory only how it went, both speeds in the register. */
export interface LineSpeeds {
  /** How it went with a line; undefined: nobody moved it lately. */
  of(lineId: number): SpeedMove | undefined;
  /** Stores the next speed, noted, then has the devices told. Rejects with what a line test is refused with, SPEED_WAITING, and LineRefused. */
  begin(wish: SpeedWish, note: Note): Promise<void>;
  /** What the door side tells, by a device of the line; also of a move that was begun long ago. */
  heard(deviceId: number, news: SpeedNews): Promise<void>;
}

/** What moving lines is made of. */
export interface LineSpeedsParts extends Omit<DeviceActParts, 'doorSide'> {
  readonly doorSide: Pick<DoorSidePort, 'testLine'>;
  readonly lines: Pick<SerialLines, 'ofDevice'>;
}

interface Move {
  readonly baud: number;
  readonly began: number;
  state: SpeedMove['state'];
  readonly refused: number[];
}

/** Devices of a line that are not up, and would not hear of another speed. */
export const awayOf = ({ id, devices }: ListedLine, statuses: ReturnType<DoorSidePort['lines']>): number[] => {
  const live = statuses.find((line) => line.id === id)?.devices ?? [];
  const isUp = (deviceId: number): boolean => live.some((device) => device.id === deviceId && (device.state === 'up' || device.state === 'degraded'));
  return devices.flatMap((device) => (isUp(device.id) ? [] : [device.id]));
};

export function createLineSpeeds({ register, doorSide, audit, clock, onError, changed, lines }: LineSpeedsParts): LineSpeeds {
  const moves = new Map<number, Move>();

  /** The register first: the line is there, whether the log can be written or not. */
  async function settled(lineId: number, at: number | 'old'): Promise<void> {
    const taken = await speedTaken(register, lineId, at);
    const move = moves.get(lineId);
    if (taken === undefined) return;
    if (move !== undefined) move.state = taken.what === 'line-speed-changed' ? 'done' : 'kept';
    await changed('register');
    await audit.acted(BY_ITSELF, taken.what, { words: taken.words }).catch((error: unknown) => onError(error, taken.what));
  }

  return {
    of(lineId) {
      const move = moves.get(lineId);
      if (move === undefined || clock() >= move.began + SHOWN_MS) return undefined;
      return { state: move.state, baud: move.baud, refused: [...move.refused] };
    },
    async begin(wish, note) {
      const { lineId, baud } = wish;
      // The line stays where it is until its devices are told: a speed in the register alone has it look for them.
      checkAnswer(await doorSide.testLine(lineId, { act: 'speed-ready' }));
      try {
        await storeNextBaud(register, wish, note);
      } catch (error) {
        await doorSide.testLine(lineId, { act: 'speed-drop' });
        throw error;
      }
      moves.set(lineId, { baud, began: clock(), state: 'sent', refused: [] });
      await changed('register');
      const answer: LineTestAnswer = await doorSide.testLine(lineId, { act: 'speed-tell', baud });
      if (answer !== 'done') await settled(lineId, 'old');
      checkAnswer(answer);
    },
    async heard(deviceId, news) {
      const line = await lines.ofDevice(deviceId);
      if (line === undefined) return;
      if (news.result === 'found') return settled(line.id, news.at);
      moves.get(line.id)?.refused.push(deviceId);
      await changed('state');
    },
  };
}
