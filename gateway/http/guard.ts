import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App } from './app-type.ts';
import { authorise, type Declared } from './permissions.ts';
import { METRICS_URL } from './metrics.ts';
import { isAccessToken } from './access-tokens.ts';
import { refusal } from './problem.ts';
import type { LimitRate } from './rate-limits.ts';
import { csrfOf, isToken, same } from './sessions.ts';
import type { Site } from './site.ts';
import { assigned, isStrong, LOCAL_OPERATOR, type Viewer } from './viewer.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; undefined when nobody is signed in. */
    viewer: Viewer | undefined;
    /** Value of the session cookie, when it has the form of one of ours. */
    token: string | undefined;
  }
}

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** `__Host-` binds the cookie to this very host; browsers take it only over TLS. */
export const cookieName = (secure: boolean): string => (secure ? '__Host-doorbook' : 'doorbook');

/** True when browsers reach the console over TLS, ours or a proxy's. */
export const isSecure = ({ deps: { config } }: Site): boolean => config.tls !== undefined || config.publicUrl?.startsWith('https://') === true;

/** The viewer of a request to a route that needs one. */
export function who(request: FastifyRequest): Viewer {
  if (request.viewer === undefined) throw refusal('NOT_SIGNED_IN');
  return request.viewer;
}

/** The token of `authorization: Bearer …`, when the header is there. */
function bearer(request: FastifyRequest): string | undefined {
  const header = request.headers.authorization;
  return header === undefined ? undefined : header.replace(/^Bearer +/i, '');
}

function sameOrigin(site: Site, request: FastifyRequest, origin: string): boolean {
  const { publicUrl, tls } = site.deps.config;
  if (publicUrl !== undefined && origin === new URL(publicUrl).origin) return true;
  return origin.toLowerCase() === `${tls === undefined ? 'http' : 'https'}://${request.host}`.toLowerCase();
}

/** Nothing another website starts is carried out: Origin and Sec-Fetch-Site where the browser sends them, and the CSRF token always. */
function checkSource(site: Site, request: FastifyRequest): void {
  const { origin } = request.headers;
  const fetchSite = request.headers['sec-fetch-site'];
  if (fetchSite !== undefined && fetchSite !== 'same-origin') throw refusal('CROSS_SITE');
  if (origin !== undefined && !sameOrigin(site, request, origin)) throw refusal('CROSS_SITE');
  const given = request.headers['x-csrf-token'];
  if (request.token === undefined || typeof given !== 'string' || !same(given, csrfOf(request.token))) throw refusal('CSRF');
}

/** A WebSocket carries no CSRF token: a browser always sends Origin with it, so without one the cookie does not count. */
function checkUpgrade(site: Site, request: FastifyRequest): void {
  const { origin } = request.headers;
  if (origin === undefined || !sameOrigin(site, request, origin)) throw refusal('CROSS_SITE');
}

/** What the handshake of a WebSocket must have (RFC 6455 4.2.1): else it is refused here, in our form, and not by the library in its own. */
const HANDSHAKE_KEY = /^[A-Za-z0-9+/]{22}==$/;
const isHandshake = ({ method, headers }: FastifyRequest): boolean =>
  method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket' && Number(headers['sec-websocket-version']) === 13 && HANDSHAKE_KEY.test(headers['sec-websocket-key'] ?? '');

/** What HTTP itself asks of a request before anything else is looked at. */
function checkForm(request: FastifyRequest): void {
  if (request.headers.host === undefined && request.raw.httpVersion === '1.1') throw refusal('BAD_REQUEST', { field: 'host', expected: '必填 / required' });
  if (request.ws && !isHandshake(request)) throw refusal('BAD_REQUEST', { field: 'upgrade', expected: 'websocket' });
}

/** Who a bearer token stands for: the local operator, or a person with fewer rights. No CSRF and no Origin check: browsers do not send it by themselves. */
async function byToken(site: Site, request: FastifyRequest, token: string): Promise<Viewer> {
  if (same(token, site.deps.localToken)) return LOCAL_OPERATOR;
  const viewer = isAccessToken(token) ? await site.tokens.resolve(token) : undefined;
  if (viewer === undefined) throw refusal('NOT_SIGNED_IN');
  // A live feed is checked again by its session; a token has none. And signing in is no program's business.
  if (request.headers.upgrade !== undefined || request.routeOptions.config.data === 'signIn') throw refusal('NOT_ALLOWED');
  return viewer;
}

