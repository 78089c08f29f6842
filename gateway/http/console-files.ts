import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { App } from './app-type.ts';
import { open } from './permissions.ts';
import { refusal } from './problem.ts';

const NOT_BUILT = 'The console is not built yet: run "npm run build". / 网页还没有生成：请运行 npm run build。\n';

/** Is this name, links followed, still in the folder? Nothing else is sent, whoever put the link there. */
function isInside(root: string, name: string): boolean {
  try {
    return realpathSync(path.join(root, decodeURIComponent(name))).startsWith(realpathSync(root) + path.sep);
  } catch {
    return false;
  }
}

/** Serves the built console: files with a hash in their name for ever, every page address with the one page. */
export async function serveConsole(app: App, root: string): Promise<void> {
  await app.register(fastifyStatic, { root, serve: false, index: false, cacheControl: false, dotfiles: 'deny', suppressWarning: true });
  const declared = { config: open('console'), schema: { hide: true } };

  app.get('/assets/*', declared, (request, reply) => {
    const { pathname } = new URL(request.url, 'http://console');
    if (!isInside(root, pathname)) throw refusal('NOT_FOUND');
    reply.header('cache-control', 'public, max-age=31536000, immutable');
    return reply.sendFile(pathname.slice(1));
  });

  app.get('/*', declared, (request, reply) => {
    const { pathname } = new URL(request.url, 'http://console');
    if (pathname.startsWith('/api/')) throw refusal('NOT_FOUND');
    reply.header('cache-control', 'no-cache');
    const isFile = path.basename(pathname).includes('.');
    if (isFile && !isInside(root, pathname)) throw refusal('NOT_FOUND');
    if (isFile) return reply.sendFile(pathname.slice(1));
    if (!existsSync(path.join(root, 'index.html'))) return reply.code(503).type('text/plain; charset=utf-8').send(NOT_BUILT);
    return reply.sendFile('index.html');
  });
}
