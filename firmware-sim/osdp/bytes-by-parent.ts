import type { PortOpener } from '../../gateway/serial/port.ts';

/** Bytes of a serial line between two processes, base64. */
interface LineBytes {
  readonly t: 'line';
  readonly bytes: string;
}

/** Is this message a piece of a serial line? */
export const isLineBytes = (message: unknown): message is LineBytes =>
  typeof message === 'object' && message !== null && 't' in message && message.t === 'line' && 'bytes' in message && typeof message.bytes === 'string';

/** A piece of a serial line as a message. */
export const lineBytes = (bytes: Uint8Array): LineBytes => ({ t: 'line', bytes: Buffer.from(bytes).toString('base64') });

/** A line whose other end is in the process that started this one: for a machine that has no ptys to give. */
export const bytesByParent: PortOpener = async ({ heard }) => {
  const hear = (message: unknown): void => {
    if (isLineBytes(message)) heard(Buffer.from(message.bytes, 'base64'));
  };
  process.on('message', hear);
  // What listens keeps a process; whoever started this one is watched by other means.
  process.channel?.unref();
  return { write: (bytes) => void process.send?.(lineBytes(bytes)), close: () => void process.off('message', hear) };
};
