import { ANYBODY, MATRIX, rightTo } from '../../gateway/core/matrix.ts';
import type { Role } from '../../gateway/core/roles.ts';
import { PROBLEMS } from '../../gateway/http/problem-codes.ts';
import type { Operation } from './openapi.ts';
import type { Sent } from './http-request.ts';

/** An answer as it came. */
export interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** What no answer shows: a place in code, a stack, a folder, or words of the database. */
const INSIDES =
  /\bat (?:async )?[\w.<>[\] ]+ \((?:file|node|\/)|node_modules|\.[cm]?[jt]s:\d+:\d+|file:\/\/\/|SQLITE_|SqliteError|PrismaClient|\/tmp\/|\/dev\/shm\/|\bENOENT\b|\[object Object\]/;

const parsed = (text: string): Record<string, unknown> => {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
};

/** What is wrong with an error answer's form (RFC 9457, and our own code and field). */
function problemWrong({ status, headers, body }: Got): string | undefined {
  if (!String(headers['content-type']).startsWith('application/problem+json')) return `a ${status} of type ${String(headers['content-type'])}`;
  const problem = parsed(body);
  const { code, message } = problem;
  const known = typeof code === 'string' && Object.hasOwn(PROBLEMS, code) ? Object.entries(PROBLEMS).find(([name]) => name === code)?.[1] : undefined;
  if (known === undefined) return `a ${status} with the code ${String(code)}`;
  if (known[0] !== status || problem['status'] !== status) return `${String(code)} came as ${status}`;
  const { zh, en } = Object(message);
  if (zh !== known[1] || en !== known[2]) return `${String(code)} without its sentences`;
  return code === 'BAD_INPUT' && typeof problem['field'] !== 'string' ? 'BAD_INPUT names no field' : undefined;
}

/** May this role do this at all, by the matrix alone? Undefined: nobody is signed in. */
function mayAtAll({ needs: { data, action } }: Operation, role: Role | undefined): boolean {
  if (MATRIX[data] === ANYBODY) return true;
  return role !== undefined && rightTo(data, role, action, true) !== undefined;
}

/** Everything that is wrong with an answer, whoever asked; empty when nothing is. */
export function wrongWith(sent: Sent, role: Role | undefined, got: Got): string[] {
  const wrong: string[] = [];
  const done = got.status < 400;
  if (got.status >= 500) wrong.push(`answered ${got.status}`);
  if (INSIDES.test(got.body) || INSIDES.test(JSON.stringify(got.headers))) wrong.push(`shows its insides: ${INSIDES.exec(got.body)?.[0] ?? 'in a header'}`);
  if (!done && sent.method !== 'HEAD') wrong.push(...[problemWrong(got) ?? []].flat());
  const { asks } = sent;
  if (asks !== undefined && done && !mayAtAll(asks, role)) wrong.push(`carried out for ${role ?? 'nobody'}, who has no right to ${asks.needs.data}:${asks.needs.action}`);
  if (done && sent.lacks !== undefined && !['GET', 'HEAD', 'OPTIONS'].includes(sent.method)) wrong.push(`carried out without the right ${sent.lacks}`);
  return wrong;
}
