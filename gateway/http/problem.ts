import type { FastifyError } from 'fastify';
import { JournalUnavailable } from '../journal/entry.ts';
import { type ProblemCode, PROBLEMS } from './problem-codes.ts';
import type { Problem } from './schemas/session.ts';

/** Media type of every error answer (RFC 9457). */
export const PROBLEM_JSON = 'application/problem+json; charset=utf-8';

/** Where a code is explained; the `type` of its problems. */
const problemPage = (code: string): string => `/problems/${code}`;

/** An answer that is not the wished one: thrown by a route, sent as a `Problem`. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly problem: Problem;
  /** Seconds for the Retry-After header. */
  readonly retryAfter: number | undefined;

  constructor(code: ProblemCode, detail: { field?: string; expected?: string; retryAfter?: number }) {
    super(code);
    const [status, zh, en] = PROBLEMS[code];
    const { retryAfter, ...about } = detail;
    this.status = status;
    this.problem = { code, message: { zh, en }, ...about, type: problemPage(code), title: en, status };
    this.retryAfter = retryAfter;
  }
}

export const refusal = (code: ProblemCode, detail: { field?: string; expected?: string; retryAfter?: number } = {}): Refusal => new Refusal(code, detail);

interface Finding {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
}

const SHAPES: Readonly<Record<string, string>> = {
  integer: '整数 / a whole number',
  number: '数字 / a number',
  string: '文字 / text',
  boolean: 'true / false',
  object: '一组字段 / an object',
  array: '列表 / a list',
  null: 'null',
};

function expectedOf({ keyword, params }: Finding): string {
  const limit = String(params['limit'] ?? params['minLength'] ?? params['maxLength'] ?? '');
  if (keyword === 'type') return SHAPES[String(params['type'])] ?? String(params['type']);
  if (keyword === 'minLength') return `至少 ${limit} 个字 / at least ${limit} characters`;
  if (keyword === 'maxLength') return `最多 ${limit} 个字 / at most ${limit} characters`;
  if (keyword === 'minimum') return `不小于 ${limit} / ${limit} or more`;
  if (keyword === 'maximum') return `不大于 ${limit} / ${limit} or less`;
  if (keyword === 'required') return '必填 / required';
  if (keyword === 'const') return JSON.stringify(params['allowedValue']);
  return keyword === 'anyOf' ? '列出的几种之一 / one of the listed forms' : keyword;
}

function fieldOf({ keyword, instancePath, params }: Finding): string {
  const missing = params['requiredProperties'] ?? params['missingProperty'];
  const path = instancePath.split('/').filter((part) => part !== '');
  if (keyword === 'required' && missing !== undefined) path.push(String(Array.isArray(missing) ? missing[0] : missing));
  return path.join('.');
}

/** The first finding of a schema check as a Problem that names the field and what was expected. */
function badInput(findings: readonly Finding[], where: string): Refusal {
  const consts = findings.filter(({ keyword }) => keyword === 'const');
  const first = findings.find(({ keyword }) => keyword !== 'const' && keyword !== 'anyOf') ?? findings[0];
  if (first === undefined) return refusal('BAD_INPUT');
  const choices = consts
    .filter((each) => each.instancePath === first.instancePath)
    .map(expectedOf)
    .join(' | ');
  const expected = first.keyword === 'const' ? choices : expectedOf(first);
  return refusal('BAD_INPUT', { field: fieldOf(first) || where, expected });
}

const isFinding = (value: object): value is Finding => 'keyword' in value && 'instancePath' in value && 'params' in value;

/** By Fastify's own codes; whatever else is below 500 is somebody's bad request, never ours. */
function byStatus(status: number): Refusal {
  if (status === 413) return refusal('TOO_LARGE');
  if (status === 415) return refusal('WRONG_TYPE');
  if (status === 404) return refusal('NOT_FOUND');
  return refusal(status >= 400 && status < 500 ? 'BAD_REQUEST' : 'INTERNAL');
}

/** Any error as the answer a person gets: no stack, no message of a library. */
export function toRefusal(error: FastifyError | Refusal | Error): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof JournalUnavailable) return refusal('UNAVAILABLE');
  if ('validation' in error && Array.isArray(error.validation)) return badInput(error.validation.filter(isFinding), error.validationContext ?? 'body');
  if ('code' in error && error.code === 'FST_ERR_CTP_INVALID_JSON_BODY') return refusal('BAD_INPUT', { field: 'body', expected: 'JSON' });
  return byStatus('statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500);
}
