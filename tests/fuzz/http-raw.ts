import { connect } from 'node:net';
import type { Got } from './http-oracle.ts';
import type { Sent } from './http-request.ts';
import type { Random } from './random.ts';

const PATIENCE_MS = 1000;

/** The answers in what a server sent: status, headers and body of each. Whatever is no answer is left out. */
export function answersIn(bytes: Buffer): Got[] {
  const found: Got[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf('\r\n\r\n', at);
    if (end < 0) break;
    const [first = '', ...lines] = bytes.toString('latin1', at, end).split('\r\n');
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1]);
    const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]));
    const body = headers['transfer-encoding'] === 'chunked' ? unchunked(bytes, end + 4) : undefined;
    const length = status < 200 || status === 204 || status === 304 ? 0 : Number(headers['content-length'] ?? 0);
    if (status >= 200) found.push({ status, headers, body: body?.text ?? bytes.toString('utf8', end + 4, end + 4 + length) });
    at = body?.end ?? end + 4 + length;
  }
  return found;
}

function unchunked(bytes: Buffer, from: number): { readonly text: string; readonly end: number } {
  const parts: Buffer[] = [];
  for (let at = from; ; ) {
    const line = bytes.indexOf('\r\n', at);
    const size = line < 0 ? 0 : Number.parseInt(bytes.toString('latin1', at, line), 16);
    if (line < 0 || !(size > 0)) return { text: Buffer.concat(parts).toString('utf8'), end: line < 0 ? bytes.length : line + 4 };
    parts.push(bytes.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
}

const line = (name: string, value: string | string[]): string =>
  [value]
    .flat()
    .map((each) => `${name}: ${each}\r\n`)
    .join('');

/** A request as bytes, as a careful client writes it. */
export function bytesOf({ method, url, headers, payload }: Sent): Buffer {
  const body = payload === undefined ? Buffer.alloc(0) : Buffer.from(payload);
  const all = { ...headers, ...(body.length > 0 ? { 'content-length': String(body.length) } : {}), connection: 'close' };
  const head = `${method} ${url} HTTP/1.1\r\n${Object.entries(all)
    .map(([name, value]) => line(name, value))
    .join('')}\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

type Bend = (bytes: Buffer, random: Random) => Buffer;
const replaced =
  (what: string | RegExp, by: string): Bend =>
  (bytes) =>
    Buffer.from(bytes.toString('latin1').replace(what, by), 'latin1');

/** What is no careful client: framing that contradicts itself, methods and versions that are none, smuggling, cuts. */
export const BENDS: readonly [Bend, ...Bend[]] = [
  replaced('\r\n', '\r\ntransfer-encoding: chunked\r\n'),
  replaced('\r\n', '\r\ncontent-length: 5\r\n'),
  replaced('\r\n', '\r\ncontent-length: -1\r\n'),
  replaced('\r\n', '\r\ntransfer-encoding: xchunked\r\n'),
  replaced('HTTP/1.1', 'HTTP/2.0'),
  replaced('HTTP/1.1', 'HTTP/1.0'),
  replaced(/^\w+/, 'BREW'),
  replaced(/^\w+ \S+/, 'CONNECT localhost:22'),
  replaced(/^(\w+) /, '$1 http://evil.example'),
  replaced(/host: [^\r]*\r\n/, ''),
  replaced(/host: [^\r]*/, 'host: a\r\nhost: b'),
  replaced('\r\n', `\r\nx-long: ${'a'.repeat(20_000)}\r\n`),
  replaced('\r\n', `\r\n${'x: y\r\n'.repeat(3000)}`),
  replaced('\r\n', '\r\nexpect: 100-continue\r\n'),
  replaced('\r\n', '\r\nexpect: tea\r\n'),
  replaced('\r\n', '\r\nupgrade: h2c\r\nconnection: upgrade\r\n'),
  replaced('\r\n', '\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-key: x\r\nsec-websocket-version: 13\r\n'),
  replaced('\r\n', '\r\nx\u0000y: z\r\n'),
  replaced('\r\n', '\n'),
  replaced(' /', ' '),
  (bytes, random) => bytes.subarray(0, random.below(bytes.length)),
  (bytes) => Buffer.concat([bytes, bytes]),
  (bytes, random) => Buffer.concat([bytes.subarray(0, 40), random.bytes(20), bytes.subarray(40)]),
  (_bytes, random) => random.bytes(1 + random.below(400)),
];

/** Sends bytes to a port of this machine, cut at a place, and gives what came back until the end or until nothing more came. */
export function exchange(port: number, bytes: Buffer, cut: number): Promise<Buffer> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const parts: Buffer[] = [];
    const timer = setTimeout(() => socket.destroy(), PATIENCE_MS);
    socket.on('data', (part) => parts.push(part));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(parts));
    });
    socket.once('connect', () => {
      socket.write(bytes.subarray(0, cut));
      setImmediate(() => socket.end(bytes.subarray(cut)));
    });
  });
}
