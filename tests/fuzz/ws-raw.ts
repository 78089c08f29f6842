import type { Random } from './random.ts';

/** The request that asks for a WebSocket, and whether it may be granted: with a cookie only from our own origin; a program's token needs none. */
export function upgrade(random: Random, credentials: Readonly<Record<string, string>>, port: number): { readonly head: Buffer; readonly mayOpen: boolean } {
  const good = `http://127.0.0.1:${port}`;
  const origin = random.pick([good, good, good, 'http://evil.example', `http://127.0.0.1:${port}.evil.example`, 'null', '']);
  const query = random.pick(['', '?since=0', '?since=-1', '?since=1e9', '?building=1', '?building=999', '?building=x', '?since=0&building=2', '?%00', '?since=9007199254740993']);
  const key = random.oneIn(6) ? random.pick(['', 'x', 'a'.repeat(500)]) : random.bytes(16).toString('base64');
  const version = random.oneIn(8) ? random.pick(['8', '14', '', '13, 8']) : '13';
  const fields = { ...credentials, host: `127.0.0.1:${port}`, upgrade: 'websocket', connection: 'Upgrade', 'sec-websocket-key': key, 'sec-websocket-version': version };
  const all = Object.entries({ ...fields, ...(origin === '' ? {} : { origin }), ...(random.oneIn(5) ? { 'sec-websocket-extensions': 'permessage-deflate' } : {}) });
  const head = `GET /api/v1/live${query} HTTP/1.1\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
  return { head: Buffer.from(head), mayOpen: credentials['authorization'] !== undefined || (origin === good && credentials['cookie'] !== undefined) };
}

/** A frame of RFC 6455 5.2, its header as given: whether that is allowed is for the other side to see. */
function frame(random: Random, first: number, payload: Buffer): Buffer {
  const length = payload.length < 126 ? Buffer.of(0x80 | payload.length) : Buffer.concat([Buffer.of(0x80 | 126), Buffer.of(payload.length >> 8, payload.length & 255)]);
  const mask = random.bytes(4);
  return Buffer.concat([Buffer.of(first), length, mask, payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0))]);
}

/** Some frames: texts nobody asked for, control frames, and what no frame may be. */
export function rawFrames(random: Random): Buffer[] {
  return Array.from({ length: random.below(5) }, () => {
    const payload = random.pick([
      Buffer.from('{"t":"hello"}'),
      Buffer.from('x'),
      random.bytes(random.below(120)),
      Buffer.alloc(1024),
      Buffer.alloc(1025),
      Buffer.from([0xff, 0xfe]),
    ]);
    const first = random.pick([0x81, 0x82, 0x88, 0x89, 0x8a, 0x01, 0x00, 0x80, 0xc1, 0xf1, 0x83, 0x8f]);
    return random.pick([
      frame(random, first, payload),
      frame(random, first, payload),
      // Without a mask, with a length beyond anything, and no frame at all.
      Buffer.concat([Buffer.of(first, Math.min(125, payload.length)), payload]),
      Buffer.from([first, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
      random.bytes(random.below(60)),
    ]);
  });
}
