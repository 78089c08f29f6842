import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App } from './app-type.ts';
import { refusal } from './problem.ts';

/** A version as a strong entity tag (RFC 9110, 8.8.3). */
const tagOf = (version: number): string => `"${version}"`;

/** Sets the ETag of an answer that shows a row as of `version`; whoever changes the row sends it back as If-Match. */
export function setVersion(reply: FastifyReply, version: number): void {
  reply.header('etag', tagOf(version));
}

/** A header field of entity tags as its single tags. */
const tagsIn = (field: string): string[] => field.split(',').map((tag) => tag.trim());

/**
 * Holds a change against a lost update: it must name in If-Match the version it was made from.
 * Refuses VERSION_NEEDED (428) without the header, STALE_VERSION (412) when the row is at another version by now.
 * `*` does not count: it would mean "whatever it is now", which is the very thing to be prevented.
 */
export function needVersion(request: FastifyRequest, version: number): void {
  const field = request.headers['if-match'];
  if (field === undefined) throw refusal('VERSION_NEEDED', { field: 'if-match', expected: 'ETag' });
  if (!tagsIn(field).includes(tagOf(version))) throw refusal('STALE_VERSION');
}

/** A GET that names in If-None-Match the version its answer would show gets 304 and no body. Weak and strong tags count alike here (RFC 9110, 13.1.2). */
export function addNotModified(app: App): void {
  app.addHook('onSend', async (request, reply, payload) => {
    const field = request.headers['if-none-match'];
    const tag = reply.getHeader('etag');
    if (field === undefined || typeof tag !== 'string' || request.method !== 'GET' || reply.statusCode !== 200) return payload;
    if (field !== '*' && !tagsIn(field).some((each) => each.replace(/^W\//, '') === tag)) return payload;
    reply.code(304).removeHeader('content-type').removeHeader('content-length');
    return null;
  });
}
