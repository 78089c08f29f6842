import { beforeEach, describe, expect, test } from 'vitest';
import type { Checkpoint, Judged } from '../../gateway/journal/checkpoints.ts';
import { createCommitter } from '../../gateway/journal/commit.ts';
import type { StoredEntry } from '../../gateway/journal/entry.ts';
import type { Log } from '../../gateway/journal/log.ts';
import { stage } from '../../gateway/journal/packet.ts';
import { tapEntry } from './samples.ts';

const failure = (code: string, message = 'no'): Error => Object.assign(new Error(message), { code });
const noted = (size: number): Checkpoint => ({ origin: 'doorbook/log/00', size, root: new Uint8Array(32), at: 0, note: `note over ${size}`, first: 0 });
const batch = [stage(tapEntry(1))];

/** A log whose disk can be told what to do. Each is one connection. */
interface FakeLog extends Log {
  fault: string | undefined;
  lostKeys: string | undefined;
  readonly calls: string[];
  /** Errors of the next appends, in order; undefined: it goes well. */
  readonly errors: (Error | undefined)[];
  walBytes: number | Error;
  newest: Checkpoint | undefined;
  destroyed: Promise<{ days: number; persons: number }>;
  judged: Judged;
}

function fakeLog(number: number): FakeLog {
  const log: FakeLog = {
    logId: Buffer.alloc(16),
    calls: [],
    errors: [],
    walBytes: 0,
    newest: undefined,
    fault: undefined,
    lostKeys: undefined,
    judged: 'agrees',
    destroyed: Promise.resolve({ days: 1, persons: 2 }),
    last: () => number,
    checkpoint: () => log.newest,
    signIfDue: () => void log.calls.push('sign'),
    judge: () => log.judged,
    append(entries) {
      const error = log.errors.shift();
      log.calls.push(error === undefined ? 'append' : 'failed');
      if (error !== undefined) throw error;
      return entries.map((_, at) => ({ index: at, duplicate: false }));
    },
    find: (key): StoredEntry | undefined => (key.length === 0 ? undefined : { index: key.length, ...tapEntry(1) }),
    destroy: () => log.destroyed,
    trimWal(bytes) {
      log.calls.push(`trim ${bytes}`);
      if (log.walBytes instanceof Error) throw log.walBytes;
      return log.walBytes;
    },
    close: () => void log.calls.push('close'),
  };
  return log;
}

let logs: FakeLog[];
let alarms: string[];
let now: number;
let reserve: { held: boolean; room: boolean };
let told: number[];
/** What opening the log says. */
let openError: Error | undefined;

function committer() {
  return createCommitter({
    open() {
      if (openError !== undefined) throw openError;
      const log = fakeLog(logs.length);
      logs.push(log);
      return log;
    },
    reserve: {
      release() {
        const had = reserve.held;
        reserve.held = false;
        return had;
      },
      restore() {
        const took = !reserve.held && reserve.room;
        if (took) reserve.held = true;
        return took;
      },
    },
    alarm: ({ what, over, message, at }) => alarms.push(`${at} ${what}${over === undefined ? '' : ` ${over}`}: ${message}`),
    onCheckpoint: ({ size }) => told.push(size),
    now: () => now,
  });
}
const first = (): FakeLog => logs[0] ?? fakeLog(0);

beforeEach(() => {
  logs = [];
  alarms = [];
  now = 1_000_000;
  reserve = { held: true, room: false };
  told = [];
  openError = undefined;
});

