import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { samePort, serialPorts } from '../../gateway/machine/serial-ports.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'doorbook-ports-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));
const at = (...parts: string[]): string => path.join(root, ...parts);

describe('serial ports', () => {
  test('are none where there are none', () => {
    expect(serialPorts(at('nowhere'))).toEqual([]);
  });

  test('are each named once: by what is plugged in, else by where, else built in with a chip behind them', () => {
    for (const folder of ['dev/serial/by-id', 'dev/serial/by-path', 'sys/class/tty/ttyS0', 'sys/class/tty/ttyS1', 'sys/class/tty/ttyAMA0'])
      mkdirSync(at(folder), { recursive: true });
    for (const device of ['ttyUSB0', 'ttyUSB1', 'ttyS0', 'ttyS1', 'ttyAMA0', 'tty7', 'null']) writeFileSync(at('dev', device), '');
    for (const [name, type] of [
      ['ttyS0', '0\n'],
      ['ttyS1', '4\n'],
      ['ttyAMA0', '32\n'],
    ] as const)
      writeFileSync(at('sys/class/tty', name, 'type'), type);
    symlinkSync('../../ttyUSB0', at('dev/serial/by-id/usb-FTDI_A'));
    symlinkSync('../../ttyUSB0', at('dev/serial/by-path/pci-0:1'));
    symlinkSync('../../ttyUSB1', at('dev/serial/by-path/pci-0:2'));
    expect(serialPorts(root)).toEqual([at('dev/serial/by-id/usb-FTDI_A'), at('dev/serial/by-path/pci-0:2'), at('dev/ttyAMA0'), at('dev/ttyS1')]);
    expect([samePort(at('dev/serial/by-id/usb-FTDI_A'), at('dev/ttyUSB0')), samePort(at('dev/ttyUSB1'), at('dev/ttyUSB0')), samePort('/dev/gone', '/dev/gone')]).toEqual([
      true,
      false,
      true,
    ]);
  });
});
