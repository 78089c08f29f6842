import { pairsOf } from '../../gateway/core/matrix.ts';
import type { FactorList, InvitationView, OwnSession } from '../../gateway/http/schemas/own-account.ts';
import type { Role, SessionStep, SessionView } from '../../gateway/http/schemas/session.ts';
import { type Desk, openDesk } from './browser.ts';
import { FakeApi } from './fake-api.ts';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export const RECOVERY = Array.from({ length: 10 }, (_, n) => `7Q2K-M0XD-94T${n}`);
export const TOKEN = 'q'.repeat(43);
const MINUTE = 60_000;

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const refused = (status: number, code: string, zh: string, about: object = {}): Answer => ({ status, body: { code, message: { zh, en: `${code} in words` }, ...about } });

/** A browser before a stand-in for the gateway where somebody signs in step by step, with an account of his own to look after. */
export class AccountDesk {
  readonly api: FakeApi;
  readonly desk: Desk;
  step: SessionStep | undefined;
  role: Role = 'OF';
  assigned = true;
  list: FactorList;
  sessions: OwnSession[];
  invitation: InvitationView;
  /** Answers of one route, before all others. */
  special: Record<string, () => Answer> = {};
  /** What was sent. */
  readonly asked: { readonly what: string; readonly body: unknown }[] = [];
  readonly #usual: Record<string, () => Answer> = {
    'GET /session': () => ok(this.view()),
    'POST /session': () => this.become('factor'),
    'DELETE /session': () => {
      this.step = undefined;
      return ok(this.view());
    },
    'GET /session/factor': () => ok({ totp: true, passkey: true, recovery: true }),
    'POST /session/factor': () => this.become('full'),
    'GET /session/factors': () => ok(this.list),
    'POST /session/factors/totp': () => ok({ id: 5, secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', uri: 'otpauth://totp/Doorbook:lin?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' }),
    'POST /session/factors/totp/5/confirm': () => {
      this.step = 'full';
      return ok({ session: this.view(), recoveryCodes: RECOVERY });
    },
    'POST /session/recovery-codes': () => ok({ recoveryCodes: RECOVERY }),
    'GET /sessions': () => ok(this.sessions),
    'GET /me/tokens': () => ok({ tokens: [], grantable: ['building:R'] }),
    [`GET /invitations/${TOKEN}`]: () => ok(this.invitation),
    [`POST /invitations/${TOKEN}`]: () => this.become('enrol'),
  };

  private constructor(desk: Desk, api: FakeApi) {
    this.desk = desk;
    this.api = api;
    const used = Date.now() - 5 * MINUTE;
    this.list = { factors: [{ id: 1, kind: 'totp', label: '我的手机', createdAt: used, lastUsedAt: used }], recoveryLeft: 9, required: true, passkeyHere: true };
    this.sessions = [
      { id: 'a'.repeat(16), browser: 'Chrome · Windows', address: '192.168.1.20', createdAt: used, lastSeenAt: used, current: true },
      { id: 'b'.repeat(16), browser: '', address: '2001:db8:85a3:8d3:1319:8a2e:370:7348', createdAt: used, lastSeenAt: used - 3 * MINUTE, current: false },
      { id: 'c'.repeat(16), browser: 'Safari · iPhone', address: '192.168.1.21', createdAt: used, lastSeenAt: used - 600 * MINUTE, current: false },
    ];
    const invited = { kind: 'join', role: 'OF', site: '迎春路 42 号', displayName: '林小雨' } as const;
    this.invitation = { ...invited, login: '', passwordLength: 15, needsFactor: true, expiresAt: Date.now() + 86_400_000 };
    api.demo = false;
    api.role = 'OF';
    api.bend = (what) => this.special[what]?.() ?? this.#usual[what]?.() ?? (this.step === undefined ? refused(401, 'NOT_SIGNED_IN', '请先登录。') : undefined);
    desk.page.on('request', (request) => {
      if (request.method() !== 'GET') this.asked.push({ what: `${request.method()} ${new URL(request.url()).pathname.replace('/api/v1', '')}`, body: request.postDataJSON() });
    });
  }

  static async open(): Promise<AccountDesk> {
    const api = new FakeApi();
    await api.start();
    return new AccountDesk(await openDesk(local(api)), api);
  }

  async close(): Promise<void> {
    await this.desk.close();
    await this.api.stop();
  }

  view(): SessionView {
    const { role, step } = this;
    return {
      account: step === undefined ? null : { id: 1, login: 'lin.xiaoyu', displayName: '林小雨', role, step },
      may: step === 'full' ? pairsOf(role) : [],
      assigned: step === 'full' && this.assigned,
      csrf: `token of ${step}`,
      demo: false,
      setup: false,
    };
  }

  become(next: SessionStep): Answer {
    this.step = next;
    return ok(this.view());
  }

  /** The address of a page. By name: browsers give no passkeys to an IP address. */
  at(path: string): string {
    return local(this.api) + path;
  }

  /** The page that is open. */
  path(): string {
    return new URL(this.desk.page.url()).pathname;
  }

  button(name: string | RegExp) {
    return this.desk.page.getByRole('button', { name });
  }
}

const local = ({ url }: FakeApi): string => url.replace('127.0.0.1', 'localhost');
