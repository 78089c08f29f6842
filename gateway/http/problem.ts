import type { FastifyError } from 'fastify';
import { JournalUnavailable } from '../journal/entry.ts';
import type { Problem } from './schemas/session.ts';

/** Every error answer of the API: status and the sentence a person is shown. */
const PROBLEMS = {
  BAD_INPUT: [400, '填写的内容不对，请看标出的一项。', 'Something was filled in wrongly. See the field named.'],
  BAD_REQUEST: [400, '看不懂这个请求。', 'The request could not be understood.'],
  NOT_SIGNED_IN: [401, '请先登录。', 'Please sign in first.'],
  WRONG_LOGIN: [401, '账号或密码不对。', 'The name or the password is wrong.'],
  SETUP_LINK_USED: [401, '设置链接无效或已用过。重启后会给出新链接。', 'This set-up link is wrong or was used. A restart prints a new one.'],
  NOT_ALLOWED: [403, '您的账号不能做这件事。', 'Your account may not do this.'],
  CSRF: [403, '页面放久了，请刷新后再试。', 'The page is out of date. Reload it and try again.'],
  CROSS_SITE: [403, '这个请求来自别的网站，没有执行。', 'The request came from another site and was not carried out.'],
  DEMO_ONLY: [403, '只有在本机的演示里才能这样做。', 'This works only in the demo, on this computer.'],
  NOT_FOUND: [404, '没有找到。', 'Not found.'],
  SCOPE_DENIED: [404, '这不在您管理的楼里。', 'This is not in one of your buildings.'],
  TAKEN: [409, '已经有了，没有再登记一次。请看标出的一项。', 'It is there already, so nothing was added. See the field named.'],
  ALREADY_APPLIED: [409, '这份名单已经导入过了。', 'This file has already been applied.'],
  HAS_BAD_ROWS: [409, '有几行不对。请改好再传，或选“只导入正确的行”。', 'Some rows are wrong. Correct the file, or choose “good rows only”.'],
  TOO_LARGE: [413, '文件太大，最多 8 MB。', 'The file is too large; 8 MB at most.'],
  WRONG_TYPE: [415, '不支持这种格式。', 'This format is not supported.'],
  UPGRADE: [426, '这个地址只用于实时连接。', 'This address is for the live connection only.'],
  TOO_MANY_TRIES: [429, '试错太多次，请过一会儿再试。', 'Too many wrong tries. Wait a little and try again.'],
  BUSY: [429, '现在登录的人太多，请稍后再试。', 'Too many people are signing in. Try again in a moment.'],
  INTERNAL: [500, '系统出错了，已记录。请再试一次。', 'Something went wrong on our side and was noted. Please try again.'],
  UNAVAILABLE: [503, '记录暂时写不进去，没有执行。请稍后再试。', 'The log cannot be written just now, so nothing was done. Try again soon.'],
  DOORS_SILENT: [503, '门的部分没有回应。请稍后再试。', 'The doors did not answer. Try again soon.'],
  SIM_SILENT: [503, '模拟门没有回应。请看看网关是否刚启动。', 'The simulated doors did not answer. Has the gateway just started?'],
} as const satisfies Record<string, readonly [number, string, string]>;

export type ProblemCode = keyof typeof PROBLEMS;

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
    this.problem = { code, message: { zh, en }, ...about };
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
