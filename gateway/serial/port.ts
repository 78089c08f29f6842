import { readSync, writeSync } from 'node:fs';

/** A way for bytes, both ways. */
export interface Port {
  write(bytes: Uint8Array): void;
  close(): void;
}
/** What a port tells: bytes, and, once, that it is gone. */
export interface PortEars {
  readonly heard: (bytes: Uint8Array) => void;
  readonly gone: (why: string) => void;
}
/** Opens a port. Rejects with a sentence that names it. */
export type PortOpener = (ears: PortEars) => Promise<Port>;

/** Speeds of OSDP lines (osdp.md 2.1). */
export const BAUDS = [9600, 19_200, 38_400, 57_600, 115_200, 230_400] as const;

function sentence(path: string, error: Error): Error {
  const { message } = error;
  if (/No such file/i.test(message)) return new Error(`${path}: 没有这个串口。 There is no such port.`);
  if (/Permission denied/i.test(message)) return new Error(`${path}: 没有权限，把用户加入 dialout 组。 No permission: add the user to the group dialout.`);
  if (/lock|busy/i.test(message)) return new Error(`${path}: 正被别的程序使用。 In use by another program.`);
  return new Error(`${path}: ${message}`);
}

/** Bytes read at once: no frame is longer (osdp.md 2.2). */
const READ_BYTES = 2048;

/** A port as the package opens it where there are file descriptors. */
interface OpenedPort {
  readonly fd: number | null;
  readonly poller: { once(event: 'readable', heard: (error: Error | null) => void): unknown };
  close(): Promise<void>;
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');
const isNotNow = (error: unknown): boolean => ['EAGAIN', 'EWOULDBLOCK', 'EINTR'].includes(codeOf(error));

/** The adapter was pulled out. The poller says it without a code. */
const isGone = (error: Error): boolean => /^E(IO|NXIO|BADF|NODEV)$/.test(codeOf(error)) || /bad file descriptor|input\/output error|no such device/i.test(error.message);

/**
 * Reads and writes at once, when the system says that there is something. The package's own stream hands each read and
 * write to its pool of threads, which costs several times what an OSDP exchange does otherwise.
 */
function polled(path: string, opened: OpenedPort, { heard, gone }: PortEars): Port {
  const { fd } = opened;
  const held = Buffer.alloc(READ_BYTES);
  let closed = fd === null;
  const close = (): void => {
    if (closed) return;
    closed = true;
    opened.close().catch(() => undefined);
  };
  const lost = (error?: unknown): void => {
    if (closed) return;
    close();
    gone(error instanceof Error && !isGone(error) ? sentence(path, error).message : `${path}: 串口断开。 The port is gone.`);
  };
  const read = (): void => {
    if (closed || fd === null) return;
    try {
      const length = readSync(fd, held);
      if (length === 0) return lost();
      heard(Buffer.from(held.subarray(0, length)));
    } catch (error) {
      if (!isNotNow(error)) return lost(error);
    }
    listen();
  };
  const listen = (): void => {
    if (!closed) opened.poller.once('readable', (error) => (error === null ? read() : lost(error)));
  };
  listen();
  return {
    close,
    write(bytes) {
      if (closed || fd === null) return;
      try {
        // A port that takes no byte now has not sent the frames before: this one is lost, and asked for again by whoever sent it.
        writeSync(fd, bytes);
      } catch (error) {
        if (!isNotNow(error)) lost(error);
      }
    },
  };
}

/** A port by the package's own stream: where there are no file descriptors. */
async function streamed(path: string, baudRate: number, { heard, gone }: PortEars): Promise<Port> {
  const { SerialPort } = await import('serialport');
  const port = new SerialPort({ path, baudRate, autoOpen: false });
  let closed = false;
  const lost = (why: string): void => {
    if (closed) return;
    closed = true;
    gone(why);
  };
  port.on('data', (bytes: Buffer) => heard(bytes));
  port.on('error', (error: Error) => lost(sentence(path, error).message));
  port.on('close', () => lost(`${path}: 串口断开。 The port is gone.`));
  await new Promise<void>((resolve, reject) => port.open((error) => (error === null ? resolve() : reject(sentence(path, error)))));
  return {
    write: (bytes) => void port.write(Buffer.from(bytes)),
    close: () => {
      closed = true;
      if (port.isOpen) port.close();
    },
  };
}

/** A serial port of this machine, eight bits, no parity (osdp.md 2.1), for this program alone. */
export const serialPort =
  (path: string, baudRate: number): PortOpener =>
  async (ears) => {
    if (process.platform === 'win32') return streamed(path, baudRate, ears);
    // Only where there is a port: the package brings a binding of its own for each system.
    const { SerialPort } = await import('serialport');
    try {
      const opened = await SerialPort.binding.open({ path, baudRate });
      if ('poller' in opened) return polled(path, opened, ears);
      await opened.close();
    } catch (error) {
      throw error instanceof Error ? sentence(path, error) : error;
    }
    return streamed(path, baudRate, ears);
  };
