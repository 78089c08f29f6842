import { current, hostOf } from '../engine/current.ts';
import type { Host } from '../engine/scheduler.ts';

/** `node:worker_threads` of the world: each thread is a host of its own, and messages take a moment. */
type Listener = (value: never) => void;

/** Messages between threads take this long, ms: less than a turn of a timer. */
const HOP_MS = 0;

class Emitter {
  readonly listeners = new Map<string, Listener[]>();
  on(event: string, listener: Listener): this {
    this.listeners.set(event, [...(this.listeners.get(event) ?? []), listener]);
    return this;
  }
  once(event: string, listener: Listener): this {
    const mine = (value: never): void => {
      this.listeners.set(
        event,
        (this.listeners.get(event) ?? []).filter((other) => other !== mine),
      );
      listener(value);
    };
    return this.on(event, mine);
  }
  tell(event: string, value: unknown): void {
    for (const listener of this.listeners.get(event) ?? []) listener(value as never);
  }
}

/** What a thread has in its hands. Read by the product's code when its body starts. */
export let parentPort: Port | null = null;
export let workerData: unknown;

const bodies = new Map<string, () => unknown>();

/** Called in place of what a thread's file does when it is loaded. */
export function threadBody(file: string, body: () => unknown): void {
  bodies.set(file, body);
}

const live = new Set<Worker>();

/** Threads that run, by the end of their file's name. */
export const threadsOf = (file: string): Worker[] => [...live].filter((worker) => worker.file.endsWith(file) && worker.host.alive);

/** Forgets the threads of the world before. */
export const forgetThreads = (): void => live.clear();

class Port extends Emitter {
  readonly worker: Worker;
  constructor(worker: Worker) {
    super();
    this.worker = worker;
  }
  postMessage(message: unknown): void {
    const { worker } = this;
    // Said when the thread is done with what it does: one that ends before that says nothing.
    const said = Math.max(current().scheduler.now, worker.host.busyUntil);
    current().scheduler.after(HOP_MS, worker.owner, () => {
      if (worker.endedAt >= said) worker.tell('message', message);
    });
  }
  close(): void {
    this.worker.end(undefined);
  }
}

/** A thread of the process that started it. */
export class Worker extends Emitter {
  readonly file: string;
  readonly owner: Host;
  readonly host: Host;
  readonly port: Port;
  endedAt = Number.POSITIVE_INFINITY;
  constructor(file: URL, { workerData: given }: { readonly workerData: unknown }) {
    super();
    this.file = file.pathname;
    this.owner = hostOf();
    this.host = { name: this.file, alive: true, busyUntil: 0, wall: this.owner.wall };
    this.port = new Port(this);
    live.add(this);
    const name = [...bodies.keys()].find((known) => this.file.endsWith(known));
    const body = name === undefined ? undefined : bodies.get(name);
    if (body === undefined) throw new Error(`simulation: no body for the thread ${this.file}`);
    current().scheduler.after(HOP_MS, this.host, () => {
      parentPort = this.port;
      workerData = given;
      body();
    });
  }
  postMessage(message: unknown): void {
    current().scheduler.after(HOP_MS, this.host, () => this.port.tell('message', message));
  }
  /** Ends at once; its owner hears of it, with the error when there is one. */
  end(error: Error | undefined): void {
    if (!this.host.alive) return;
    this.host.alive = false;
    this.endedAt = current().scheduler.now;
    live.delete(this);
    current().scheduler.after(HOP_MS, this.owner, () => {
      if (error !== undefined) this.tell('error', error);
      this.tell('exit', 1);
    });
  }
  async terminate(): Promise<number> {
    this.end(undefined);
    return 1;
  }
}
