import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance, RawReplyDefaultExpression, RawRequestDefaultExpression, RawServerDefault } from 'fastify';
import { Type } from 'typebox';
import { Problem } from './schemas/session.ts';

/** Fastify with TypeBox schemas as the types of what routes are given. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression<RawServerDefault>,
  RawReplyDefaultExpression<RawServerDefault>,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** A row number of the register. */
export const RowId = Type.Integer({ minimum: 1, maximum: 4_294_967_295 });
/** `/…/:id` */
export const ById = Type.Object({ id: RowId });
/** A journal index. */
export const EntryIndex = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** The error answers every route has. */
export const PROBLEMS = { '4xx': Problem, '5xx': Problem } as const;
