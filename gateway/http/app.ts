import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import fastifyCookie from '@fastify/cookie';
import fastifyHelmet from '@fastify/helmet';
import fastifySwagger from '@fastify/swagger';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastifyWebsocket from '@fastify/websocket';
import fastify, { type FastifyReply, type FastifyRequest, type FastifyServerFactory } from 'fastify';
import type { Config } from '../config.ts';
import type { App } from './app-type.ts';
import { serveConsole } from './console-files.ts';
import { headers } from './csp.ts';
import { API_DOCUMENT } from './api-document.ts';
import { addNotModified } from './etag.ts';
import { addGuard } from './guard.ts';
import { addIdempotency } from './idempotency.ts';
import { PROBLEM_JSON, type Refusal, refusal, toRefusal } from './problem.ts';
import { createRefusedNotes } from './refused-notes.ts';
import { createRateLimits } from './rate-limits.ts';
import { accountRoutes } from './routes/accounts.ts';
import { approvalRoutes } from './routes/approvals.ts';
import { areaRoutes } from './routes/areas.ts';
import { divisionRoutes } from './routes/divisions.ts';
import { giveCardRoutes } from './routes/give-card.ts';
import { gridRoutes } from './routes/grids.ts';
import { managedBuildingRoutes } from './routes/managed-buildings.ts';
import { officeRoutes } from './routes/offices.ts';
import { outboxRoutes } from './routes/outbox.ts';
import { doorAlarmRoutes } from './routes/door-alarms.ts';
import { demoRoutes } from './routes/demo.ts';
import { entryRoutes } from './routes/entries.ts';
import { districtImportRoutes } from './routes/district-import.ts';
import { importRoutes } from './routes/imports.ts';
import { logProofRoutes } from './routes/log-proof.ts';
import { backupRoutes } from './routes/backups.ts';
import { keyRoutes } from './routes/keys.ts';
import { doorRoutes, placeRoutes } from './routes/places.ts';
import { cardPinRoutes } from './routes/card-pins.ts';
import { cardStopRoutes } from './routes/card-stops.ts';
import { commissioningRoutes } from './routes/commissioning.ts';
import { doorCommandRoutes } from './routes/door-commands.ts';
import { doorWiringRoutes } from './routes/door-wiring.ts';
import { lineKeyRoutes } from './routes/line-keys.ts';
import { lineTestRoutes } from './routes/line-tests.ts';
import { serialLineRoutes } from './routes/serial-lines.ts';
import { doorRuleRoutes } from './routes/door-rules.ts';
import { scheduleRoutes } from './routes/schedules.ts';
import { addressRoutes } from './routes/addresses.ts';
import { filingRoutes } from './routes/filings.ts';
import { certificateRoutes, verifyRoutes } from './routes/certificates.ts';
import { permitRoutes } from './routes/permits.ts';
import { registrationRoutes } from './routes/registrations.ts';
import { homeRoutes } from './routes/homes.ts';
import { moveOutRoutes } from './routes/move-outs.ts';
import { tenancyRoutes } from './routes/tenancies.ts';
import { workGrantRoutes } from './routes/work-grants.ts';
import { lockdownRoutes } from './routes/lockdowns.ts';
import { controllerRoutes } from './routes/controllers.ts';
import { newPlaceRoutes } from './routes/new-places.ts';
import { factorRoutes } from './routes/factors.ts';
import { ownAccountRoutes } from './routes/own-account.ts';
import { invitationRoutes } from './routes/invitations.ts';
import { auditRoutes } from './routes/audits.ts';
import { peopleRoutes } from './routes/people.ts';
import { purposeRoutes } from './routes/purposes.ts';
import { receiptRoutes } from './routes/receipts.ts';
import { releaseRoutes } from './routes/releases.ts';
import { reviewRoutes } from './routes/review.ts';
import { RIGHTS_ROUTES } from './routes/rights.ts';
import { lawRoutes } from './routes/law.ts';
import { rosterRoutes } from './routes/roster.ts';
import { sessionRoutes } from './routes/session.ts';
import { documentRoutes, problemPages } from './routes/documents.ts';
import { alarmRoutes } from './routes/alarms.ts';
import { metricsRoute } from './routes/metrics.ts';
import { healthRoute } from './routes/system.ts';
import { tokenRoutes } from './routes/tokens.ts';
import type { Site } from './site.ts';
import { validatorCompiler } from './validator.ts';

const BODY_BYTES = 64 * 1024;
/** Nobody sends us anything over WebSocket. */
const WS_BYTES = 1024;
const HEADERS_MS = 10_000;
const REQUEST_MS = 60_000;

const serverFor =
  ({ tls }: Config): FastifyServerFactory =>
  (handler) => {
    // Node would answer a missing host, and an expectation it does not know, in its own form: the guard refuses the one, the other may be passed over (RFC 9110 10.1.1).
    const options = { requireHostHeader: false };
    const secured = tls && { ...options, cert: readFileSync(tls.cert), key: readFileSync(tls.key), minVersion: 'TLSv1.2' as const };
    const server = secured === undefined ? createServer(options, handler) : createTlsServer(secured, handler);
    server.on('checkExpectation', handler);
    server.headersTimeout = HEADERS_MS;
    server.requestTimeout = REQUEST_MS;
    return server;
  };

