import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import fastifyCookie from '@fastify/cookie';
import fastifyHelmet from '@fastify/helmet';
import fastifySwagger from '@fastify/swagger';
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import fastifyWebsocket from '@fastify/websocket';
import fastify, { type FastifyReply, type FastifyServerFactory } from 'fastify';
import type { Config } from '../config.ts';
import type { App } from './app-type.ts';
import { serveConsole } from './console-files.ts';
import { headers } from './csp.ts';
import { addGuard } from './guard.ts';
import { type Refusal, refusal, toRefusal } from './problem.ts';
import { demoRoutes } from './routes/demo.ts';
import { entryRoutes } from './routes/entries.ts';
import { importRoutes } from './routes/imports.ts';
import { doorRoutes, placeRoutes } from './routes/places.ts';
import { newPlaceRoutes } from './routes/new-places.ts';
import { sessionRoutes } from './routes/session.ts';
import { documentRoute, healthRoute } from './routes/system.ts';
import type { Site } from './site.ts';

const BODY_BYTES = 64 * 1024;
/** Nobody sends us anything over WebSocket. */
const WS_BYTES = 1024;
const HEADERS_MS = 10_000;
const REQUEST_MS = 60_000;

const serverFor =
  ({ tls }: Config): FastifyServerFactory =>
  (handler) => {
    const server = tls === undefined ? createServer(handler) : createTlsServer({ cert: readFileSync(tls.cert), key: readFileSync(tls.key), minVersion: 'TLSv1.2' }, handler);
    server.headersTimeout = HEADERS_MS;
    server.requestTimeout = REQUEST_MS;
    return server;
  };

function send(reply: FastifyReply, { status, problem, retryAfter }: Refusal): FastifyReply {
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter);
  return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(problem));
}

/** What is no HTTP at all gets the same kind of answer, and the connection is closed. */
function answerGarbage(_error: Error, socket: Socket): void {
  if (!socket.writable) return void socket.destroy();
  const body = JSON.stringify(refusal('BAD_REQUEST').problem);
  socket.end(`HTTP/1.1 400 Bad Request\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`);
}

function answerErrors(app: App, { deps }: Site): void {
  app.setErrorHandler((error: Error, request, reply) => {
    const answer = toRefusal(error);
    if (answer.status >= 500) deps.onError(error, `${request.method} ${request.routeOptions.url ?? '?'}`);
    return send(reply, answer);
  });
  app.setNotFoundHandler((_request, reply) => send(reply, refusal('NOT_FOUND')));
}

/** Extra routes, for tests that show what a route must declare. */
export type Extra = (app: App) => void;

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
    frameworkErrors: (error, _request, reply) => void send(reply, toRefusal(error)),
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  answerErrors(app, site);
  await app.register(fastifyCookie);
  await app.register(fastifyHelmet, headers(config));
  await app.register(fastifySwagger, {
    openapi: { openapi: '3.1.0', info: { title: 'Doorbook', version: '1', description: 'Tenancy register and doors of rental buildings.' } },
    convertConstToEnum: false,
  });
  await app.register(fastifyWebsocket, { options: { maxPayload: WS_BYTES, perMessageDeflate: false } });
  addGuard(app, site);
  healthRoute(app, site);
  await app.register(
    async (api: App) => {
      documentRoute(api);
      for (const routes of [sessionRoutes, placeRoutes, newPlaceRoutes, doorRoutes, entryRoutes, demoRoutes]) routes(api, site);
      await api.register(async (imports: App) => importRoutes(imports, site));
      extra?.(api);
    },
    { prefix: '/api/v1' },
  );
  await serveConsole(app, consoleDir);
  await app.ready();
  return app;
}