describe('storing a batch', () => {
  test('answers where each entry went, on the connection it began with', () => {
    const store = committer();
    expect(store.append(batch)).toEqual([{ index: 0, duplicate: false }]);
    expect([logs.length, store.last(), alarms]).toEqual([1, 0, []]);
    expect([store.find(Buffer.alloc(3))?.index, store.find(Buffer.alloc(0))]).toEqual([3, undefined]);
    store.close();
    expect(first().calls).toEqual(['append', 'close']);
  });

  test.each(['SQLITE_FULL', 'ENOSPC', 'EDQUOT'])('on a full disk (%s) costs the reserve and one more try', (code) => {
    const store = committer();
    first().errors.push(failure(code));
    expect(store.append(batch)).toHaveLength(1);
    expect(alarms).toEqual(['1000000 disk-full: The disk is full. The reserve is in use: make room now.']);
    first().errors.push(failure(code));
    expect(() => store.append(batch)).toThrow('no');
    expect(alarms.slice(1)).toEqual(['1000000 disk-full: The disk is full and the reserve is used up: the log takes no entries.']);
    expect([logs.length, first().calls]).toEqual([1, ['failed', 'append', 'failed']]);
  });

  test('that fails a second time, with the reserve gone, throws and keeps the connection', () => {
    const store = committer();
    first().errors.push(failure('SQLITE_FULL'), failure('SQLITE_FULL', 'still'));
    expect(() => store.append(batch)).toThrow('still');
    expect(store.append(batch)).toHaveLength(1);
    expect([logs.length, alarms.length]).toEqual([1, 1]);
  });

  test('that the disk refuses costs the connection; the next batch opens another, and says that it is over', () => {
    const store = committer();
    first().errors.push(failure('SQLITE_IOERR', 'disk I/O error'));
    expect(() => store.append(batch)).toThrow('disk I/O error');
    expect([first().calls, alarms]).toEqual([['failed', 'close'], ['1000000 storage-failing: SQLITE_IOERR disk I/O error']]);
    expect([store.append(batch), logs.length, store.last()]).toEqual([[{ index: 0, duplicate: false }], 2, 1]);
    expect(alarms.slice(1)).toEqual(['1000000 recovered storage-failing: storage-failing is over']);
    store.append(batch);
    expect(alarms).toHaveLength(2);
  });

  test('while somebody else holds the file throws, and the connection stays', () => {
    const store = committer();
    first().errors.push(failure('SQLITE_BUSY_SNAPSHOT', 'held'));
    expect(() => store.append(batch)).toThrow('held');
    expect([logs.length, first().calls]).toEqual([1, ['failed']]);
    expect(alarms).toEqual(['1000000 storage-failing: SQLITE_BUSY_SNAPSHOT held']);
    store.append(batch);
    expect(logs).toHaveLength(1);
  });

  test('goes on when the old connection cannot even be closed, and tells of an error that is none', () => {
    const store = committer();
    first().errors.push('worn out' as never);
    first().close = () => {
      throw new Error('not even that');
    };
    expect(() => store.append(batch)).toThrow('worn out');
    expect(alarms).toEqual(['1000000 storage-failing: worn out']);
    expect(store.append(batch)).toHaveLength(1);
  });

  test('that fails leaves nothing to be closed, also when no new connection can be had', () => {
    const store = committer();
    first().errors.push(failure('SQLITE_IOERR'));
    expect(() => store.append(batch)).toThrow();
    store.close();
    openError = failure('SQLITE_CANTOPEN', 'no such folder');
    expect(() => store.append(batch)).toThrow('no such folder');
    store.upkeep();
    store.close();
    expect([first().calls, logs.length, alarms.length]).toEqual([['failed', 'close'], 1, 2]);
  });

  test('an error without a code is told by its words alone', () => {
    const store = committer();
    first().errors.push(new Error('just so'));
    expect(() => store.append(batch)).toThrow('just so');
    expect(alarms).toEqual(['1000000 storage-failing: just so']);
  });
});

describe('an alarm', () => {
  test('that lasts is repeated after half a minute, and at once when it says something new', () => {
    const store = committer();
    const fail = (message: string): void => {
      logs.at(-1)?.errors.push(failure('SQLITE_BUSY', message));
      expect(() => store.append(batch)).toThrow();
    };
    fail('one');
    now += 29_999;
    fail('one');
    expect(alarms).toHaveLength(1);
    now += 1;
    fail('one');
    expect(alarms).toHaveLength(2);
    fail('two');
    expect(alarms.map((line) => line.split(' ').at(-1))).toEqual(['one', 'one', 'two']);
  });

  test('of a full disk is over when the reserve is there again', () => {
    const store = committer();
    first().errors.push(failure('SQLITE_FULL'));
    store.append(batch);
    store.upkeep();
    expect(alarms).toHaveLength(1);
    reserve.room = true;
    store.upkeep();
    expect(alarms.slice(1)).toEqual(['1000000 recovered disk-full: disk-full is over']);
    store.upkeep();
    expect(alarms).toHaveLength(2);
  });
});

