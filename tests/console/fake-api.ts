import { createReadStream, existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import type { DemoAct, DemoResult } from '../../gateway/http/schemas/demo.ts';
import type { LedgerLine, LiveMessage } from '../../gateway/http/schemas/ledger.ts';
import type { LogNow } from '../../gateway/http/schemas/log-proof.ts';
import type { RosterPreview } from '../../gateway/http/schemas/roster.ts';
import type { Role, SessionView } from '../../gateway/http/schemas/session.ts';
import { type Data, type Letter, pairsOf, rightTo } from '../../gateway/core/matrix.ts';
import { type Reason, sentence } from '../../gateway/core/reasons.ts';
import { access, building, history, line, rulesView, summary, tray, unitView } from './demo-data.ts';

const DIST = join(import.meta.dirname, '../../dist/console');
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** Which right a request needs, as the gateway's routes declare it. */
const RIGHTS: readonly (readonly [RegExp, Data, Letter])[] = [
  [/^GET \/buildings/, 'building', 'R'],
  [/^GET \/units\//, 'occupants', 'R'],
  [/^GET \/doors\//, 'door', 'R'],
  [/^POST \/doors\/\d+\/unlock$/, 'remoteUnlock', 'X'],
  [/^GET \/entries/, 'ledger', 'R'],
  [/^POST \/imports/, 'exchange', 'C'],
];

/** A stand-in for the desk side: the built console and an API with the demo building, to be bent by a test. */
export class FakeApi {
  url = '';
  role: Role | undefined = 'SA';
  demo = true;
  /** The demo's doors are in their PIN hours. */
  asksPin = false;
  setup = false;
  buildings = [summary];
  lines: LedgerLine[];
  /** Replace the answer to `METHOD /path`; undefined lets it through. */
  bend: (request: string, body?: string) => { status: number; body: unknown } | undefined = () => undefined;
  /** What the gateway says of its log. */
  log: LogNow = { checkpoint: null, earlier: [], daily: false };
  preview: RosterPreview | undefined;
  readonly acts: DemoAct[] = [];
  /** Every request with its query. */
  readonly asked: string[] = [];
  readonly csrfSeen: (string | undefined)[] = [];
  readonly sinceSeen: number[] = [];
  readonly #network = new Map<string, boolean>();
  readonly #power = new Map<string, boolean>();
  readonly #sockets = new Set<WebSocket>();
  #refusing = false;
  readonly #http = createServer((request, response) => void this.#answer(request, response));
  readonly #live = new WebSocketServer({ noServer: true });

  constructor() {
    this.lines = history(Date.now());
    this.#http.on('upgrade', (request, socket, head) => {
      if (this.#refusing || this.role === undefined || rightTo('ledger', this.role, 'R') === undefined) {
        socket.destroy();
        return;
      }
      this.#live.handleUpgrade(request, socket, head, (client) => this.#follow(client, new URL(request.url ?? '/', 'http://x')));
    });
  }

  async start(): Promise<string> {
    if (!existsSync(join(DIST, 'index.html'))) throw new Error('dist/console is not built: run npx vite build');
    await new Promise<void>((done) => {
      this.#http.listen(0, '127.0.0.1', () => done());
    });
    const address = this.#http.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const { port }: AddressInfo = address;
    this.url = `http://127.0.0.1:${port}`;
    return this.url;
  }

  async stop(): Promise<void> {
    this.#cut();
    this.#http.closeAllConnections();
    await new Promise<void>((done) => {
      this.#http.close(() => done());
    });
  }

  /** Something happened at a door: kept, and sent to whoever follows. */
  happen(make: (index: number) => LedgerLine): LedgerLine {
    const made = make((this.lines[0]?.index ?? 0) + 1);
    this.lines = [made, ...this.lines];
    this.send({ t: 'lines', lines: [made], last: made.index, gap: false });
    return made;
  }

  /** The gateway goes away for live followers: connections break, new ones are refused until `liveBack`. */
  liveAway(): void {
    this.#refusing = true;
    this.#cut();
  }

  liveBack(): void {
    this.#refusing = false;
  }

  #cut(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  /** To whoever follows. */
  send(message: LiveMessage): void {
    for (const socket of this.#sockets) socket.send(JSON.stringify(message));
  }

  #follow(client: WebSocket, url: URL): void {
    const since = Number(url.searchParams.get('since'));
    this.sinceSeen.push(since);
    this.#sockets.add(client);
    client.on('close', () => this.#sockets.delete(client));
    const last = this.lines[0]?.index ?? 0;
    const missed = this.#seen()
      .filter((row) => row.index > since)
      .reverse();
    const messages: LiveMessage[] = [
      { t: 'hello', last, role: this.role ?? '' },
      { t: 'lines', lines: missed, last, gap: false },
    ];
    for (const message of messages) client.send(JSON.stringify(message));
  }

  #session(): SessionView {
    const names: Partial<Record<Role, string>> = { SA: '运维小周', LL: '房东老陈', OF: '民警小林' };
    return {
      account: this.role === undefined ? null : { id: 1, login: `demo-${this.role.toLowerCase()}`, displayName: names[this.role] ?? '小王', role: this.role, step: 'full' },
      may: this.role === undefined ? [] : pairsOf(this.role),
      assigned: true,
      csrf: 'token-1',
      demo: this.demo,
      setup: this.setup,
    };
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://x');
    if (!url.pathname.startsWith('/api/v1')) {
      this.#file(url.pathname, response);
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const path = url.pathname.slice('/api/v1'.length);
    const what = `${request.method ?? ''} ${path}`;
    this.asked.push(what + url.search);
    if (request.method !== 'GET') this.csrfSeen.push(request.headers['x-csrf-token']?.toString());
    const sent = Buffer.concat(chunks).toString();
    const { status, body } = this.bend(what, sent) ?? this.#route(what, url, sent);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  #file(path: string, response: ServerResponse): void {
    const file = join(DIST, path);
    const found = extname(path) !== '' && existsSync(file);
    if (extname(path) !== '' && !found) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': TYPES[extname(found ? path : '.html')] ?? 'text/html; charset=utf-8', 'content-security-policy': CSP });
    createReadStream(found ? file : join(DIST, 'index.html')).pipe(response);
  }

  #route(what: string, url: URL, text: string): { status: number; body: unknown } {
    const now = Date.now();
    const ok = (body: unknown): { status: number; body: unknown } => ({ status: 200, body });
    const id = Number(/\/(\d+)/.exec(what)?.[1] ?? 0);
    if (what === 'GET /session') return ok(this.#session());
    if (what === 'DELETE /session') this.role = undefined;
    if (what === 'POST /demo/enter') this.role = JSON.parse(text).role;
    if (what === 'POST /session' && JSON.parse(text).password === 'right') this.role = 'LL';
    else if (what === 'POST /session')
      return { status: 401, body: { code: 'WRONG_LOGIN', message: { zh: '账号或密码不对。请再试一次。', en: 'The name or the password is wrong. Try again.' } } };
    if (what === 'POST /setup') this.role = 'SA';
    if (/(session|enter|setup)$/.test(what)) return ok(this.#session());
    if (this.role === undefined) return { status: 401, body: { code: 'SIGN_IN', message: { zh: '请先登录。', en: 'Sign in first.' } } };
    const needed = RIGHTS.find(([pattern]) => pattern.test(what));
    if (needed !== undefined && rightTo(needed[1], this.role, needed[2]) === undefined)
      return { status: 403, body: { code: 'NOT_ALLOWED', message: { zh: '您的账号不能做这件事。', en: 'Your account may not do this.' } } };
    if (what === 'GET /buildings') return ok(this.buildings);
    if (what === 'GET /buildings/1') return ok(building(now, this.role));
    if (/^GET \/(units|buildings)\/\d+\/card-stops$/.test(what)) return ok({ stops: [], next: null });
    if (/^GET \/units\/\d+$/.test(what) && unitView(id, now) !== undefined) return ok(unitView(id, now, this.role));
    if (/^GET \/doors\/[1-4]$/.test(what))
      return ok({ door: building(now, this.role).doorList[id - 1], building: summary, lines: this.lines.filter((row) => row.doorId === id).slice(0, 50) });
    if (/^GET \/doors\/[1-4]\/rules$/.test(what)) return ok(rulesView(this.role));
    if (/^GET \/doors\/[1-4]\/controller$/.test(what))
      return ok({ device: `yc42-d0${id}`, enrolledAt: now - 86_400_000, retiredAt: null, model: 'esp32-door', firmware: '2.1', codeUntil: null, boardCards: '' });
    if (/^POST \/doors\/[1-4]\/unlock$/.test(what)) return ok({ result: 'done' });
    if (what === 'GET /entries') return ok(this.#entries(Number(url.searchParams.get('before') ?? Number.MAX_SAFE_INTEGER), Number(url.searchParams.get('limit'))));
    if (what === 'GET /break-glass') return ok([]);
    if (what === 'GET /door-alarms/count') return ok({ open: 0, more: false });
    if (what === 'GET /commissioning/count') return ok({ doors: 4, without: 0, due: 0 });
    if (what === 'GET /log/checkpoint') return ok(this.log);
    if (what === 'GET /demo/tray') return ok(tray(this.#network, this.#power));
    if (what === 'POST /demo/act') return ok(this.#act(JSON.parse(text)));
    if (what === 'POST /imports' && this.preview !== undefined) return ok({ ...this.preview, fileName: url.searchParams.get('name') });
    if (/^POST \/imports\/\d+\/apply$/.test(what))
      return ok({ people: 8, tenancies: 5, credentials: 9, units: 2, unchanged: 3, skipped: JSON.parse(text).goodRowsOnly === true ? 2 : 0, entry: 1007 });
    return { status: 404, body: { code: 'NOT_FOUND', message: { zh: '这里没有你要看的东西，或者不归你看。', en: 'What you look for is not here, or not yours to see.' } } };
  }

  /** A landlord is sent no grants and no comings and goings, a building leader the state of devices; a door held open is told to neither by a line. */
  #seen(): LedgerLine[] {
    if (this.role === 'BL') return this.lines.filter((row) => row.kind === 'link');
    return this.role === 'LL' ? this.lines.filter((row) => !row.granted && row.code !== 'exit' && row.code !== 'held') : this.lines;
  }

  #entries(before: number, limit: number): { lines: LedgerLine[]; next: number | null } {
    const found = this.#seen().filter((row) => row.index < before);
    return { lines: found.slice(0, limit), next: found.length > limit ? (found[limit - 1]?.index ?? null) : null };
  }

  #act(act: DemoAct): DemoResult {
    this.acts.push(act);
    if (act.act === 'network') this.#network.set(act.doorCode, act.on);
    if (act.act === 'power') this.#power.set(act.doorCode, act.on);
    if (act.act === 'tap' && this.asksPin && act.pin === undefined) return { ok: true, asks: true, ms: 3 };
    if (act.act === 'type') return { ok: true, granted: true, reason: 'OK', why: sentence('OK'), openMs: 5000, ms: 7.4, entry: 1003, offline: false };
    if (act.act !== 'tap') return { ok: true };
    const reason: Reason =
      tray(this.#network, this.#power).cards.find((row) => row.card === act.card)?.expect === 'OK'
        ? 'OK'
        : act.card === '0A0B0C0D'
          ? 'LEASE_ENDED'
          : act.card === '5C5D5E5F'
            ? 'NOT_REGISTERED'
            : 'UNKNOWN_CREDENTIAL';
    const made = this.happen((index) => access(index, Date.now(), reason));
    this.happen((index) => line(index, Date.now(), { kind: 'outcome', code: 'executed', final: 'executed', ref: made.index }));
    return { ok: true, granted: reason === 'OK', reason, why: sentence(reason), openMs: reason === 'OK' ? 5000 : 0, ms: 7.4, entry: made.index, offline: false };
  }
}

/** A preview with mistakes of several kinds, for the import page. */
export const badPreview: RosterPreview = {
  id: 3,
  fileName: '',
  encoding: 'GB18030',
  rows: 13,
  good: 11,
  bad: 2,
  newPeople: 8,
  newTenancies: 5,
  newCredentials: 9,
  newUnits: 2,
  unchanged: 3,
  columns: [
    { header: '姓名', meaning: 'name' },
    { header: '证件号码', meaning: 'documentNumber' },
    { header: '备注', meaning: '' },
  ],
  findings: [
    {
      row: 4,
      column: '证件号码',
      value: '890101199001010110',
      code: 'CHECK_DIGIT',
      reason: { zh: '最后一位校验不对，请对照证件再抄一遍。', en: 'The last digit does not fit the rest. Copy the number from the document again.' },
      warning: false,
    },
    {
      row: 9,
      column: '退租日期',
      value: '2026-02-30',
      code: 'DATE',
      reason: { zh: '没有这一天。请写成 2026-03-01 这样的日期。', en: 'There is no such day. Write it as 2026-03-01.' },
      warning: false,
    },
    {
      row: 11,
      column: '手机号',
      value: '',
      code: 'MISSING',
      reason: { zh: '没有手机号。可以先导入，以后补上。', en: 'No phone number. It can come in now and be added later.' },
      warning: true,
    },
  ],
};
