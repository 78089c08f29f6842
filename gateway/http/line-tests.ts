import type { LineStatus, LineTestAnswer } from '../doors/serial/status.ts';
import { lineWords } from '../register/line-refused.ts';
import type { Audit } from './audit.ts';
import type { DoorSidePort } from './deps.ts';

/** Tests of serial lines that were begun by this desk side. */
export interface LineTests {
  begin(lineId: number, seconds: number): Promise<LineTestAnswer>;
  stop(lineId: number): Promise<LineTestAnswer>;
  /** The door side told how lines are: tests of ours go on, and of one that is over the audit is told. */
  heard(lines: readonly LineStatus[]): void;
}

/** What tests of lines are made of. */
export interface LineTestsParts {
  readonly doorSide: Pick<DoorSidePort, 'testLine'>;
  readonly audit: Pick<Audit, 'acted'>;
  readonly onError: (error: unknown, where: string) => void;
}

const BY_ITSELF = { accountId: 0 } as const;

/** What came of a test, in words of the audit: a device by its row, and its verdict. */
function wordsOf({ id, test }: LineStatus): string {
  const devices = test?.devices.map((device) => `${device.id}=${device.verdict.word}${device.verdict.oneIn === 0 ? '' : `/${device.verdict.oneIn}`}`) ?? [];
  return lineWords(`line=${id}`, test?.why ?? '', ...devices);
}

/** Keeps the door side told, whenever it tells of its lines, that somebody still wants a test: without that it ends. */
export function createLineTests({ doorSide, audit, onError }: LineTestsParts): LineTests {
  /** Line, and since when its test runs by the door side's word; 0: not told yet. */
  const ours = new Map<number, number>();
  const failed = (error: unknown): void => onError(error, 'test of a serial line');

  function follow(line: LineStatus): void {
    const since = ours.get(line.id);
    const { test } = line;
    if (since === undefined || test === undefined) return;
    if (test.endedAt === undefined) {
      ours.set(line.id, test.since);
      doorSide.testLine(line.id, { act: 'keep' }).catch(failed);
    } else if (since === test.since) {
      ours.delete(line.id);
      audit.acted(BY_ITSELF, 'line-test-over', { words: wordsOf(line) }).catch(failed);
    }
  }

  return {
    async begin(lineId, seconds) {
      const answer = await doorSide.testLine(lineId, { act: 'begin', forMs: seconds * 1000 });
      if (answer === 'done' && !ours.has(lineId)) ours.set(lineId, 0);
      return answer;
    },
    stop: (lineId) => doorSide.testLine(lineId, { act: 'stop' }),
    heard: (lines) => lines.forEach(follow),
  };
}
