import { Readable } from 'node:stream';
import type { AedesOptions } from 'aedes';

type Done = (error?: Error | null) => void;

/** A stream of nothing. */
function nothing(): Readable {
  const stream = new Readable({ objectMode: true, read: () => undefined });
  stream.push(null);
  return stream;
}

/**
 * What a broker hands messages from one client to others with, without any way to do so: devices speak to the gateway
 * and hear it, never one another (design.md 6.1). A topic rule that failed would still reach nobody, and thousands
 * of subscriptions cost neither time nor memory. The gateway writes to each connection itself.
 */
const noSwitchboard = {
  on(_topic: string, _listener: unknown, done?: Done): void {
    if (done !== undefined) setImmediate(done);
  },
  removeListener(_topic: string, _listener: unknown, done?: Done): void {
    if (done !== undefined) setImmediate(done);
  },
  emit(_packet: unknown, done: Done): void {
    done();
  },
  close(done: Done): void {
    setImmediate(done);
  },
};

const kept = async (): Promise<undefined> => undefined;
const none = async (): Promise<[]> => [];
const unknown = (): Promise<never> => Promise.reject(new Error('no such packet'));

/** A store that keeps nothing: no session outlives its connection, nothing is retained, and a will is told from memory. */
const nothingKept = {
  setup: kept,
  storeRetained: kept,
  createRetainedStreamCombi: nothing,
  addSubscriptions: kept,
  removeSubscriptions: kept,
  subscriptionsByClient: none,
  subscriptionsByTopic: none,
  cleanSubscriptions: kept,
  outgoingEnqueue: kept,
  outgoingEnqueueCombi: kept,
  outgoingUpdate: kept,
  outgoingClearMessageId: kept,
  outgoingStream: nothing,
  incomingStorePacket: kept,
  incomingGetPacket: unknown,
  incomingDelPacket: unknown,
  cleanIncoming: kept,
  putWill: kept,
  delWill: kept,
  streamWill: nothing,
};

/** For a broker whose clients have nothing to say to one another. */
export const SWITCHLESS: AedesOptions = { mq: noSwitchboard, persistence: nothingKept };
