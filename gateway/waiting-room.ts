import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { ALARM_WORDS, type AlarmKind } from './alarm-words.ts';
import type { Config } from './config.ts';

/** Answers in place of the console while the gateway waits for a database, so that people and monitors see why. */
export interface WaitingRoom {
  /** Opens it, if it is not open; a port that cannot be had is left alone. */
  open(what: AlarmKind): void;
  /** Resolves when the port is free again. */
  close(): Promise<void>;
}

const RETRY_S = 5;

/** The page: what is waited for, in both languages. */
function page(waiting: readonly AlarmKind[]): string {
  const lines = waiting.map((what) => `<p>${ALARM_WORDS[what].zh}</p><p lang="en">${ALARM_WORDS[what].en}</p>`);
  return `<!doctype html><html lang="zh"><meta charset="utf-8"><meta http-equiv="refresh" content="${RETRY_S}"><title>门簿 Doorbook</title><p>门簿正在启动。</p><p lang="en">Doorbook is starting.</p>${lines.join('')}`;
}

const answerWith =
  (waiting: ReadonlySet<AlarmKind>): RequestListener =>
  (request, response) => {
    const path = request.url ?? '';
    const forPeople = !path.startsWith('/healthz') && !path.startsWith('/api/') && !path.startsWith('/metrics');
    const body = forPeople ? page([...waiting]) : JSON.stringify({ status: 'starting', waiting: [...waiting] });
    response.writeHead(503, {
      'content-type': `${forPeople ? 'text/html' : 'application/json'}; charset=utf-8`,
      'retry-after': String(RETRY_S),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      connection: 'close',
    });
    response.end(request.method === 'HEAD' ? '' : body);
  };

function serverFor({ tls }: Config, listener: RequestListener): Server | undefined {
  if (tls === undefined) return createServer(listener);
  try {
    return createTlsServer({ cert: readFileSync(tls.cert), key: readFileSync(tls.key), minVersion: 'TLSv1.2' }, listener);
  } catch {
    // A certificate that cannot be used is told of when the console itself opens.
    return undefined;
  }
}

/** A closed waiting room at the console's address. */
export function createWaitingRoom(config: Config): WaitingRoom {
  const waiting = new Set<AlarmKind>();
  let server: Server | undefined;
  return {
    open(what) {
      waiting.add(what);
      if (server !== undefined || config.port === 0) return;
      server = serverFor(config, answerWith(waiting));
      server?.on('error', () => undefined).listen(config.port, config.host);
    },
    async close() {
      waiting.clear();
      const open = server;
      server = undefined;
      if (open === undefined) return;
      await new Promise<void>((resolve) => {
        open.close(() => resolve());
        open.closeAllConnections();
      });
    },
  };
}
