import { type LineDeviceView, LineList, LineView } from '../http/schemas/serial-lines.ts';
import type { Terminal } from './import-command.ts';
import type { LocalGateway } from './local-gateway.ts';

const WORDS = {
  zh: {
    none: '没有串口线。加一条：npm run doorbook -- add-line /dev/serial/by-id/… --name 一号线 --baud 9600 --devices 0,1',
    free: '空着的串口',
    noPort: '没有找到空着的串口',
    up: '已打开',
    down: '没有打开',
    testing: '正在测试，门刷不了卡',
    added: '已登记',
    next: '下一步在网页“串口线”里给设备发密钥、接门',
    states: { up: '在线', degraded: '不稳', offline: '没有回应', waiting: '等密钥', commissioning: '正在发密钥', unknown: '未知' },
    secured: '已加密',
    clear: '没有加密',
    exposed: '密钥可能被偷听',
    counts: (repeated: number, badChecks: number, sent: number) => `重发 ${repeated}、坏帧 ${badChecks} / ${sent}`,
  },
  en: {
    none: 'There is no serial line. Add one: npm run doorbook -- add-line /dev/serial/by-id/… --name Line --baud 9600 --devices 0,1',
    free: 'Free ports',
    noPort: 'No free serial port was found',
    up: 'open',
    down: 'not open',
    testing: 'in test, its doors take no cards',
    added: 'Added',
    next: 'Next, in the console under “Serial lines”: give the devices their keys, and wire the doors',
    states: { up: 'up', degraded: 'unsteady', offline: 'no answer', waiting: 'needs a key', commissioning: 'being given a key', unknown: 'unknown' },
    secured: 'secured',
    clear: 'not secured',
    exposed: 'key may have been overheard',
    counts: (repeated: number, badChecks: number, sent: number) => `repeated ${repeated}, bad ${badChecks} of ${sent}`,
  },
} as const;

type Language = Terminal['language'];

function deviceLine({ address, name, state, secured, identity, keyExposed }: LineDeviceView, language: Language): string {
  const words = WORDS[language];
  const marks = [
    words.states[state],
    ...(state === 'unknown' ? [] : [secured ? words.secured : words.clear]),
    ...(keyExposed ? [words.exposed] : []),
    ...(identity === '' ? [] : [identity]),
  ];
  return `  ${String(address).padStart(3)}  ${name}: ${marks.join(', ')}`;
}

function lineText({ name, port, baud, portUp, why, counts, devices, doors, test }: LineView, language: Language): string {
  const words = WORDS[language];
  const head = `${name}: ${port} @ ${baud}, ${portUp ? words.up : [words.down, why].filter((text) => text !== '').join(': ')}, ${words.counts(counts.repeated, counts.badChecks, counts.sent)}`;
  return [
    test === null || test.endedAt !== null ? head : `${head}, ${words.testing}`,
    ...devices.map((device) => deviceLine(device, language)),
    ...doors.map(({ code, name: door }) => `  → ${code} ${door}`),
  ].join('\n');
}

/** Shows serial lines, their devices and doors, and ports that are free. */
export async function showLines(gateway: LocalGateway, terminal: Terminal): Promise<true> {
  const { language } = terminal;
  const words = WORDS[language];
  const { lines, ports } = await gateway.ask(LineList, { method: 'GET', path: '/lines' });
  const free = ports.length === 0 ? words.noPort : `${words.free}:\n${ports.map((port) => `  ${port}`).join('\n')}`;
  terminal.say([...(lines.length === 0 ? [words.none] : lines.map((line) => lineText(line, language))), free].join('\n'));
  return true;
}

/** What a person wrote of a new line. */
export interface NewLine {
  readonly port: string;
  readonly name: string;
  readonly baud: number;
  readonly addresses: readonly number[];
}

/** Adds a serial line with its devices, which have no keys yet. */
export async function addLine(gateway: LocalGateway, { port, name, baud, addresses }: NewLine, terminal: Terminal): Promise<true> {
  const words = WORDS[terminal.language];
  const body = (wish: object) => ({ type: 'application/json', bytes: Buffer.from(JSON.stringify(wish)) }) as const;
  let line = await gateway.ask(LineView, { method: 'POST', path: '/lines', body: body({ port, name, baud }) });
  const there = new Set(line.devices.map(({ address }) => address));
  for (const address of addresses.filter((each) => !there.has(each)))
    line = await gateway.ask(LineView, { method: 'POST', path: `/lines/${line.id}/devices`, body: body({ address, name: `OSDP ${address}` }) });
  terminal.say(`${words.added}:\n${lineText(line, terminal.language)}\n${words.next}`);
  return true;
}
