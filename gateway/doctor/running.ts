import type { AlarmList } from '../http/schemas/health.ts';
import { type Finding, trouble, well } from './finding.ts';

/** What the gateway says of itself. `silent`: its process is there and does not answer. */
export type RunningFacts = { readonly state: 'stopped' } | { readonly state: 'silent'; readonly why: string } | { readonly state: 'runs'; readonly told: AlarmList };

/** Looked at by themselves, also without a gateway. */
const OWN = /^(disk-|backup-)/;
const SERIOUS: ReadonlySet<string> = new Set([
  'log-forked',
  'log-lost',
  'keys-lost',
  'entry-damaged',
  'storage-failing',
  'stalled',
  'log-waiting',
  'register-waiting',
  'register-unread',
  'mqtt-port',
  'console-port',
  'clock-jump',
]);

/** From here on something is not keeping up. */
const MOST: Readonly<Record<keyof AlarmList['queues'], number>> = { entries: 1000, writes: 100, lists: 1000, changes: 1000, deviceEvents: 1000 };
const QUEUES: Readonly<Record<keyof AlarmList['queues'], { readonly zh: string; readonly en: string }>> = {
  entries: { zh: '等着存盘的记录', en: 'entries waiting for the disk' },
  writes: { zh: '等着写登记库的操作', en: 'writes waiting for the register' },
  lists: { zh: '等着做的门禁名单', en: 'access lists waiting to be made' },
  changes: { zh: '门还不知道的登记变动', en: 'changes the doors do not know yet' },
  deviceEvents: { zh: '还在门控制器上的记录', en: 'entries still on door controllers' },
};
const MANY_RESTARTS = 3;

function queueFindings({ queues }: AlarmList): Finding[] {
  const names: readonly (keyof AlarmList['queues'])[] = ['entries', 'writes', 'lists', 'changes', 'deviceEvents'];
  return names
    .filter((name) => queues[name] > MOST[name])
    .map((name) =>
      trouble(
        'warn',
        { zh: `${QUEUES[name].zh}：${queues[name]}`, en: `${QUEUES[name].en}: ${queues[name]}` },
        { zh: '过一会儿再看；一直不减少就看硬盘和日志', en: 'Look again in a while; if it does not go down, look at disk and log file' },
      ),
    );
}

/** Alarms that last, queues that grow, threads that keep ending. */
export function judgeRunning(facts: RunningFacts): Finding[] {
  if (facts.state === 'stopped') return [well('网关没有运行', 'The gateway is not running')];
  if (facts.state === 'silent')
    return [
      trouble(
        'fail',
        { zh: '网关的进程在，却不应答', en: 'The gateway’s process is there and does not answer' },
        { zh: `看它的日志（${facts.why}）`, en: `Look at its log file (${facts.why})` },
      ),
    ];
  const { told } = facts;
  const alarms = told.alarms.filter(({ what }) => !OWN.test(what));
  const findings = alarms.map(({ what, message }) =>
    trouble(SERIOUS.has(what) ? 'fail' : 'warn', message, { zh: `告警 ${what}：原因没了会自己消失`, en: `Alarm ${what}: it goes by itself once the cause is gone` }),
  );
  findings.push(...queueFindings(told));
  if (told.restarts > MANY_RESTARTS)
    findings.push(
      trouble(
        'warn',
        { zh: `启动以来有部件重新启动了 ${told.restarts} 次`, en: `Parts of it were started again ${told.restarts} times since the start` },
        { zh: '看日志里的原因', en: 'Its log file says why' },
      ),
    );
  return findings.length > 0 ? findings : [well('网关在运行，没有告警，没有积压', 'The gateway runs, without alarms, and nothing waits')];
}