describe('upkeep', () => {
  test('is done about once a second while batches come, and signs what is due', () => {
    const store = committer();
    now += 999;
    store.append(batch);
    expect(first().calls).toEqual(['append']);
    now += 1;
    store.append(batch);
    expect(first().calls).toEqual(['append', 'append', 'sign', 'trim 67108864']);
    store.append(batch);
    expect(first().calls).toHaveLength(5);
  });

  test('says so when the write-ahead log grows beyond twice its bound, and when it has shrunk', () => {
    const store = committer();
    first().walBytes = 134_217_728;
    store.upkeep();
    expect(alarms).toEqual([]);
    first().walBytes = 134_217_729;
    store.upkeep();
    expect(alarms).toEqual(['1000000 wal-large: The write-ahead log has 134217729 bytes and does not shrink: a reader holds it.']);
    first().walBytes = 5;
    store.upkeep();
    expect(alarms.slice(1)).toEqual(['1000000 recovered wal-large: wal-large is over']);
  });

  test('that fails is an alarm and no more', () => {
    const store = committer();
    first().walBytes = failure('SQLITE_IOERR', 'cannot cut');
    store.upkeep();
    expect(alarms).toEqual(['1000000 storage-failing: SQLITE_IOERR cannot cut']);
    expect(store.append(batch)).toHaveLength(1);
    expect(logs, 'a connection that failed is not used again').toHaveLength(2);
  });

  test.each(['SQLITE_BUSY', 'SQLITE_FULL'])('that fails with %s keeps the connection', (code) => {
    const store = committer();
    first().walBytes = failure(code);
    store.upkeep();
    store.append(batch);
    expect(logs).toHaveLength(1);
  });

  test('opens the log again when an error closed it, so that what is stored gets its checkpoint', () => {
    const store = committer();
    first().errors.push(failure('SQLITE_IOERR'));
    expect(() => store.append(batch)).toThrow();
    alarms = [];
    store.upkeep();
    store.close();
    expect([alarms, logs.length]).toEqual([[], 2]);
  });

  test('tells of a log that is not what its checkpoint says, and of keys that are gone', () => {
    const store = committer();
    first().fault = 'Entries are gone.';
    store.upkeep();
    first().lostKeys = 'Keys of three entries are missing.';
    store.upkeep();
    expect(alarms).toEqual(['1000000 log-forked: Entries are gone.', '1000000 keys-lost: Keys of three entries are missing.']);
  });
});

describe('checkpoints', () => {
  test('each is told once, after the batch or the upkeep that made it', () => {
    const store = committer();
    store.append(batch);
    expect([told, store.checkpoint()]).toEqual([[], undefined]);
    first().newest = noted(64);
    store.append(batch);
    store.append(batch);
    expect([told, store.checkpoint()?.size]).toEqual([[64], 64]);
    first().newest = noted(65);
    store.upkeep();
    expect(told).toEqual([64, 65]);
  });

  test('one from outside that agrees is silent; any other is told as what it means', () => {
    const store = committer();
    const held = { logId: 'ab', size: 9, root: 'cd' };
    const judged = (outcome: Judged): string[] => {
      first().judged = outcome;
      alarms = [];
      now += 60_000;
      expect(store.judge(held)).toBe(outcome);
      return alarms.map((line) => line.replace(/^\d+ /, ''));
    };
    expect(judged('agrees')).toEqual([]);
    expect(judged('differs')).toEqual([expect.stringMatching(/^log-forked: A checkpoint over 9 entries of log ab, root cd, .+ another history/)]);
    expect(judged('ahead')).toEqual([expect.stringMatching(/^log-forked: .+ entries are gone/)]);
    expect(judged('stranger')).toEqual([expect.stringMatching(/^log-forked: .+ taken the place of another/)]);
    expect(judged('lost')).toEqual([expect.stringMatching(/^log-lost: A checkpoint over 9 entries of log ab.+ are lost/)]);
  });
});

describe('destroying', () => {
  test('is done by the log; one that failed costs its connection, and not another', async () => {
    const store = committer();
    await expect(store.destroy({ before: 1, held: { days: [], persons: [] } })).resolves.toEqual({ days: 1, persons: 2 });
    first().destroyed = Promise.reject(new Error('cut short'));
    await expect(store.destroy({ before: 1, held: { days: [], persons: [] } })).rejects.toThrow('cut short');
    expect([first().calls, logs.length, store.last()]).toEqual([['close'], 1, 1]);
    const second = logs[1] ?? fakeLog(1);
    let fail: (error: Error) => void = () => undefined;
    second.destroyed = new Promise((_, reject) => {
      fail = reject;
    });
    const asked = store.destroy({ before: 1, held: { days: [], persons: [] } });
    second.errors.push(failure('SQLITE_IOERR'));
    expect(() => store.append(batch)).toThrow();
    store.append(batch);
    fail(new Error('late'));
    await expect(asked).rejects.toThrow('late');
    expect([logs.length, logs[2]?.calls]).toEqual([3, ['append']]);
  });
});
