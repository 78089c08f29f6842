import { existsSync } from 'node:fs';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { App } from './app-type.ts';
import { open } from './permissions.ts';
import { refusal } from './problem.ts';

const NOT_BUILT = 'The console is not built yet: run "npm run build". / 网页还没有生成：请运行 npm run build。\n';

/** Serves the built console: files with a hash in their name for ever, every page address with the one page. */
export async function serveConsole(app: App, root: string): Promise<void> {
  await app.register(fastifyStatic, { root, serve: false, index: false, cacheControl: false, dotfiles: 'deny', suppressWarning: true });
  const declared = { config: open('console'), schema: { hide: true } };

  app.get('/assets/*', declared, (request, reply) => {
    reply.header('cache-control', 'public, max-age=31536000, immutable');
    return reply.sendFile(new URL(request.url, 'http://console').pathname.slice(1));
  });

  app.get('/*', declared, (request, reply) => {
    const { pathname } = new URL(request.url, 'http://console');
    if (pathname.startsWith('/api/')) throw refusal('NOT_FOUND');
    reply.header('cache-control', 'no-cache');
    if (path.basename(pathname).includes('.')) return reply.sendFile(pathname.slice(1));
    if (!existsSync(path.join(root, 'index.html'))) return reply.code(503).type('text/plain; charset=utf-8').send(NOT_BUILT);
    return reply.sendFile('index.html');
  });
}
