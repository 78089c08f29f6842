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

/** A serial port of this machine, eight bits, no parity (osdp.md 2.1), for this program alone. */
export const serialPort =
  (path: string, baudRate: number): PortOpener =>
  async ({ heard, gone }) => {
    // Only where there is a port: the package brings a binding of its own for each system.
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
  };
