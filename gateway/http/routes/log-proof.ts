import { Type } from 'typebox';
import { type App, PROBLEMS } from '../app-type.ts';
import { who } from '../guard.ts';
import { createLogFork } from '../log-fork.ts';
import { PAGE_QUERY, pageAsked, pageOf } from '../page.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { CheckpointPage, ConsistencyProof, ConsistencyQuery, ForkSeen, ForkTaken, type HeldCheckpoint, LogNoteQuery, LogNow } from '../schemas/log-proof.ts';
import type { Site } from '../site.ts';

const CheckpointQuery = Type.Object({ origin: Type.Optional(ConsistencyQuery.properties.origin), ...PAGE_QUERY });

/** Strong, and of the root too: a log that was changed must never look as if it were not. */
const tagOf = ({ size, root }: { readonly size: number; readonly root: string }): string => `"${size}-${root.slice(0, 22)}"`;

/** What the log proves of itself: checkpoints to keep elsewhere, and that each goes on from the one before. */
export function logProofRoutes(app: App, site: Site): void {
  const { logProof } = site;

  app.get(
    '/log/checkpoint',
    {
      config: may('logProof', 'R', 'list'),
      schema: { summary: 'The newest checkpoint of the log; for who is not shown every entry, that of the last midnight', response: { 200: LogNow, ...PROBLEMS } },
    },
    async (request, reply) => {
      const now = logProof.now(who(request).role);
      if (now.checkpoint !== null) reply.header('etag', tagOf(now.checkpoint));
      return now;
    },
  );

  app.get(
    '/log/checkpoint/note',
    {
      config: may('logProof', 'R', 'list'),
      schema: {
        summary: 'A checkpoint as a C2SP signed note, to keep elsewhere',
        querystring: LogNoteQuery,
        produces: ['text/plain'],
        response: { 200: Type.String(), ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const checkpoint = logProof.signed(who(request).role, request.query);
      reply.header('etag', tagOf(checkpoint)).header('content-disposition', `attachment; filename="doorbook-checkpoint-${checkpoint.size}.txt"`);
      return reply.type('text/plain; charset=utf-8').send(checkpoint.note);
    },
  );

  app.get(
    '/log/consistency',
    {
      config: may('logProof', 'R', 'list'),
      schema: { summary: 'Proof that an earlier checkpoint is the beginning of a later one', querystring: ConsistencyQuery, response: { 200: ConsistencyProof, ...PROBLEMS } },
    },
    async (request) => {
      const { origin, from, to } = request.query;
      return { origin, from, to, proof: logProof.consistency(who(request).role, request.query) };
    },
  );

  copiesRoutes(app, site);
}

/** What the controllers of doors keep, as they said last. */
function heldOf({ deps: { doorSide }, doorList }: Site): HeldCheckpoint[] {
  return doorSide.states().flatMap(({ doorId, heldLog }) => (heldLog === undefined ? [] : [{ doorId, door: doorList.name(doorId), ...heldLog }]));
}

function copiesRoutes(app: App, site: Site): void {
  const { logProof, deps } = site;
  const fork = createLogFork({ proofs: deps.proofs, doorSide: deps.doorSide, audit: site.audit });

  app.get(
    '/log/checkpoints',
    {
      config: may('machinery', 'R', 'site'),
      schema: { summary: 'Checkpoints of a log, newest first, and which controllers keep one', querystring: CheckpointQuery, response: { 200: CheckpointPage, ...PROBLEMS } },
    },
    async (request) => {
      const { limit, after } = pageAsked(request.query, ['number']);
      const logs = deps.proofs.logs();
      const log = request.query.origin === undefined ? logs.at(-1) : logs.find(({ origin }) => origin === request.query.origin);
      if (request.query.origin !== undefined && log === undefined) throw refusal('NOT_FOUND');
      const found = log === undefined ? [] : deps.proofs.before(log.origin, after?.[0] ?? Number.MAX_SAFE_INTEGER, limit + 1);
      const { rows, next } = pageOf(found, limit, ({ size }) => [size]);
      const held = heldOf(site);
      return {
        checkpoints: rows.map(logProof.view),
        logs: logs.map(({ origin, first, size, cites = null, key = '' }) => ({ origin, first, size, cites, key })),
        ...(held.length === 0 ? {} : { held }),
        next,
      };
    },
  );

  app.post(
    '/log/fork-seen',
    {
      config: { ...may('logProof', 'C', 'list'), rate: 'export' as const },
      schema: { summary: 'A console holds a checkpoint that does not go with the one it was given', body: ForkSeen, response: { 200: ForkTaken, ...PROBLEMS } },
    },
    async (request) => fork.seen(who(request), request.body),
  );
}
