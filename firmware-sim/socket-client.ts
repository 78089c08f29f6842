import { connect } from 'node:net';
import { createInterface } from 'node:readline';

/** An answer line of the simulator's local socket. */
export interface SocketReply {
  readonly ok: boolean;
  readonly error?: string;
  readonly [field: string]: unknown;
}

/** One way to the simulated doors. */
export interface SocketClient {
  /** Rejects when the other end goes before it answers. */
  ask(request: Record<string, unknown>): Promise<SocketReply>;
  close(): void;
}

const NOT_RUNNING = '模拟的门没有开着。先运行 npm start。 The simulated doors are not running. Run npm start first.';

const isReply = (value: unknown): value is SocketReply & { readonly id: number } =>
  typeof value === 'object' && value !== null && 'ok' in value && typeof value.ok === 'boolean' && 'id' in value && typeof value.id === 'number';

/** Connects to a local socket. Rejects with a sentence for a person when nothing listens there. */
export function connectTo(path: string): Promise<SocketClient> {
  const socket = connect(path);
  const waiting = new Map<number, { resolve: (reply: SocketReply) => void; reject: (error: Error) => void }>();
  let last = 0;
  const gone = (): void => {
    for (const { reject } of waiting.values()) reject(new Error(NOT_RUNNING));
    waiting.clear();
  };
  createInterface({ input: socket })
    .on('line', (line) => {
      const reply: unknown = JSON.parse(line);
      if (!isReply(reply)) return;
      waiting.get(reply.id)?.resolve(reply);
      waiting.delete(reply.id);
    })
    .on('error', gone);
  return new Promise((resolve, reject) => {
    socket.once('error', () => reject(new Error(NOT_RUNNING)));
    socket.once('close', gone);
    socket.once('connect', () =>
      resolve({
        ask: (request) =>
          new Promise((answered, failed) => {
            last += 1;
            waiting.set(last, { resolve: answered, reject: failed });
            socket.write(`${JSON.stringify({ ...request, id: last })}\n`);
          }),
        close: () => socket.end(),
      }),
    );
  });
}
