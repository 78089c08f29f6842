import { createHash } from 'node:crypto';

/** Everything that happened, as lines: for the digest, and for a person when asked. */
export interface Trace {
  line(text: string): void;
  bytes(payload: Uint8Array): void;
  /** SHA-256 of all lines, hex. */
  digest(): string;
}

const CHUNK = 64 * 1024;

/** `print`: called with each line, for a replay that is read. */
export function createTrace(print?: (text: string) => void): Trace {
  const hash = createHash('sha256');
  let chunk: string[] = [];
  let length = 0;
  function flush(): void {
    hash.update(chunk.join('\n'));
    chunk = [];
    length = 0;
  }
  return {
    line(text) {
      print?.(text);
      chunk.push(text);
      length += text.length;
      if (length > CHUNK) flush();
    },
    bytes(payload) {
      chunk.push(Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString('latin1'));
      length += payload.length;
    },
    digest() {
      flush();
      return hash.digest('hex');
    },
  };
}
