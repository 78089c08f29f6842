import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { LEAST_NODE } from '../../gateway/cli/doctor.ts';
import { judgeBackup } from '../../gateway/doctor/backup.ts';
import { judgeTls } from '../../gateway/doctor/certificate.ts';
import { judgeClock } from '../../gateway/doctor/clock.ts';
import { judgeDatabase } from '../../gateway/doctor/databases.ts';
import { bytes, type Finding, line } from '../../gateway/doctor/finding.ts';
import { judgeKeys } from '../../gateway/doctor/keys.ts';
import { judgeLog } from '../../gateway/doctor/log.ts';
import { judgePlace, judgeRoom } from '../../gateway/doctor/place.ts';
import { judgePort } from '../../gateway/doctor/ports.ts';
import { judgeRunning } from '../../gateway/doctor/running.ts';
import { judgeWeak } from '../../gateway/doctor/weak-links.ts';
import { atLeast, judgeNode } from '../../gateway/doctor/software.ts';

const NOW = Date.UTC(2026, 10, 23, 12);
const [MINUTE, DAY] = [60_000, 86_400_000];
const GB = 1e9;
const levels = (findings: Finding | Finding[]): string[] => [findings].flat().map(({ level }) => level);

/** Whatever is not well must say in both languages what to do. */
function checked(findings: Finding | Finding[]): string[] {
  for (const finding of [findings].flat()) {
    expect(finding.found.zh + finding.found.en).not.toMatch(/undefined|NaN|\[object/);
    if (finding.level !== 'well') expect([finding.act?.zh, finding.act?.en], finding.found.en).toEqual([expect.stringMatching(/\S/), expect.stringMatching(/\S/)]);
  }
  return levels(findings);
}

describe('the doctor says well, "have it in mind" or "must be done" of', () => {
  test('the data directory and its rights', () => {
    const place = { data: '/srv/doorbook', writable: true, openKeys: [], openFiles: [] };
    expect(checked(judgePlace(place))).toEqual(['well']);
    expect(checked(judgePlace({ ...place, openFiles: ['register.sqlite'] }))).toEqual(['warn']);
    expect(checked(judgePlace({ ...place, openKeys: ['keys/keys.json'] }))).toEqual(['fail']);
    expect(checked(judgePlace({ ...place, writable: false }))).toEqual(['fail']);
  });

  test.each([
    ['plenty', { used: 50 * GB, free: 50 * GB }, 1e6, 'well'],
    ['less than a fifth left', { used: 81 * GB, free: 19 * GB }, 1e6, 'warn'],
    ['less than 2 GB left', { used: 1 * GB, free: 1.9 * GB }, 1e6, 'warn'],
    ['less than 500 MB left', { used: 0.1 * GB, free: 0.49 * GB }, undefined, 'fail'],
    ['enough for three weeks only', { used: 50 * GB, free: 50 * GB }, 2.3 * GB, 'warn'],
    ['a log too young to say', { used: 50 * GB, free: 50 * GB }, undefined, 'well'],
  ] as const)('the disk: %s', (_, space, perDay, level) => {
    expect(checked(judgeRoom({ space, perDay, reserveHeld: true }))).toEqual([level]);
  });

  test('esp-rfid boards, which are weak links whatever is done', () => {
    const at = { host: '192.0.2.7', port: 1884 };
    expect(checked(judgeWeak({ doors: 0, at: undefined }))).toEqual([]);
    expect(checked(judgeWeak({ doors: 2, at }))).toEqual(['warn']);
    expect(checked(judgeWeak({ doors: 2, at: undefined }))).toEqual(['warn', 'warn']);
    expect(judgeWeak({ doors: 2, at })[0]?.found.en).toMatch(/^Weak link: 2 doors/);
  });

  test('the days that are left, and the reserve', () => {
    const [space, reserve] = judgeRoom({ space: { used: 50 * GB, free: 50 * GB }, perDay: 0.5 * GB, reserveHeld: false });
    expect(space?.found.en).toBe('50.0 GB left on the disk, enough for 100 days at the present pace');
    expect(reserve?.level).toBe('warn');
  });

  test.each([
    [{ synchronized: true }, 'well'],
    [{}, 'well'],
    [{ synchronized: false }, 'warn'],
    [{ newestEntry: NOW + 4 * MINUTE }, 'well'],
    [{ newestEntry: NOW + 6 * MINUTE, synchronized: true }, 'fail'],
    [{ newestFile: NOW + 6 * MINUTE }, 'fail'],
  ] as const)('the clock, %j', (facts, level) => {
    expect(checked(judgeClock({ now: NOW, newestEntry: NOW - DAY, newestFile: NOW - MINUTE, synchronized: undefined, ...facts }))).toEqual([level]);
  });

  const certificate = { validFrom: NOW - DAY, validTo: NOW + 90 * DAY, keyFits: true, names: (host: string) => host === 'doors.example.cn' };
  test.each([
    ['good for months', certificate, 'well'],
    ['its last month', { ...certificate, validTo: NOW + 29 * DAY }, 'warn'],
    ['its last week', { ...certificate, validTo: NOW + 6 * DAY }, 'fail'],
    ['expired', { ...certificate, validTo: NOW - DAY }, 'fail'],
    ['not valid yet', { ...certificate, validFrom: NOW + DAY }, 'fail'],
    ['of another key', { ...certificate, keyFits: false }, 'fail'],
    ['of another host', { ...certificate, names: () => false }, 'fail'],
    ['not readable', { unreadable: 'no PEM' }, 'fail'],
    ['of a proxy', undefined, 'well'],
  ] as const)('the certificate: %s', (_, found, level) => {
    expect(checked(judgeTls({ now: NOW, publicUrl: 'https://doors.example.cn', certificate: found, demo: false }))).toEqual([level]);
  });

  test('no certificate at all: of a site a warning, of the demo none', () => {
    const none = { now: NOW, publicUrl: undefined, certificate: undefined };
    expect(checked([judgeTls({ ...none, demo: false }), judgeTls({ ...none, demo: true })])).toEqual(['warn', 'well']);
  });

  const last = { at: NOW - DAY, dir: '/backup', keysDir: '/stick', bytes: 5e6, ok: true };
  test.each([
    ['yesterday’s', last, 'well'],
    ['eight days old', { ...last, at: NOW - 8 * DAY }, 'well'],
    ['older', { ...last, at: NOW - 8 * DAY - 1 }, 'warn'],
    ['failed', { ...last, ok: false, error: 'no room' }, 'fail'],
    ['none, of an old site', undefined, 'warn'],
  ] as const)('the backup: %s', (_, found, level) => {
    expect(checked(judgeBackup({ now: NOW, last: found, since: NOW - 30 * DAY, demo: false }))).toEqual([level]);
  });

  test('no backup yet: of a new site and of the demo nothing to warn of', () => {
    expect(checked(judgeBackup({ now: NOW, last: undefined, since: NOW - DAY, demo: false }))).toEqual(['well']);
    expect(checked(judgeBackup({ now: NOW, last: { ...last, ok: false }, since: 0, demo: true }))).toEqual(['well']);
  });

  test.each([
    [true, 'answers', 'well'],
    [false, 'free', 'well'],
    [false, 'answers', 'fail'],
    [false, 'refused', 'fail'],
    [true, 'free', 'fail'],
  ] as const)('a port, gateway running: %s, %s', (running, state, level) => {
    expect(checked(judgePort({ setting: 'MQTT_PORT', port: 1883, state, running }))).toEqual([level]);
    expect(judgePort({ setting: 'PORT', port: 0, state, running }).level).toBe('well');
  });

  const database = { name: 'register' as const, report: { state: 'ok' as const, faults: [], version: 0 }, problem: undefined, current: true, file: 1e6, wal: 1e5 };
  test.each([
    ['whole', database, ['well']],
    ['large, looked at in part', { ...database, report: { ...database.report, state: 'partly' } }, ['well']],
    ['of an earlier version', { ...database, current: false }, ['well', 'warn']],
    ['with a write-ahead log that grows', { ...database, wal: 2e8 }, ['well', 'warn']],
    ['not there yet', { ...database, report: { ...database.report, state: 'missing' } }, ['warn']],
    ['damaged', { ...database, report: { state: 'faulty', faults: ['row 3 missing from index'], version: 0 } }, ['fail']],
    ['of a newer version', { ...database, problem: 'used by a newer Doorbook' }, ['fail']],
  ] as const)('a database: %s', (_, facts, expected) => {
    expect(checked(judgeDatabase(facts))).toEqual(expected);
  });

  const keys = { problem: undefined, uneven: [], opensLog: true, opensRegister: true };
  test.each([
    ['good', keys, ['well']],
    ['of a site without people yet', { ...keys, opensLog: undefined, opensRegister: undefined }, ['well']],
    ['with one copy behind', { ...keys, uneven: ['root'] }, ['warn']],
    ['of another register', { ...keys, opensRegister: false }, ['fail']],
    ['of another log', { ...keys, opensLog: false }, ['fail']],
    ['damaged', { ...keys, problem: 'The key files are damaged.' }, ['fail']],
  ] as const)('keys: %s', (_, facts, expected) => {
    expect(checked(judgeKeys(facts))).toEqual(expected);
  });

  const checkpoint = { size: 640, at: NOW, rootAgrees: true, signed: true };
  test.each([
    ['as signed', { problem: undefined, checkpoint }, 'well'],
    ['without a checkpoint yet', { problem: undefined, checkpoint: undefined }, 'well'],
    ['changed', { problem: undefined, checkpoint: { ...checkpoint, rootAgrees: false } }, 'fail'],
    ['with a forged checkpoint', { problem: undefined, checkpoint: { ...checkpoint, signed: false } }, 'fail'],
    ['that cannot be read', { problem: 'file is not a database', checkpoint: undefined }, 'fail'],
  ] as const)('the log: %s', (_, facts, level) => {
    expect(checked(judgeLog(facts))).toEqual([level]);
  });

  const queues = { entries: 0, writes: 0, lists: 0, changes: 0, deviceEvents: 0 };
  const alarm = (what: string) => ({ what, message: { zh: '有事', en: 'Something' }, since: NOW });
  test.each([
    ['quiet', { alarms: [], queues, restarts: 0 }, ['well']],
    ['a growing queue', { alarms: [], queues: { ...queues, changes: 5000 }, restarts: 0 }, ['warn']],
    ['threads that keep ending', { alarms: [], queues, restarts: 4 }, ['warn']],
    ['a small alarm', { alarms: [alarm('desk-ended')], queues, restarts: 1 }, ['warn']],
    ['a serious one', { alarms: [alarm('log-forked')], queues, restarts: 0 }, ['fail']],
    ['one the doctor looks at himself', { alarms: [alarm('disk-80'), alarm('backup-failed')], queues, restarts: 0 }, ['well']],
  ] as const)('the running gateway: %s', (_, told, expected) => {
    expect(checked(judgeRunning({ state: 'runs', told: { ...told, alarms: [...told.alarms] } }))).toEqual(expected);
  });

  test('a gateway that is stopped is no trouble, one that is silent is', () => {
    expect(checked([...judgeRunning({ state: 'stopped' }), ...judgeRunning({ state: 'silent', why: 'no answer' })])).toEqual(['well', 'fail']);
  });

  test('Node: the oldest that is good is the one package.json asks for', () => {
    expect(JSON.parse(readFileSync('package.json', 'utf8')).engines.node).toBe(`>=${LEAST_NODE}`);
    expect(checked([judgeNode('20.20.2', LEAST_NODE), judgeNode('20.18.9', LEAST_NODE)])).toEqual(['well', 'fail']);
    expect([atLeast('20.19.0', '20.19.0'), atLeast('22.0.0', '20.19.0'), atLeast('20.9.0', '20.19.0'), atLeast('9.99.99', '20.19.0')]).toEqual([true, true, false, false]);
  });
});

test('a line: the mark, what was found, and below it what to do', () => {
  const finding: Finding = { level: 'fail', found: { zh: '坏了', en: 'It is broken' }, act: { zh: '修好', en: 'Mend it' } };
  expect([line(finding, 'zh'), line(finding, 'en')]).toEqual(['✗ 坏了\n    → 修好', '✗ It is broken\n    → Mend it']);
  expect([bytes(1.5e9), bytes(9.4e6), bytes(0)]).toEqual(['1.5 GB', '9 MB', '0 MB']);
});
