import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALARM_WORDS, isAlarmKind } from '../../gateway/alarm-words.ts';
import { REASONS } from '../../gateway/core/reasons.ts';
import { reasonClass } from '../../gateway/http/metrics-door.ts';
import { BUILDING_CODE } from '../helpers/register.ts';
import { type Browser, signedIn, type World, world } from './fixture.ts';
import { NUMBERS } from './numbers.ts';

let here: World;
let operator: Browser;
beforeAll(async () => {
  here = await world();
  operator = await signedIn(here, 'SA', []);
  here.door.numbers = NUMBERS;
});
afterAll(() => here.close());

const LOCAL = { authorization: 'Bearer local-token-of-this-run' };

/** Every number by its name and labels. */
async function scrape(): Promise<Map<string, number>> {
  const { statusCode, body } = await here.app.inject({ url: '/metrics', headers: LOCAL });
  expect(statusCode).toBe(200);
  const lines = body.split('\n').filter((each) => each !== '' && !each.startsWith('#'));
  return new Map(lines.map((each) => [each.slice(0, each.lastIndexOf(' ')), Number(each.slice(each.lastIndexOf(' ') + 1))]));
}

describe('/metrics', () => {
  test('is in the text form of Prometheus, each family with its help and type', async () => {
    const { headers, body } = await here.app.inject({ url: '/metrics', headers: LOCAL });
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    const families = [...body.matchAll(/^# TYPE (\S+) (counter|gauge|histogram)$/gm)].map(([, name]) => name);
    expect(families.length).toBeGreaterThan(35);
    expect(new Set(families).size).toBe(families.length);
    for (const name of families) expect(body).toMatch(new RegExp(`^# HELP ${name} \\S.*\\.$`, 'm'));
    for (const each of body.split('\n').filter((line) => line !== '' && !line.startsWith('#')))
      expect(each).toMatch(/^[a-z0-9_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? -?[0-9.e+-]+$/);
  });

  test('tells what the door side counted', async () => {
    const found = await scrape();
    for (const [name, value] of [
      ['doorbook_door_decisions_total{result="granted"}', 7],
      ['doorbook_door_decisions_total{result="refused"}', 2],
      ['doorbook_door_decisions_total{result="fault"}', 1],
      ['doorbook_door_decisions_total{result="stale"}', 1],
      ['doorbook_door_decisions_total{result="suspect"}', 0],
      ['doorbook_door_verdict_seconds_bucket{le="0.001"}', 3],
      ['doorbook_door_verdict_seconds_bucket{le="0.005"}', 9],
      ['doorbook_door_verdict_seconds_bucket{le="2"}', 10],
      ['doorbook_door_verdict_seconds_bucket{le="+Inf"}', 11],
      ['doorbook_door_verdict_seconds_count', 11],
      ['doorbook_door_verdict_seconds_sum', 3.5],
      ['doorbook_controllers{state="offline"}', 1],
      ['doorbook_controllers_wrong_list', 1],
      ['doorbook_device_events_waiting', 12],
      ['doorbook_broker_refused_total{why="password"}', 5],
      ['doorbook_journal_last_index', 411],
      ['doorbook_journal_outstanding', 6],
      ['doorbook_checkpoint_size', 384],
      ['doorbook_checkpoint_age_seconds', 9],
      ['doorbook_index_load_seconds', 0.25],
      ['doorbook_index_change_lag', 4],
      ['doorbook_lists_waiting', 2],
      ['doorbook_thread_restarts_total{thread="desk"}', 2],
      ['doorbook_alarms_total{what="stalled"}', 2],
      ['doorbook_heap_bytes{thread="doors"}', 50_000_000],
    ] as const)
      expect([name, found.get(name)]).toEqual([name, value]);
  });

  test('tells of serial lines and their devices', async () => {
    const device = { address: 1, secured: true, identity: '', pollsPerSecond: 9 };
    const counts = { sent: 50, answered: 49, repeated: 3, badChecks: 2, stray: 1 };
    here.lines.push(
      {
        id: 1,
        portUp: true,
        why: '',
        counts,
        devices: [
          { id: 1, state: 'up', ...device },
          { id: 2, state: 'degraded', ...device },
        ],
      },
      {
        id: 2,
        portUp: false,
        why: 'x',
        counts,
        devices: [
          { id: 3, state: 'offline', ...device },
          { id: 4, state: 'offline', ...device },
        ],
      },
    );
    const found = await scrape();
    here.lines.length = 0;
    for (const [name, value] of [
      ['doorbook_serial_lines{state="up"}', 1],
      ['doorbook_serial_lines{state="down"}', 1],
      ['doorbook_line_devices{state="up"}', 1],
      ['doorbook_line_devices{state="degraded"}', 1],
      ['doorbook_line_devices{state="offline"}', 2],
      ['doorbook_line_devices{state="waiting"}', 0],
      ['doorbook_line_sent_total', 100],
      ['doorbook_line_repeats_total', 6],
      ['doorbook_line_bad_checks_total', 4],
    ] as const)
      expect([name, found.get(name)]).toEqual([name, value]);
  });

  test('a door side that has not spoken yet leaves its numbers out instead of inventing them', async () => {
    here.door.numbers = undefined;
    const found = await scrape();
    here.door.numbers = NUMBERS;
    expect([...found.keys()].filter((name) => /^doorbook_(journal|checkpoint|index|broker_conn)/.test(name))).toEqual([]);
    expect(found.get('doorbook_door_verdict_seconds_count')).toBe(0);
  });

  test('every reason is in a class, and only a grant is granted', () => {
    expect(REASONS.filter((reason) => reasonClass(reason) === 'granted')).toEqual(['OK']);
    expect(new Set(REASONS.map(reasonClass))).toEqual(new Set(['granted', 'refused', 'stale', 'fault', 'suspect']));
  });

  test('tells which alarms last, out of all there are', async () => {
    here.alarms.push({ what: 'disk-95', message: ALARM_WORDS['disk-95'], since: 1 });
    const raised = [...(await scrape())].filter(([name]) => name.startsWith('doorbook_alarm{'));
    here.alarms.pop();
    expect(raised).toHaveLength(Object.keys(ALARM_WORDS).length);
    expect(raised.filter(([, value]) => value === 1)).toEqual([['doorbook_alarm{what="disk-95"}', 1]]);
  });

  test('tells of disk, databases and sessions, and of the backup once there is one', async () => {
    const before = await scrape();
    expect(before.get('doorbook_disk_free_bytes')).toBeGreaterThan(0);
    expect(before.get('doorbook_database_bytes{database="register"}')).toBeGreaterThan(0);
    expect(before.get('doorbook_sessions')).toBe(1);
    expect(before.has('doorbook_backup_age_seconds')).toBe(false);
    const file = path.join(here.register.dir, 'backups.json');
    writeFileSync(file, JSON.stringify({ last: { at: here.time.now - 3_600_000, dir: '/b', keysDir: '/k', bytes: 5, ok: false } }));
    const after = await scrape();
    rmSync(file);
    expect([after.get('doorbook_backup_age_seconds'), after.get('doorbook_backup_ok')]).toEqual([3600, 0]);
  });

  test('counts requests by declared route and class of status, and their time', async () => {
    const names = ['2xx', '4xx'].map((status) => `doorbook_http_requests_total{method="GET",route="/api/v1/buildings/:id",status="${status}"}`);
    const counts = async (): Promise<number[]> => {
      const found = await scrape();
      return names.map((name) => found.get(name) ?? 0);
    };
    const [good = 0, bad = 0] = await counts();
    for (const id of [here.building.buildingId, here.other.buildingId, 999_999]) await operator.ask('GET', `buildings/${id}`);
    expect(await counts()).toEqual([good + 2, bad + 1]);
    const count = (await scrape()).get('doorbook_http_request_seconds_count{route="/api/v1/buildings/:id"}');
    expect(count).toBe(good + bad + 3);
  });

  test('counts the runs of a job, also those that fail', async () => {
    const name = (family: string): string => `${family}{job="retention"}`;
    const job = here.site.metrics.job('retention', async () => undefined);
    await job();
    expect((await scrape()).get(name('doorbook_job_last_run_seconds'))).toBe(here.time.now / 1000);
    const failing = here.site.metrics.job('retention', () => Promise.reject(new Error('no room')));
    await expect(failing()).rejects.toThrow('no room');
    expect((await scrape()).get(name('doorbook_job_failures_total'))).toBe(1);
  });
});

describe('no label holds data', () => {
  test('not of what is asked for, in whatever part of the address, nor of who asks, nor of what there is', async () => {
    const CANARY = 'Kanarienvogel';
    const { building, app } = here;
    for (const url of [
      `/${CANARY}`,
      `/assets/${CANARY}.js`,
      `/api/v1/${CANARY}`,
      `/api/v1/units/${CANARY}`,
      `/api/v1/buildings/${building.buildingId}?x=${CANARY}`,
      `/problems/${CANARY}`,
    ])
      for (const method of ['GET', 'POST', 'OPTIONS'] as const) await app.inject({ method, url, headers: { ...LOCAL, 'user-agent': CANARY, 'x-csrf-token': CANARY } });
    await operator.ask('POST', 'session', { login: CANARY, password: CANARY });
    const { body } = await app.inject({ url: '/metrics', headers: LOCAL });
    expect(body).not.toContain(CANARY);
    // Codes and names of places, controllers' names, logins of those who are signed in.
    for (const word of [BUILDING_CODE, '迎春路', 'yc42', '大门', 'sa-', here.register.dir]) expect(body, word).not.toContain(word);
  });

  test('labels are only these, and their values only words of the program', async () => {
    const allowed = new Set(['result', 'le', 'state', 'why', 'what', 'thread', 'database', 'method', 'route', 'status', 'job']);
    const routes = new Set(['console', 'none', '/healthz', '/metrics']);
    for (const name of (await scrape()).keys())
      for (const [, label = '', value = ''] of name.matchAll(/([a-z]+)="([^"]*)"/g)) {
        expect(allowed, name).toContain(label);
        if (label === 'route' && !routes.has(value)) expect(value).toMatch(/^\/api\/v1(\/(:?[a-z]+|[a-z-]+))+(\.json)?$/);
        else if (label !== 'route') expect(value, name).toMatch(/^[a-zA-Z0-9.+-]+$/);
      }
  });
});

describe('who may read it', () => {
  const ask = async (headers: Record<string, string>, url = '/metrics'): Promise<number> =>
    (await here.app.inject({ url, headers: { host: 'localhost:8080', ...headers } })).statusCode;

  test('nobody who is not signed in, and no role but the operator and the auditor', async () => {
    expect([await ask({}), await ask({ authorization: 'Bearer wrong' })]).toEqual([401, 401]);
    for (const [role, status] of [
      ['SA', 200],
      ['AU', 200],
      ['PO', 403],
      ['DA', 403],
      ['OF', 403],
      ['LL', 403],
    ] as const) {
      const { cookie } = await signedIn(here, role);
      expect([role, await ask({ cookie }), await ask({ cookie }, '/api/v1/alarms')]).toEqual([role, status, status]);
    }
  });

  test('an access token of the operator with this one right, and none without it', async () => {
    const token = async (scopes: string[]): Promise<string> => String((await operator.ask('POST', 'me/tokens', { name: 'prometheus', scopes, days: 30 })).json['token']);
    const [good, other] = [await token(['machinery:R']), await token(['building:R'])];
    expect([await ask({ authorization: `Bearer ${good}` }), await ask({ authorization: `Bearer ${other}` })]).toEqual([200, 403]);
    expect(await ask({ authorization: `Bearer ${good}` }, '/api/v1/buildings')).toBe(403);
  });
});

test('alarms are told in both languages, with what waits', async () => {
  here.alarms.push({ what: 'log-forked', message: ALARM_WORDS['log-forked'], since: 5 });
  const { status, json } = await operator.ask('GET', 'alarms');
  here.alarms.pop();
  expect(status).toBe(200);
  expect(json).toEqual({
    alarms: [{ what: 'log-forked', message: ALARM_WORDS['log-forked'], since: 5 }],
    queues: { entries: 6, writes: 0, lists: 2, changes: 4, deviceEvents: 12 },
    restarts: 3,
  });
});

test('what is waited for is to be seen by whoever watches the process', async () => {
  const health = async (): Promise<unknown> => (await here.app.inject({ url: '/healthz' })).json();
  expect(await health()).toEqual({ status: 'ok' });
  here.alarms.push({ what: 'mqtt-port', message: ALARM_WORDS['mqtt-port'], since: 5 }, { what: 'disk-80', message: ALARM_WORDS['disk-80'], since: 5 });
  expect(await health()).toEqual({ status: 'ok', waiting: ['mqtt-port'] });
  here.alarms.splice(0);
});

test('the alert rules that come with it ask for numbers there are', async () => {
  const text = readFileSync('docs/prometheus-alerts.yml', 'utf8');
  const families = new Set([...(await scrape()).keys()].map((name) => name.replace(/\{.*/, '')));
  const asked = [...text.matchAll(/^ +expr: (.*)$/gm)].flatMap(([, expression = '']) => [...expression.matchAll(/doorbook_[a-z0-9_]+/g)].map(([name]) => name));
  // Only with a backup, a certificate or a run behind it.
  const sometimes = new Set(['doorbook_backup_age_seconds', 'doorbook_backup_ok', 'doorbook_certificate_days', 'doorbook_job_failures_total']);
  expect(asked.length).toBeGreaterThan(12);
  expect(asked.filter((name) => !families.has(name) && !sometimes.has(name))).toEqual([]);
  for (const [, kinds = ''] of text.matchAll(/what=~?"([a-z|-]+)"/g)) expect(kinds.split('|').filter((kind) => !isAlarmKind(kind))).toEqual([]);
});
