import type { Problem } from '../../gateway/http/schemas/session.ts';

/** What the client needs from the session, set by session.svelte.ts: the token of unsafe requests, and what to do when the session is over. */
export const door = { csrf: '', signedOut: (): void => {} };

/** A request that did not succeed, with the server's sentence, or ours when there was no server. `status` 0: no answer. */
class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly problem: Problem;
  readonly status: number;

  constructor(problem: Problem, status: number) {
    super(problem.code);
    this.problem = problem;
    this.status = status;
  }
}

const NO_ANSWER: Problem = {
  code: 'NO_ANSWER',
  message: {
    zh: '连不上网关。门不受影响，照常认卡。请看网关有没有开着、网线通不通，再试一次。',
    en: 'The gateway does not answer. The doors go on working. Check that it is running and the network is plugged in, then try again.',
  },
};
const ODD_ANSWER: Problem = {
  code: 'ODD_ANSWER',
  message: { zh: '网关这次没答好，什么都没有改。请再试一次。', en: 'The gateway could not finish this. Nothing was changed. Try again.' },
};

const isProblem = (body: unknown): body is Problem =>
  typeof body === 'object' && body !== null && 'code' in body && 'message' in body && typeof body.message === 'object' && body.message !== null && 'zh' in body.message;

/** Any error as a problem a person can read. */
export const problemOf = (error: unknown): Problem => (error instanceof ApiProblem ? error.problem : ODD_ANSWER);

interface Send {
  readonly method: 'POST' | 'DELETE';
  readonly json?: object;
  readonly file?: Blob;
}

function parsed<T>(text: string): T | undefined {
  try {
    return JSON.parse(text === '' ? 'null' : text);
  } catch {
    return undefined;
  }
}

async function request<T>(path: string, send?: Send): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (send !== undefined) headers['x-csrf-token'] = door.csrf;
  if (send?.json !== undefined) headers['content-type'] = 'application/json';
  if (send?.file !== undefined) headers['content-type'] = 'application/octet-stream';
  const body = send?.file ?? (send?.json === undefined ? null : JSON.stringify(send.json));
  const response = await fetch(`/api/v1${path}`, { method: send?.method ?? 'GET', headers, body, credentials: 'same-origin', cache: 'no-store' }).catch(() => {
    throw new ApiProblem(NO_ANSWER, 0);
  });
  const answer = parsed<T>(await response.text().catch(() => ''));
  if (response.status === 401 && path !== '/session') door.signedOut();
  if (!response.ok || answer === undefined) throw new ApiProblem(isProblem(answer) ? answer : ODD_ANSWER, response.status);
  return answer;
}

/** Reads from /api/v1; throws ApiProblem. The types are those of the schemas the server answers by. */
export const get = <T>(path: string): Promise<T> => request<T>(path);
/** Sends JSON; throws ApiProblem. */
export const post = <T>(path: string, json: object): Promise<T> => request<T>(path, { method: 'POST', json });
/** Sends a file as it is; throws ApiProblem. */
export const postFile = <T>(path: string, file: Blob): Promise<T> => request<T>(path, { method: 'POST', file });
/** Deletes; throws ApiProblem. */
export const remove = <T>(path: string): Promise<T> => request<T>(path, { method: 'DELETE' });
