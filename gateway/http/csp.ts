import type { IncomingMessage } from 'node:http';
import type { FastifyHelmetOptions } from '@fastify/helmet';
import type { Config } from '../config.ts';

const HOST = /^[a-z0-9.-]+(:\d{1,5})?$|^\[[0-9a-f:.]+\](:\d{1,5})?$/i;

/** The live connection to the host the page came from; older browsers do not count ws under 'self'. */
const liveSource = (config: Config, request: IncomingMessage): string => {
  const host = request.headers.host ?? '';
  const secure = config.tls !== undefined || config.publicUrl?.startsWith('https://') === true;
  return HOST.test(host) ? `${secure ? 'wss' : 'ws'}://${host}` : "'self'";
};

/** Headers of every answer. Nothing inline, nothing from elsewhere (console.md 5 and 9). */
export function headers(config: Config): FastifyHelmetOptions {
  const self = ["'self'"];
  const none = ["'none'"];
  return {
    global: true,
    // Over plain HTTP the header would be ignored; over TLS it is wanted.
    strictTransportSecurity: config.tls === undefined ? false : { maxAge: 31_536_000, includeSubDomains: false },
    referrerPolicy: { policy: 'no-referrer' },
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: self,
        scriptSrc: self,
        styleSrc: self,
        imgSrc: ["'self'", 'data:'],
        fontSrc: self,
        manifestSrc: self,
        connectSrc: ["'self'", (request: IncomingMessage) => liveSource(config, request)],
        objectSrc: none,
        baseUri: none,
        frameAncestors: none,
        formAction: self,
      },
    },
  };
}