async function identify(site: Site, request: FastifyRequest): Promise<void> {
  const given = bearer(request);
  if (given !== undefined) {
    request.viewer = await byToken(site, request, given);
    return;
  }
  const value = request.cookies[cookieName(isSecure(site))] ?? '';
  request.token = isToken(value) ? value : undefined;
  if (!SAFE.has(request.method)) checkSource(site, request);
  if (request.headers.upgrade !== undefined) checkUpgrade(site, request);
  if (request.token !== undefined) request.viewer = await site.sessions.resolve(request.token, true);
}

/** What may be done before a session is whole: give the second factor; without one, set one up. Who knows the password alone changes nothing. */
const BEFORE_WHOLE: Readonly<Record<'factor' | 'enrol', ReadonlySet<string>>> = { factor: new Set(['secondFactor:X']), enrol: new Set(['secondFactor:C', 'secondFactor:R']) };

/** A row number as it is written in an address. */
const ROW = /^\d{1,10}$/;
/** Row numbers of the register are 32 bits wide (`RowId`). */
const MOST_ROW = 4_294_967_295;

/** The rest of the matrix: the session is whole, an assignment is in force, and the thing named lies in it. */
async function checkScope(site: Site, request: FastifyRequest, viewer: Viewer, declared: Partial<Declared>): Promise<void> {
  const { data = 'console', action = 'R', of = 'site', by = 'id', strong = false, unassigned = false } = declared;
  if (viewer.pairs !== undefined && !viewer.pairs.has(`${data}:${action}`)) throw refusal('NOT_ALLOWED');
  if (viewer.step !== 'full' && !BEFORE_WHOLE[viewer.step].has(`${data}:${action}`)) throw refusal('SECOND_FACTOR');
  if (!unassigned && !assigned(viewer)) throw refusal('NOT_ASSIGNED');
  if (strong && !isStrong(viewer, site.deps.clock())) throw refusal('SECOND_FACTOR');
  if (of === 'list' || of === 'self' || of === 'open') return;
  if (of === 'site') {
    if (!viewer.scope.all) throw refusal('SCOPE_DENIED');
    return;
  }
  const params = Object(request.params);
  const given = String(params[by]);
  const id = ROW.test(given) ? Number(given) : 0;
  if (id < 1 || id > MOST_ROW) {
    // Named by the schema's own check, in words; which would take 1.5 for 1, and nobody has looked whose row that is.
    params[by] = `no row number: ${given}`;
    return;
  }
  if (!(await site.objects[of](viewer, id))) throw refusal(viewer.scope.all ? 'NOT_FOUND' : 'SCOPE_DENIED');
}

/** Identifies, then counts, also whoever could not be identified: guessing is limited like everything else. */
async function identifyCounted(site: Site, limit: LimitRate, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  try {
    await identify(site, request);
  } finally {
    await limit(request, reply);
  }
}

/** Puts the checks in front of every route of the API, and refuses to build an app with a route that declares nothing. */
export function addGuard(app: App, site: Site, limit: LimitRate): void {
  app.decorateRequest('viewer', undefined);
  app.decorateRequest('token', undefined);
  app.addHook('onRoute', ({ url, method, config }) => {
    if (config?.data === undefined || config.action === undefined || config.of === undefined || config.roles === undefined)
      throw new Error(`${String(method)} ${url} declares no data, action and scope`);
  });
  app.addHook('onRequest', async (request, reply) => {
    checkForm(request);
    // By the route that was matched, not by the address as written: /%61pi/ is /api/ too.
    const { url = '' } = request.routeOptions;
    const api = url.startsWith('/api/') || url === METRICS_URL;
    if (api || request.is404) reply.header('cache-control', 'no-store');
    if (request.is404) return;
    const declared = request.routeOptions.config;
    if (api) await identifyCounted(site, limit, request, reply);
    // A page for anybody is counted by address, and knows nobody.
    else if (declared.rate !== undefined) await limit(request, reply);
    if (!authorise(request.viewer?.role, declared)) throw refusal(request.viewer === undefined ? 'NOT_SIGNED_IN' : 'NOT_ALLOWED');
    if (request.viewer !== undefined && declared.of !== 'open') await checkScope(site, request, request.viewer, declared);
  });
}
