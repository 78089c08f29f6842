import { AnswerTimes } from './answer-times.ts';
import type { CommandName } from './messages.ts';

/** What a device came to in a test. Of the frames sent to it each is answered, BUSY, or one of the four that went wrong. */
export interface DeviceTest {
  sent: number;
  answered: number;
  /** Frames that were sent again, for whatever reason. */
  repeated: number;
  busy: number;
  /** Something came, and nothing in it was right; or the device said that ours came bent. */
  bent: number;
  /** Nothing came. */
  unanswered: number;
  /** An answer was whole, and its authentication code wrong. */
  badMacs: number;
  /** Frames with a wrong check, or that stopped half way: several may come instead of one answer. */
  badChecks: number;
  /** Answers later than half of what a device may take, and such as came when the next was asked already. */
  slow: number;
  /** Bytes that belonged to no whole frame. */
  badBytes: number;
  /** Longest frame it answered, bytes. */
  longest: number;
  /** From a command to its answer, both on the line. */
  readonly times: AnswerTimes;
  /** Whose turn it is among the questions, those it does not take, and lamps in one frame: the last, and the most it takes. */
  turn: number;
  readonly refused: Set<CommandName>;
  records: number;
  mostRecords: number;
}

/** A test of a line: counts stay when it is over. */
export interface LineTest {
  running: boolean;
  /** On the line's own clock, ms. */
  readonly until: number;
  /** By address. */
  readonly devices: Map<number, DeviceTest>;
  /** What the reader had dropped before the present answer. */
  dropped: number;
  /** Length of the frame that came last, bytes. */
  answerBytes: number;
}

/** Of a device nothing has been asked yet. */
export const newDeviceTest = (): DeviceTest => ({
  ...{ sent: 0, answered: 0, repeated: 0, busy: 0, bent: 0, unanswered: 0, badMacs: 0, badChecks: 0, slow: 0, badBytes: 0, longest: 0 },
  ...{ turn: 0, records: 0, mostRecords: Number.POSITIVE_INFINITY },
  times: new AnswerTimes(),
  refused: new Set<CommandName>(),
});
