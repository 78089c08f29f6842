import type { LineDeviceView, LineList, LineView } from '../../gateway/http/schemas/serial-lines.ts';

/** A device of a line that is well. */
export const lineDevice = (change: Partial<LineDeviceView> = {}): LineDeviceView => ({
  id: 1,
  address: 1,
  nextAddress: null,
  name: '车棚读卡器',
  state: 'up',
  secured: true,
  identity: '0db00c-01-01000000',
  reported: '',
  hasKey: true,
  keyExposed: false,
  enrolledAt: Date.UTC(2026, 10, 1, 4),
  clearUntil: null,
  pollsPerSecond: 27.4,
  alarm: null,
  giving: null,
  moving: null,
  ...change,
});

/** A line with a reader, a door unit and a door. */
export const serialLine = (change: Partial<LineView> = {}): LineView => ({
  id: 1,
  name: '车棚的线',
  port: '/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0',
  baud: 9600,
  nextBaud: null,
  floorMs: 10,
  adapterMs: 16,
  fire: null,
  portUp: true,
  why: '',
  counts: { sent: 120_000, answered: 119_800, repeated: 180, badChecks: 20, stray: 0 },
  devices: [lineDevice(), lineDevice({ id: 2, address: 2, name: '车棚门模块' })],
  test: null,
  moving: null,
  doors: [
    {
      id: 1,
      code: '890101001001B00042D05',
      name: '车棚',
      nameEn: 'Bike shed',
      wiring: {
        readerId: 1,
        readerNumber: 0,
        relayId: 2,
        relayOutput: 0,
        contact: { deviceId: 2, input: 0, activeLow: false },
        exit: { deviceId: 2, input: 1, activeLow: false },
      },
    },
  ],
  ...change,
});

/** Lines with everything that can be wrong with them. */
export const troubledLines = (now: number): LineList => ({
  ports: ['/dev/serial/by-id/usb-1a86_USB_Serial-if00-port0', '/dev/ttyS1'],
  lines: [
    serialLine({
      devices: [
        lineDevice({ keyExposed: true, clearUntil: now + 7_200_000, secured: false, state: 'degraded' }),
        lineDevice({
          id: 2,
          address: 2,
          name: '车棚门模块',
          state: 'waiting',
          secured: false,
          reported: '0db00c-01-02000000',
          alarm: { what: 'swapped', at: now - 60_000 },
          pollsPerSecond: 0,
        }),
        lineDevice({ id: 3, address: 3, name: '新的', state: 'waiting', secured: false, hasKey: false, identity: '', enrolledAt: null, pollsPerSecond: 0 }),
      ],
      doors: [...serialLine().doors, { id: 2, code: '890101001001B00042D06', name: '后门', nameEn: 'Back door', wiring: null }],
      counts: { sent: 1000, answered: 700, repeated: 250, badChecks: 90, stray: 30 },
    }),
    serialLine({
      id: 2,
      name: '断了的线',
      portUp: false,
      why: '/dev/ttyUSB7: 没有这个串口。 There is no such port.',
      devices: [],
      doors: [],
      counts: { sent: 0, answered: 0, repeated: 0, badChecks: 0, stray: 0 },
    }),
    serialLine({
      id: 3,
      name: '没人回答的线',
      devices: [lineDevice({ id: 9, name: '哑的', state: 'offline', secured: false, pollsPerSecond: 0 })],
      doors: [],
      counts: { sent: 900, answered: 0, repeated: 900, badChecks: 0, stray: 0 },
    }),
  ],
});
