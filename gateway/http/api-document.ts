import type { FastifyDynamicSwaggerOptions, SwaggerTransform } from '@fastify/swagger';
import { Type } from 'typebox';
import { ANYBODY } from '../core/matrix.ts';
import { takesKey } from './idempotency.ts';
import { Problem } from './schemas/session.ts';

const INTRODUCTION = `Tenancy register and doors of rental buildings.

Every error is a problem (RFC 9457) with a stable \`code\`, listed under \`/problems\`. A change of a row that has an ETag needs \`If-Match\`.
A POST may carry an \`Idempotency-Key\`: sent again within 24 hours it is answered, not done again. Lists go on with \`after\` = \`next\`.
\`x-doorbook\` of an operation: which data and action of the permission matrix it needs, what its id names, and which roles have that right.`;

const EXAMPLE_KEY = '8e03978e-40d5-43dd-bc93-6894a57f9324';
const IDEMPOTENCY_KEY = Type.String({ description: 'Makes a repeat of this request harmless; 1 to 64 characters of your own choice, kept for 24 hours.', examples: [EXAMPLE_KEY] });
const IF_MATCH = Type.String({ description: 'ETag of the version this change was made from.', examples: ['"7"'] });
const IF_NONE_MATCH = Type.String({ description: 'ETag you have; an unchanged row is answered with 304.', examples: ['"7"'] });
const problem = (description: string) => ({ description, content: { 'application/problem+json': { schema: Problem } } });
const PROBLEMS: Readonly<Record<string, string>> = {
  '4xx': 'What was wrong with the request, or what stands against it.',
  '5xx': 'Something on our side; whether it was done is said in the sentence.',
};

/** Header fields an operation understands beside the session's own. */
function headersOf(method: string, config: Parameters<typeof takesKey>[1]): object {
  if (takesKey(method, config)) return { 'idempotency-key': Type.Optional(IDEMPOTENCY_KEY) };
  if (method === 'PUT' || method === 'PATCH') return { 'if-match': IF_MATCH };
  return method === 'GET' && config.of !== 'open' && config.of !== 'list' ? { 'if-none-match': Type.Optional(IF_NONE_MATCH) } : {};
}

/** A route as the document shows it: with its declaration, its errors by their media type, and who may call it. */
const transform: SwaggerTransform = ({ schema, url, route }) => {
  const { method, config = {} } = route;
  const { data, action, of, roles, strong = false } = config;
  if (schema?.hide === true || data === undefined) return { schema, url };
  const responses = Object.entries(Object(schema?.response)).map(([status, answer]) => [status, PROBLEMS[status] === undefined ? answer : problem(PROBLEMS[status])]);
  const headers = headersOf(String(method), config);
  const nobody = roles === ANYBODY;
  const tokens = !nobody && !strong && of !== 'self';
  const security = nobody ? [] : [{ session: [], csrf: [] }, ...(tokens ? [{ token: [] }] : [])];
  const shown = { tags: [data], ...schema, response: Object.fromEntries(responses), security, 'x-doorbook': { data, action, scope: of, roles, strong } };
  return { url, schema: Object.keys(headers).length === 0 ? shown : { ...shown, headers: Type.Object({ ...headers }) } };
};

/** What `@fastify/swagger` makes the OpenAPI 3.1 document from. */
export const API_DOCUMENT: FastifyDynamicSwaggerOptions = {
  convertConstToEnum: false,
  transform,
  openapi: {
    openapi: '3.1.0',
    info: { title: 'Doorbook', version: '1', description: INTRODUCTION },
    components: {
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'doorbook', description: 'Set by signing in; over TLS its name is __Host-doorbook.' },
        csrf: { type: 'apiKey', in: 'header', name: 'x-csrf-token', description: '`csrf` of GET /api/v1/session; for everything but GET.' },
        token: { type: 'http', scheme: 'bearer', bearerFormat: 'dbk_…', description: 'A personal access token: POST /api/v1/me/tokens.' },
      },
    },
  },
};
