import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { FieldError } from '../gateway/wire/fields.ts';
import { type Fleet, socketRequest } from './fleet.ts';

/** Longest line taken, characters. */
const LINE_MAX = 4096;
/** Longest path of a local socket, bytes (Linux, unix(7)). */
const PATH_MAX = 107;

const idOf = (value: unknown): unknown => (typeof value === 'object' && value !== null && 'id' in value ? value.id : 0);

async function answer(fleet: Fleet, line: string): Promise<Record<string, unknown>> {
  let id: unknown = 0;
  try {
    const value: unknown = JSON.parse(line);
    id = idOf(value);
    return { id, ok: true, ...(await fleet.act(socketRequest(value, ''))) };
  } catch (error) {
    const said = error instanceof SyntaxError ? new FieldError('line', 'one JSON object').message : error instanceof Error ? error.message : String(error);
    return { id, ok: false, error: said };
  }
}

function serve(fleet: Fleet, socket: Socket): void {
  socket.on('error', () => socket.destroy());
  let open = 0;
  socket.on('data', (chunk: Buffer) => {
    const last = chunk.lastIndexOf(10);
    open = last < 0 ? open + chunk.length : chunk.length - 1 - last;
    if (open > LINE_MAX) socket.destroy();
  });
  createInterface({ input: socket }).on('line', (line) => {
    void answer(fleet, line).then((reply) => {
      if (socket.writable) socket.write(`${JSON.stringify(reply)}\n`);
    });
  });
}

/** Listens on the local socket, for this account only: one JSON object a line each way. Rejects what the system says. */
export function listenOn(path: string, fleet: Fleet): Promise<Server> {
  // The system's own limit for a socket's address; it would answer "invalid argument".
  if (Buffer.byteLength(path) > PATH_MAX) throw new FieldError('socket', `a path of at most ${PATH_MAX} bytes (a shorter data directory), got ${Buffer.byteLength(path)}`);
  rmSync(path, { force: true });
  const server = createServer((socket) => serve(fleet, socket));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      chmodSync(path, 0o600);
      resolve(server);
    });
  });
}