function send(reply: FastifyReply, { status, problem, retryAfter }: Refusal): FastifyReply {
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter);
  return reply.code(status).type(PROBLEM_JSON).send(JSON.stringify(problem));
}

/** What is no HTTP at all gets the same kind of answer, and the connection is closed. */
function answerGarbage(_error: Error, socket: Socket): void {
  if (!socket.writable) return void socket.destroy();
  const body = JSON.stringify(refusal('BAD_REQUEST').problem);
  socket.end(`HTTP/1.1 400 Bad Request\r\ncontent-type: ${PROBLEM_JSON}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`);
}

function answerErrors(app: App, { deps }: Site): void {
  const noteRefused = createRefusedNotes(deps);
  app.setErrorHandler((error: Error, request, reply) => {
    const answer = toRefusal(error);
    if (answer.status >= 500) deps.onError(error, `${request.method} ${request.routeOptions.url ?? '?'}`);
    else noteRefused(request.viewer, answer.problem.code, `${request.method} ${request.routeOptions.url ?? '?'}`);
    return send(reply, answer);
  });
  app.setNotFoundHandler((_request, reply) => send(reply, refusal('NOT_FOUND')));
}

/** Extra routes, for tests that show what a route must declare. */
export type Extra = (app: App) => void;

/** What no route takes. A socket that came by an upgrade belongs to no server any more: nobody else ends it then. */
function answerUnrouted(error: Error, { raw }: FastifyRequest, reply: FastifyReply): void {
  if (raw.headers.upgrade !== undefined) reply.raw.once('finish', () => raw.socket.destroySoon());
  void send(reply, toRefusal(error));
}

/** What stands under /api/v1, but for routes that take files. */
const ROUTES = [
  sessionRoutes,
  placeRoutes,
  newPlaceRoutes,
  homeRoutes,
  addressRoutes,
  filingRoutes,
  controllerRoutes,
  serialLineRoutes,
  lineTestRoutes,
  lineKeyRoutes,
  doorWiringRoutes,
  cardPinRoutes,
  cardStopRoutes,
  doorRoutes,
  doorCommandRoutes,
  lockdownRoutes,
  doorRuleRoutes,
  scheduleRoutes,
  workGrantRoutes,
  tenancyRoutes,
  moveOutRoutes,
  giveCardRoutes,
  entryRoutes,
  demoRoutes,
  keyRoutes,
  backupRoutes,
  tokenRoutes,
  factorRoutes,
  ownAccountRoutes,
  invitationRoutes,
  accountRoutes,
  approvalRoutes,
  areaRoutes,
  divisionRoutes,
  gridRoutes,
  managedBuildingRoutes,
  officeRoutes,
  outboxRoutes,
  ...RIGHTS_ROUTES,
  purposeRoutes,
  reviewRoutes,
  peopleRoutes,
  releaseRoutes,
  receiptRoutes,
  auditRoutes,
  logProofRoutes,
  alarmRoutes,
  doorAlarmRoutes,
  lawRoutes,
  rosterRoutes,
  registrationRoutes,
  certificateRoutes,
  permitRoutes,
];

/**
 * The whole of the HTTP side, not listening. Throws when a route declares no data, action and roles.
 * Schemas are the only source of checks, types and the OpenAPI document.
 */
export async function buildApp(site: Site, extra?: Extra): Promise<App> {
  const { config, consoleDir } = site.deps;
  const app: App = fastify({
    serverFactory: serverFor(config),
    bodyLimit: BODY_BYTES,
    logger: false,
    forceCloseConnections: 'idle',
    clientErrorHandler: answerGarbage,
    frameworkErrors: answerUnrouted,
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  answerErrors(app, site);
  await app.register(fastifyCookie);
  await app.register(fastifyHelmet, headers(config));
  await app.register(fastifySwagger, API_DOCUMENT);
  await app.register(fastifyWebsocket, { options: { maxPayload: WS_BYTES, perMessageDeflate: false } });
  addGuard(app, site, await createRateLimits(app, config, site.deps.rateLimits));
  site.metrics.watch(app);
  addIdempotency(app, site);
  addNotModified(app);
  healthRoute(app, site);
  metricsRoute(app, site);
  documentRoutes(app);
  problemPages(app);
  verifyRoutes(app, site);
  await app.register(
    async (api: App) => {
      for (const routes of ROUTES) routes(api, site);
      await api.register(async (imports: App) => {
        importRoutes(imports, site);
        districtImportRoutes(imports, site);
      });
      await api.register(async (sheets: App) => commissioningRoutes(sheets, site));
      extra?.(api);
    },
    { prefix: '/api/v1' },
  );
  await serveConsole(app, consoleDir);
  await app.ready();
  return app;
}
