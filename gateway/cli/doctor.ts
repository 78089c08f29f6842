import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Config, ConfigError, readConfig } from '../config.ts';
import { AlarmList } from '../http/schemas/health.ts';
import { judgeBackup } from '../doctor/backup.ts';
import { judgeTls, tlsFacts } from '../doctor/certificate.ts';
import { judgeClock, newestChange, timeService } from '../doctor/clock.ts';
import { databaseFacts, judgeDatabase } from '../doctor/databases.ts';
import { type Finding, line, trouble } from '../doctor/finding.ts';
import { judgeKeys, keyFacts } from '../doctor/keys.ts';
import { judgeLog, logFacts } from '../doctor/log.ts';
import { judgePlace, judgeRoom, placeFacts, reserveHeld } from '../doctor/place.ts';
import { judgePort, portState } from '../doctor/ports.ts';
import { judgeRunning, type RunningFacts } from '../doctor/running.ts';
import { judgeNode } from '../doctor/software.ts';
import { judgeWeak, weakFacts } from '../doctor/weak-links.ts';
import { lastBackup, siteSince } from '../machine/backups.ts';
import { diskSpace } from '../machine/disk.ts';
import { DATABASES, databaseSize } from '../machine/wal.ts';
import { said } from '../patience.ts';
import { logGrowth } from '../store/database-check.ts';
import type { Command, CommandPlace } from './command.ts';

/** `engines` of package.json. */
export const LEAST_NODE = '20.19.0';

/** A group of looks; one that throws is itself something to be told. */
async function look(what: { readonly zh: string; readonly en: string }, group: () => Finding[] | Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await group();
  } catch (error) {
    return [
      trouble(
        'fail',
        { zh: `${what.zh}查不了：${said(error)}`, en: `${what.en} could not be looked at: ${said(error)}` },
        { zh: '按上面说的做，再运行一次', en: 'Do what it says, and run this again' },
      ),
    ];
  }
}

function isAlive(data: string): boolean {
  try {
    return process.kill(Number(readFileSync(path.join(data, 'gateway.pid'), 'utf8')), 0);
  } catch {
    return false;
  }
}

async function runningFacts({ data, gateway }: CommandPlace): Promise<RunningFacts> {
  try {
    return { state: 'runs', told: await gateway().ask(AlarmList, { method: 'GET', path: '/alarms' }) };
  } catch (error) {
    return isAlive(data) ? { state: 'silent', why: said(error) } : { state: 'stopped' };
  }
}

const growthOf = (data: string) => {
  const file = path.join(data, 'journal.sqlite');
  return existsSync(file) ? logGrowth(file) : undefined;
};

async function roomFindings(data: string): Promise<Finding[]> {
  const growth = growthOf(data);
  const { file, wal } = databaseSize(data, 'journal');
  const entryBytes = growth === undefined ? 0 : (file + wal) / growth.entries;
  const perDay = growth?.entriesPerDay === undefined ? undefined : growth.entriesPerDay * entryBytes;
  return judgeRoom({ space: await diskSpace(data), perDay, reserveHeld: reserveHeld(data) || !existsSync(path.join(data, 'journal.sqlite')) });
}

/** A running gateway says itself where it listens: this command may have been started with other settings. */
async function portFindings({ gateway }: CommandPlace, config: Config, running: boolean): Promise<Finding[]> {
  const { host } = config;
  const { port, mqttPort, mqttsPort } = running ? gateway().ports : { ...config, mqttsPort: config.doors?.port };
  const ports = [
    { setting: 'PORT', host, port },
    { setting: 'MQTT_PORT', host: '127.0.0.1', port: mqttPort },
    ...(mqttsPort === undefined ? [] : [{ setting: 'MQTTS_PORT', host: config.doors?.host ?? host, port: mqttsPort } as const]),
    ...(config.boards === undefined ? [] : [{ setting: 'ESP_RFID_PORT', ...config.boards } as const]),
  ] as const;
  return Promise.all(ports.map(async ({ setting, host: at, port: number }) => judgePort({ setting, port: number, state: await portState(at, number), running })));
}

/** The settings as the gateway would read them, or the sentence that says what is wrong with them. */
function settings({ data, env }: CommandPlace): Config | Finding {
  try {
    // Two folders up is where the demo's own place under the project is seen from.
    return readConfig(env, path.resolve(data, '../..'));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return trouble('fail', { zh: `设置不对：${error.message}`, en: error.message }, { zh: '改正这个设置', en: 'Correct this setting' });
  }
}

async function findings(place: CommandPlace, now: number): Promise<Finding[]> {
  const { data } = place;
  const node = judgeNode(process.versions.node, LEAST_NODE);
  if (!existsSync(data))
    return [
      node,
      trouble(
        'fail',
        { zh: `没有数据目录 ${data}`, en: `There is no data directory ${data}` },
        { zh: '用 DOORBOOK_DATA 指明目录，或先启动一次网关', en: 'Name it with DOORBOOK_DATA, or start the gateway once' },
      ),
    ];
  const config = settings(place);
  const running = await runningFacts(place);
  const bySettings =
    'level' in config
      ? [config]
      : [
          ...(await look({ zh: '端口', en: 'The ports' }, () => portFindings(place, config, running.state === 'runs'))),
          ...(await look({ zh: '证书', en: 'The certificate' }, () => [judgeTls(tlsFacts(config, now))])),
          ...(await look({ zh: '弱连接', en: 'Weak links' }, () => judgeWeak(weakFacts(data, config.boards)))),
          judgeBackup({ now, last: lastBackup(data), since: siteSince(data), demo: config.demo }),
        ];
  return [
    node,
    ...(await look({ zh: '数据目录', en: 'The data directory' }, () => judgePlace(placeFacts(data)))),
    ...(await look({ zh: '硬盘', en: 'The disk' }, () => roomFindings(data))),
    ...(await look({ zh: '时间', en: 'The clock' }, () => [
      judgeClock({ now, newestEntry: growthOf(data)?.newestAt, newestFile: newestChange(data), synchronized: timeService() }),
    ])),
    ...bySettings,
    ...(await look({ zh: '数据库', en: 'The databases' }, () => DATABASES.flatMap((name) => judgeDatabase(databaseFacts(data, name))))),
    ...(await look({ zh: '密钥', en: 'The keys' }, () => judgeKeys(keyFacts(data)))),
    ...(await look({ zh: '记录簿', en: 'The log' }, () => [judgeLog(logFacts(data))])),
    ...judgeRunning(running),
  ];
}

const LAST = {
  zh: { well: '一切正常。', warn: '能用；带“!”的请记着处理。', fail: '带“✗”的必须处理。' },
  en: { well: 'All is well.', warn: 'It works; have in mind what is marked "!".', fail: 'What is marked "✗" must be done.' },
} as const;

/** Looks whether all is well here, whether the gateway runs or not, and says what to do. True when nothing must be done. */
export const doctor: Command = async (place, { language, say }) => {
  const found = await findings(place, Date.now());
  for (const finding of found) say(line(finding, language));
  const worst = found.some(({ level }) => level === 'fail') ? 'fail' : found.some(({ level }) => level === 'warn') ? 'warn' : 'well';
  say(LAST[language][worst]);
  return worst !== 'fail';
};
