import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Type } from 'typebox';
import type { App } from '../app-type.ts';
import { open } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { PROBLEMS } from '../problem-codes.ts';

const require = createRequire(import.meta.url);
/** Of the package only its files are used: its own page has inline parts, and starts a search box that asks other addresses. */
const UI_DIR = path.join(path.dirname(require.resolve('@fastify/swagger-ui')), 'static');
const UI_FILES: Readonly<Record<string, string>> = { 'swagger-ui.css': 'text/css; charset=utf-8', 'swagger-ui-bundle.js': 'text/javascript; charset=utf-8' };

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Doorbook API</title>
<link rel="icon" href="/mark.svg">
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
</head>
<body>
<div id="ui"></div>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/start.js"></script>
</body>
</html>
`;

/** Requests from the page carry the CSRF token of the browser's own session; nothing is asked of another address. */
const START = `const session = fetch('/api/v1/session', { credentials: 'same-origin' }).then((answer) => answer.json());
window.ui = SwaggerUIBundle({
  url: '/api/v1/openapi.json',
  dom_id: '#ui',
  deepLinking: true,
  docExpansion: 'list',
  validatorUrl: null,
  queryConfigEnabled: false,
  requestInterceptor: async (request) => {
    if ((request.method ?? 'GET').toUpperCase() !== 'GET') request.headers['x-csrf-token'] = (await session).csrf;
    return request;
  },
});
`;

const hidden = { config: open('document'), schema: { hide: true } };
const CACHED = 'public, max-age=3600';

/** The description of this API, made from the schemas of its routes: as OpenAPI 3.1, and as a page that needs no network. */
export function documentRoutes(app: App): void {
  app.get('/api/v1/openapi.json', { config: open('document'), schema: { summary: 'This document: OpenAPI 3.1', response: { 200: Type.Unknown() } } }, (_request, reply) =>
    reply.send(app.swagger()),
  );
  app.get('/api/docs', hidden, (_request, reply) => reply.type('text/html; charset=utf-8').send(PAGE));
  app.get('/api/docs/start.js', hidden, (_request, reply) => reply.type('text/javascript; charset=utf-8').send(START));
  for (const [name, type] of Object.entries(UI_FILES))
    app.get(`/api/docs/${name}`, hidden, (_request, reply) =>
      reply
        .header('cache-control', CACHED)
        .type(type)
        .send(readFileSync(path.join(UI_DIR, name))),
    );
}

const line = ([code, [status, zh, en]]: [string, readonly [number, string, string]]): string => `${code} (${status})\n  ${zh}\n  ${en}\n`;
const BY_CODE = new Map(Object.entries(PROBLEMS).map(([code, about]) => [code, line([code, about])]));

/** Every code of a problem in words, at the address its \`type\` names. */
export function problemPages(app: App): void {
  app.get('/problems', hidden, (_request, reply) => reply.type('text/plain; charset=utf-8').send([...BY_CODE.values()].join('\n')));
  app.get('/problems/:code', { config: open('document'), schema: { hide: true, params: Type.Object({ code: Type.String({ maxLength: 64 }) }) } }, (request, reply) => {
    const text = BY_CODE.get(request.params.code);
    if (text === undefined) throw refusal('NOT_FOUND');
    return reply.type('text/plain; charset=utf-8').send(text);
  });
}
