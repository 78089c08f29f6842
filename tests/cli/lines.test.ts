import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readArguments } from '../../gateway/cli/arguments.ts';
import type { Terminal } from '../../gateway/cli/import-command.ts';
import { addLine, showLines } from '../../gateway/cli/line-commands.ts';
import { testLine } from '../../gateway/cli/line-test-command.ts';
import type { LocalGateway } from '../../gateway/cli/local-gateway.ts';
import { type World, world } from '../http/fixture.ts';

let here: World;
let said: string[];
/** What the door side does when a test is begun. */
let begun = (): void => undefined;
beforeAll(async () => {
  here = await world({
    testLine: async () => {
      begun();
      return 'done';
    },
  });
});
afterAll(() => here.close());

/** The whole HTTP side, asked as the command line asks it. */
const gateway: LocalGateway = {
  ports: { port: 0, mqttPort: 0, mqttsPort: undefined },
  async ask(answer, { method, path, body }) {
    const headers = { host: 'localhost:8080', authorization: 'Bearer local-token-of-this-run', ...(body === undefined ? {} : { 'content-type': body.type }) };
    const response = await here.app.inject({ method, url: `/api/v1${path}`, headers, ...(body === undefined ? {} : { payload: Buffer.from(body.bytes) }) });
    if (response.statusCode !== 200) throw new Error(response.body);
    return Value.Parse(answer, response.json());
  },
};
const asked = (work: (to: LocalGateway, terminal: Terminal) => Promise<boolean>, language: 'zh' | 'en' = 'en') => {
  said = [];
  return work(gateway, { language, say: (text) => void said.push(text), confirm: undefined });
};
const line = { port: '/dev/ttyTEST1', name: '一号线', baud: 9600, addresses: [0, 7] };

describe('npm run doorbook -- lines, add-line', () => {
  test('adds a line with its devices, and shows it with what the door side says of it', async () => {
    await asked(showLines);
    expect(said[0]).toContain('There is no serial line.');
    await asked((to, terminal) => addLine(to, line, terminal));
    expect(said[0]).toMatch(/^Added:\n一号线: \/dev\/ttyTEST1 @ 9600, not open, repeated 0, bad 0 of 0\n {4}0 {2}OSDP 0: unknown\n {4}7 {2}OSDP 7: unknown\nNext/);
    const counts = { sent: 40, answered: 38, repeated: 2, badChecks: 1, stray: 0 };
    const device = { id: 1, address: 0, state: 'up', secured: true, identity: '', pollsPerSecond: 9 } as const;
    here.lines.push({ id: 1, portUp: false, why: '没有权限 / no permission', counts, devices: [device] });
    await asked(showLines, 'zh');
    expect(said[0]).toContain('一号线: /dev/ttyTEST1 @ 9600, 没有打开: 没有权限 / no permission, 重发 2、坏帧 1 / 40\n    0  OSDP 0: 在线, 已加密\n');
    here.lines.length = 0;
  });

  test('tests a line: says what it does to doors, asks, waits for the end and shows each verdict', async () => {
    const wish = { line: '一号线', seconds: 10, reason: '试一下线', yes: false, lookMs: 1 };
    await expect(asked((to, terminal) => testLine(to, { ...wish, line: '二号线' }, terminal))).rejects.toThrow('There is no serial line "二号线"');
    expect(await asked((to, terminal) => testLine(to, wish, terminal))).toBe(false);
    expect([said, here.lineTests]).toEqual([['No door hangs on this line, so nobody is kept out.', 'Nothing was tested.'], []]);
    const device = {
      ...{ id: 1, sent: 4000, answered: 3990, repeated: 10, busy: 0, bent: 9, unanswered: 1, badMacs: 0, badChecks: 11, slow: 0, badBytes: 160, longest: 254 },
      ...{ medianMs: 42.1, p95Ms: 61.3, p99Ms: 88, worstMs: 240.2, verdict: { word: 'noise', oneIn: 400 } as const },
    };
    const counts = { sent: 0, answered: 0, repeated: 0, badChecks: 0, stray: 0 };
    const run = (endedAt: number | undefined) => ({ since: 5, until: 10_005, endedAt, why: endedAt === undefined ? undefined : ('time' as const), devices: [device] });
    const status = (endedAt: number | undefined) => ({ id: 1, portUp: true, why: '', counts, devices: [], test: run(endedAt) });
    begun = () => {
      here.lines.push(status(undefined));
      setTimeout(() => here.lines.splice(0, 1, status(10_005)), 30);
    };
    expect(await asked((to, terminal) => testLine(to, { ...wish, yes: true, lookMs: 10 }, terminal))).toBe(true);
    expect(said.at(-1)).toBe('The test is over.\n  OSDP 0: noise (1 frame in 400), sent 4000, wrong 10, answers 50/95/99/slowest 42.1 / 61.3 / 88 / 240.2 ms');
    here.lines.splice(0, 1, status(undefined));
    await asked(showLines, 'zh');
    expect(said[0]).toContain('正在测试，门刷不了卡');
    here.lines.length = 0;
    begun = () => undefined;
    await expect(asked((to, terminal) => testLine(to, { ...wish, yes: true }, terminal))).rejects.toThrow('was started again');
  });

  test('says what is wrong with a line that is not to be had', async () => {
    await expect(asked((to, terminal) => addLine(to, line, terminal))).rejects.toThrow(/TAKEN.*port/);
    await expect(asked((to, terminal) => addLine(to, { ...line, port: '/dev/ttyTEST2', baud: 1200 }, terminal))).rejects.toThrow(/BAD_INPUT.*baud/);
  });

  test.each([
    [['lines', 'x'], 'takes nothing more'],
    [['lines', '--test', 'x'], '--reason is missing'],
    [['lines', '--test', 'x', '--reason', 'why not', '--seconds', 'long'], '--seconds: expected a whole number, got "long"'],
    [['add-line'], 'name its PORT'],
    [['add-line', '/dev/ttyS1'], '--name is missing'],
    [['add-line', '/dev/ttyS1', '--name', 'x', '--baud', 'fast'], '--baud: expected a whole number, got "fast"'],
    [['add-line', '/dev/ttyS1', '--name', 'x', '--devices', '1,,2'], '--devices: expected a whole number, got ""'],
  ])('%j explains itself', (args, told) => {
    expect(() => readArguments(args)).toThrow(told);
  });
});
