import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { importRoster, type Terminal } from '../../gateway/cli/import-command.ts';
import { findGateway } from '../../gateway/cli/local-gateway.ts';
import { table } from '../../gateway/cli/roster-report.ts';
import { applyRoster, previewRoster } from '../../gateway/register/import-roster.ts';
import { addBuilding, BUILDING_CODE, NOON, temporaryRegister, type TestRegister } from '../helpers/register.ts';

const PROGRAM = path.resolve('dist/gateway/doorbook.js');
const TOKEN = 'only-for-this-test';
const GOOD = '姓名,证件类型,证件号码,房号,起租日期,备注\n李雷,身份证,890101199003070118,0503,2026-03-01,x\n';
const BAD = `${GOOD}韩梅梅,身份证,890101198808150224,0503,2026-03-01,\n`;

let held: TestRegister;
let server: Server;
let applied: unknown[];
let asked: unknown[];
let fileName: string | null;

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

const SUMMARY = { code: BUILDING_CODE, name: '迎春路 42 号', nameEn: '', address: '', mode: 'scattered', units: 12, doors: 4 };
const DOOR = { id: 5, code: `${BUILDING_CODE}D05`, name: '大门', nameEn: '', kind: 'street', unitId: null, retestDue: null, lockdownUntil: null };
const FITTED = { door: DOOR, site: 'yc42', device: 'yc42-d05', topics: 'ac/1/yc42/d/yc42-d05/', entry: 1 };
const OFFER = {
  device: 'yc42-d05',
  code: 'ABCD-EFGH-JKMN',
  expiresAt: NOON,
  address: '192.0.2.7:8883',
  text: `doorbook:enrol?h=192.0.2.7&p=8883&k=${'A'.repeat(43)}&c=ABCD-EFGH-JKMN`,
};

/** What the gateway says to a new building or door: here whatever was asked is written down and found good, but for one code. */
async function added(request: IncomingMessage, pathname: string): Promise<{ status: number; body: unknown }> {
  const wish: { code?: string } = JSON.parse((await bodyOf(request)).toString());
  asked.push([pathname, wish]);
  const taken = { code: 'TAKEN', message: { zh: '已经有了。', en: 'It is there already.' }, field: 'code', expected: 'another code' };
  if (wish.code === BUILDING_CODE) return { status: 409, body: taken };
  return { status: 200, body: pathname.endsWith('/doors') ? FITTED : { building: { ...SUMMARY, ...wish, id: 9 }, site: '1001b00077', entry: 1 } };
}

/** The routes of the API the commands use, on a real register. */
async function answer(request: IncomingMessage, buildingId: number): Promise<{ status: number; body: unknown }> {
  if (request.headers.authorization !== `Bearer ${TOKEN}`) return { status: 401, body: { code: 'NOT_SIGNED_IN', message: { zh: '请先登录。', en: 'Please sign in first.' } } };
  const url = new URL(request.url ?? '', 'http://x');
  if (url.pathname === `/api/v1/doors/${DOOR.id}/controller/codes`) return { status: 200, body: OFFER };
  if (url.pathname === `/api/v1/doors/${DOOR.id}/controller`)
    return { status: 200, body: { device: FITTED.device, enrolledAt: null, retiredAt: null, model: '', firmware: '', codeUntil: null, boardCards: '' } };
  if (url.pathname === `/api/v1/buildings/${buildingId}` && request.method === 'GET')
    return { status: 200, body: { ...SUMMARY, id: buildingId, floors: [], doorList: [DOOR], openedToday: null, totals: null } };
  if (request.method === 'POST' && url.pathname.startsWith('/api/v1/buildings')) return added(request, url.pathname);
  if (url.pathname === '/api/v1/buildings') return { status: 200, body: [{ ...SUMMARY, id: buildingId }] };
  if (url.pathname === '/api/v1/imports') {
    fileName = url.searchParams.get('name');
    return {
      status: 200,
      body: await previewRoster(
        held.register,
        { buildingId: Number(url.searchParams.get('building')), accountId: null, fileName: fileName ?? '', bytes: await bodyOf(request) },
        NOON,
      ),
    };
  }
  const choice: { goodRowsOnly: boolean; attested: boolean } = JSON.parse((await bodyOf(request)).toString());
  applied.push(choice);
  const done = await applyRoster(held.register, Number(url.pathname.split('/')[4]), { ...choice, now: NOON });
  return { status: 200, body: { ...done, entry: 1 } };
}

