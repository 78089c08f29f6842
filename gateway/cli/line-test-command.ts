import { setTimeout } from 'node:timers/promises';
import { LineList, LineView } from '../http/schemas/serial-lines.ts';
import type { Terminal } from './import-command.ts';
import type { LocalGateway } from './local-gateway.ts';

const WORDS = {
  zh: {
    missing: (name: string) => `没有叫“${name}”的串口线。看一看：npm run doorbook -- lines`,
    lost: '网关不再说起这次测试：它重新启动了，线路照常工作。',
    none: '这条线上没有门，不影响进出。',
    doors: (doors: string) => `测试时这些门刷卡不开：${doors}。出门按钮、消防和开门指令照样有效。`,
    question: '现在测试吗？',
    declined: '没有测试。',
    begun: (seconds: number) => `正在测试，${seconds} 秒……`,
    ended: {
      time: '测完了。',
      stopped: '有人停止了测试。',
      needed: '提前结束：有锁要动。',
      desk: '提前结束：网关的网页部分没有了。',
      port: '提前结束：串口断开了。',
      key: '提前结束：正在给设备发密钥。',
    },
    verdicts: {
      good: '良好',
      noise: '有干扰',
      lost: '丢帧',
      codes: '验证码不对',
      late: '太慢',
      busy: '忙不过来',
      silent: '没有回答',
      unreadable: '读不懂',
      few: '还说不准',
      'not-asked': '没有密钥，没有问',
    },
    rate: (oneIn: number) => `（${oneIn} 帧里 1 帧）`,
    counts: (sent: number, wrong: number, times: string) => `发 ${sent}，出错 ${wrong}，回答 50/95/99/最慢 ${times} 毫秒`,
  },
  en: {
    missing: (name: string) => `There is no serial line "${name}". Look at them: npm run doorbook -- lines`,
    lost: 'The gateway says nothing more of this test: it was started again, and the line is in service.',
    none: 'No door hangs on this line, so nobody is kept out.',
    doors: (doors: string) => `During the test no card opens: ${doors}. Exit buttons, fire and an order to open go on working.`,
    question: 'Test now?',
    declined: 'Nothing was tested.',
    begun: (seconds: number) => `Testing for ${seconds} seconds …`,
    ended: {
      time: 'The test is over.',
      stopped: 'Somebody stopped the test.',
      needed: 'Ended early: a lock had to move.',
      desk: 'Ended early: the console’s side of the gateway was gone.',
      port: 'Ended early: the port was gone.',
      key: 'Ended early: a device is being given a key.',
    },
    verdicts: {
      good: 'good',
      noise: 'noise',
      lost: 'frames lost',
      codes: 'wrong codes',
      late: 'answers late',
      busy: 'overloaded',
      silent: 'does not answer',
      unreadable: 'unreadable',
      few: 'too little to say',
      'not-asked': 'has no key, not asked',
    },
    rate: (oneIn: number) => ` (1 frame in ${oneIn})`,
    counts: (sent: number, wrong: number, times: string) => `sent ${sent}, wrong ${wrong}, answers 50/95/99/slowest ${times} ms`,
  },
} as const;

/** How often the gateway is asked how the test goes, ms; and how often more than there are seconds. */
const LOOK_MS = 1000;
const LOOKS_MORE = 15;

/** What a person wrote of a test. */
export interface WantedTest {
  /** The line by its name, or the number it has in the register. */
  readonly line: string;
  readonly seconds: number;
  readonly reason: string;
  readonly yes: boolean;
  /** Between two looks, ms; without it a second. */
  readonly lookMs?: number;
}

function resultText({ test, devices }: LineView, language: Terminal['language']): string {
  const words = WORDS[language];
  const results = (test?.devices ?? []).map(({ id, sent, bent, unanswered, badMacs, verdict, ...times }) => {
    const shown = [times.medianMs, times.p95Ms, times.p99Ms, times.worstMs].join(' / ');
    const rate = verdict.oneIn === 0 ? '' : words.rate(verdict.oneIn);
    const name = devices.find((device) => device.id === id)?.name ?? String(id);
    return `  ${name}: ${words.verdicts[verdict.word]}${rate}, ${words.counts(sent, bent + unanswered + badMacs, shown)}`;
  });
  return [words.ended[test?.why ?? 'time'], ...results].join('\n');
}

/** Tests a line: says which doors open to no card meanwhile, waits for the end, and shows what came of each device. False: nothing was tested. */
export async function testLine(gateway: LocalGateway, { line: wanted, seconds, reason, yes, lookMs = LOOK_MS }: WantedTest, terminal: Terminal): Promise<boolean> {
  const words = WORDS[terminal.language];
  const find = async (): Promise<LineView | undefined> =>
    (await gateway.ask(LineList, { method: 'GET', path: '/lines' })).lines.find(({ id, name }) => name === wanted || String(id) === wanted);
  const line = await find();
  if (line === undefined) throw new Error(words.missing(wanted));
  terminal.say(line.doors.length === 0 ? words.none : words.doors(line.doors.map(({ code, name }) => `${code} ${name}`).join(', ')));
  if (!yes && (terminal.confirm === undefined || !(await terminal.confirm(words.question)))) {
    terminal.say(words.declined);
    return false;
  }
  const wish = { seconds, reason, doors: line.doors.map(({ id }) => id) };
  await gateway.ask(LineView, { method: 'POST', path: `/lines/${line.id}/test`, body: { type: 'application/json', bytes: Buffer.from(JSON.stringify(wish)) } });
  terminal.say(words.begun(seconds));
  // One test more than before, and it is over: the first look may still show the last.
  const isOver = (now: LineView): boolean => now.test !== null && now.test.since !== line.test?.since && now.test.endedAt !== null;
  for (let look = 0; look < seconds + LOOKS_MORE; look += 1) {
    const now = await find();
    if (now !== undefined && isOver(now)) {
      terminal.say(resultText(now, terminal.language));
      return true;
    }
    await setTimeout(lookMs);
  }
  throw new Error(words.lost);
}