beforeEach(async () => {
  held = await temporaryRegister();
  applied = [];
  asked = [];
  const { buildingId } = await addBuilding(held);
  server = createServer((request, response) => {
    answer(request, buildingId).then(
      ({ status, body }) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  running(TOKEN);
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  await held.close();
});

function running(token: string): void {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  writeFileSync(path.join(held.dir, 'run.json'), JSON.stringify({ url: `http://127.0.0.1:${address.port}`, token, pid: 1, mqttPort: 0 }));
}

function roster(content: string): string {
  const file = path.join(held.dir, '花名册.csv');
  writeFileSync(file, content);
  return file;
}

/** The program as a person without a terminal starts it. */
function run(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [PROGRAM, ...args], { env: { ...process.env, DOORBOOK_DATA: held.dir, LANG: 'C', LC_ALL: 'C' }, stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, err] = ['', ''];
    child.stdout.on('data', (part) => {
      out += part;
    });
    child.stderr.on('data', (part) => {
      err += part;
    });
    child.on('close', (code) => resolve({ code, out, err }));
  });
}
const people = (): Promise<number> => held.register.read.person.count();

describe('npm run doorbook -- import', () => {
  test('imports a good roster, says what it did, and sends the landlord’s statement only when it was made', async () => {
    const first = await run('import', roster(GOOD), '--building', BUILDING_CODE, '--yes', '--unchecked');
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(first.out).toContain('花名册.csv (UTF-8): 1 rows, 1 can come in, 0 cannot.');
    expect(first.out).toContain('Columns not used: 备注');
    expect(first.out).toContain('the documents are not checked');
    expect(first.out).toContain('Imported: 1 people, 1 tenancies, 0 cards');
    const second = await run('import', roster(GOOD), '--building', BUILDING_CODE, '--yes', '--lang', 'zh');
    expect(second.out).toContain('已导入：0 人');
    expect(applied).toEqual([
      { goodRowsOnly: false, attested: false },
      { goodRowsOnly: false, attested: true },
    ]);
    expect([await people(), fileName]).toEqual([1, '花名册.csv']);
  });

  test('a bad row is listed and keeps all out, with exit code 1; --good-rows-only leaves it out', async () => {
    const file = roster(BAD);
    const refused = await run('import', file, '--building', BUILDING_CODE, '--yes');
    expect([refused.code, await people()]).toEqual([1, 0]);
    expect(refused.out).toMatch(/^3 +refused +证件号码 +890101198808150224 +The check digit does not fit/m);
    expect(refused.out).toContain('add --good-rows-only');
    expect((await run('import', file, '--building', BUILDING_CODE, '--yes', '--good-rows-only')).out).toContain('1 were left out');
    expect(await people()).toBe(1);
  });

  test('in a script the command is the decision: a faultless file comes in, and states that documents were checked', async () => {
    const result = await run('import', roster(GOOD), '--building', BUILDING_CODE);
    expect([result.code, await people(), applied]).toEqual([0, 1, [{ goodRowsOnly: false, attested: true }]]);
    expect(result.out).toContain('states that the landlord has checked');
  });

  test('called in a wrong way it explains itself with exit code 2', async () => {
    for (const args of [
      [],
      ['export'],
      ['import'],
      ['import', 'x.csv'],
      ['import', 'x.csv', '--building', 'B', '--nonsense'],
      ['import', 'a', 'b', '--building', 'B'],
      ['import', 'a', '--building', 'B', '--lang', 'fr'],
      ['import', 'a', '--building', 'B', '--kind', 'street'],
      ['add-building', 'B'],
      ['add-building', 'B', '--name', 'x', '--yes'],
      ['add-door', 'B', '--name', 'x'],
      ['add-door', 'B', '--kind', 'street', '--name', 'x', '--cards', 'uid'],
      ['add-door', 'B', '--kind', 'street', '--name', 'x', '--board', 'other'],
      ['add-door', 'B', '--kind', 'street', '--name', 'x', '--board', 'esp-rfid', '--cards', 'other'],
    ]) {
      const { code, err } = await run(...args);
      expect([code, err.includes('Usage: npm run doorbook')]).toEqual([2, true]);
    }
    expect(await run('--help')).toMatchObject({ code: 0, err: '' });
  });

  test('an unknown building, no file, an empty file and a folder each get their sentence', async () => {
    expect((await run('import', roster(GOOD), '--building', 'B9')).err).toContain(`--building B9: no such building. There are: ${BUILDING_CODE}`);
    expect(await run('import', 'nowhere.csv', '--building', BUILDING_CODE)).toMatchObject({ code: 1, err: 'nowhere.csv: there is no such file.\n' });
    expect((await run('import', roster(''), '--building', BUILDING_CODE)).err).toContain('the file is empty');
    expect((await run('import', held.dir, '--building', BUILDING_CODE)).err).toContain('this is not a file');
  });

  test('a gateway that does not run, or has another token, is said in a sentence', async () => {
    const file = roster(GOOD);
    running('another');
    expect(await run('import', file, '--building', BUILDING_CODE)).toMatchObject({ code: 1, err: 'Please sign in first.\n' });
    writeFileSync(path.join(held.dir, 'run.json'), JSON.stringify({ url: 'http://127.0.0.1:9', token: TOKEN, pid: 1, mqttPort: 0 }));
    expect((await run('import', file, '--building', BUILDING_CODE)).err).toMatch(/^The gateway is not running\. Start it with: npm start \(nothing answers/);
    writeFileSync(path.join(held.dir, 'run.json'), '{"url"');
    expect((await run('import', file, '--building', BUILDING_CODE)).err).toContain('cannot be read');
    rmSync(path.join(held.dir, 'run.json'));
    expect(await run('import', file, '--building', BUILDING_CODE)).toMatchObject({ code: 1 });
  });
});

describe('npm run doorbook -- add-building and add-door', () => {
  const NEW = '890101001001B00077';

  test('a building is asked for as it was written, and the next command is named', async () => {
    const options = ['--name-en', '77 Yingchun Road', '--address', '测试市', '--mode', 'hotel', '--reader-bits', '56', '--reader-order', 'lsb', '--site', 'yc77'];
    const { code, out, err } = await run('add-building', NEW, '--name', '迎春路 77 号', ...options);
    expect([code, err]).toEqual([0, '']);
    expect(out).toBe(`Added: ${NEW} 迎春路 77 号\nSite id: 1001b00077\nNext, its door: npm run doorbook -- add-door ${NEW} --kind street --name 大门\n`);
    const wish = { code: NEW, name: '迎春路 77 号', nameEn: '77 Yingchun Road', address: '测试市', mode: 'hotel', readerBits: 56, readerOrder: 'lsb', site: 'yc77' };
    expect(asked).toEqual([['/api/v1/buildings', wish]]);
  });

  test('a code that is there already is said with the field and what was expected', async () => {
    expect(await run('add-building', BUILDING_CODE, '--name', 'x')).toMatchObject({ code: 1, out: '', err: 'It is there already. (code: another code)\n' });
  });

  test('a door comes with a code for its controller, as QR and as a line', async () => {
    const { code, out, err } = await run('add-door', BUILDING_CODE, '--kind', 'unit', '--name', '大门', '--room', '0302');
    expect([code, err]).toEqual([0, '']);
    const lines = out.trim().split('\n');
    expect(lines.slice(0, 2)).toEqual([`Added: ${DOOR.code} 大门`, 'Device id: yc42-d05']);
    expect(lines.slice(2, -3).every((line) => /^[ █▀▄]{30,}$/.test(line))).toBe(true);
    expect(lines.slice(-3)).toEqual([
      expect.stringMatching(/^Code: ABCD-EFGH-JKMN \(good until \d\d:\d\d, once\)$/),
      OFFER.text,
      expect.stringContaining(`npm run doorbook -- add-code ${DOOR.code}`),
    ]);
    expect(asked).toEqual([[expect.stringMatching(/^\/api\/v1\/buildings\/\d+\/doors$/), { kind: 'unit', name: '大门', room: '0302' }]]);
    expect((await run('add-door', NEW, '--kind', 'street', '--name', 'x')).err).toContain(`add-door ${NEW}: no such building`);
  });

  test('another code is made for a door that is there, by its code as it is written', async () => {
    expect(await run('add-code', DOOR.code.toLowerCase())).toMatchObject({ code: 0, out: expect.stringContaining(OFFER.text) });
    expect((await run('add-code', `${BUILDING_CODE}D77`)).err).toContain(`There is no door ${BUILDING_CODE}D77`);
    expect((await run('add-code', BUILDING_CODE)).err).toContain(`There is no door ${BUILDING_CODE}.`);
  });
});

describe('at a terminal', () => {
  const ask = async (yes: boolean): Promise<{ done: boolean; said: string; questions: string[] }> => {
    const [said, questions]: string[][] = [[], []];
    const terminal: Terminal = {
      language: 'zh',
      say: (text) => void said?.push(text),
      confirm: (question) => {
        questions?.push(question);
        return Promise.resolve(yes);
      },
    };
    const done = await importRoster(findGateway(held.dir, 'zh'), { file: roster(GOOD), building: BUILDING_CODE, goodRowsOnly: false, attest: true, yes: false }, terminal);
    return { done, said: said?.join('\n') ?? '', questions: questions ?? [] };
  };

  test('the person is asked, and no means no', async () => {
    expect(await ask(false)).toMatchObject({ done: false, questions: ['现在导入吗？'] });
    expect(await people()).toBe(0);
    expect((await ask(true)).said).toContain('已导入：1 人');
    expect(await people()).toBe(1);
  });

  test('what comes from the file cannot move the cursor, and Chinese columns stay aligned', () => {
    expect(
      table([
        ['姓名', 'a'],
        ['\u001b[2Jx', 'b'],
      ]),
    ).toBe('姓名   a\n [2Jx  b');
  });
});
