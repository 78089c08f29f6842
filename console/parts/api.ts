import type { Problem } from '../../gateway/http/schemas/session.ts';

/**
 * What the client needs from the session, set by main.ts: the token of unsafe requests, what to do when the session is
 * over, how to learn whether it is (another tab may have renewed it), and how to ask for the second factor.
 */
export const door = { csrf: '', signedOut: (): void => {}, stillIn: async (): Promise<boolean> => false, askFactor: async (): Promise<boolean> => false };

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
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly json?: object;
  readonly file?: Blob;
  /** The version that was on screen: a change of another one is refused (STALE_VERSION). */
  readonly version?: number | undefined;
}

function parsed<T>(text: string): T | undefined {
  try {
    return JSON.parse(text === '' ? 'null' : text);
  } catch {
    return undefined;
  }
}

async function askOnce(path: string, send?: Send): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (send !== undefined) headers['x-csrf-token'] = door.csrf;
  if (send?.json !== undefined) headers['content-type'] = 'application/json';
  if (send?.file !== undefined) headers['content-type'] = send.file.type.startsWith('image/') ? send.file.type : 'application/octet-stream';
  if (send?.version !== undefined) headers['if-match'] = `"${send.version}"`;
  const body = send?.file ?? (send?.json === undefined ? null : JSON.stringify(send.json));
  return fetch(`/api/v1${path}`, { method: send?.method ?? 'GET', headers, body, credentials: 'same-origin', cache: 'no-store' }).catch(() => {
    throw new ApiProblem(NO_ANSWER, 0);
  });
}

/** Refused for what can be put right at once: the session goes on under another token, or the second factor is asked. */
async function putRight(path: string, response: Response): Promise<boolean> {
  if (response.status === 401) return path !== '/session' && door.stillIn();
  if (response.status !== 403) return false;
  const problem = parsed<Problem | null>(await response.clone().text());
  if (problem?.code === 'CSRF') return door.stillIn();
  return problem?.code === 'SECOND_FACTOR' && door.askFactor();
}

/** Asks, and once more when what kept it from succeeding was put right. */
async function ask(path: string, send?: Send): Promise<Response> {
  const response = await askOnce(path, send);
  return !response.ok && (await putRight(path, response)) ? askOnce(path, send) : response;
}

async function answerOf<T>(path: string, response: Response): Promise<T> {
  const answer = parsed<T>(await response.text().catch(() => ''));
  if (response.status === 401 && path !== '/session') door.signedOut();
  if (!response.ok || answer === undefined) throw new ApiProblem(isProblem(answer) ? answer : ODD_ANSWER, response.status);
  return answer;
}

const request = async <T>(path: string, send?: Send): Promise<T> => answerOf<T>(path, await ask(path, send));

/** Reads from /api/v1; throws ApiProblem. The types are those of the schemas the server answers by. */
export const get = <T>(path: string): Promise<T> => request<T>(path);
/** Sends JSON; throws ApiProblem. `version`: of the row that was on screen, where the act is about one. */
export const post = <T>(path: string, json: object, version?: number): Promise<T> => request<T>(path, { method: 'POST', json, version });
/** Changes a row; `version`: the one that was on screen. Throws ApiProblem. */
export const put = <T>(path: string, json: object, version?: number): Promise<T> => request<T>(path, { method: 'PUT', json, version });
/** Changes parts of a row; `version`: the one that was on screen. Throws ApiProblem. */
export const patch = <T>(path: string, json: object, version: number): Promise<T> => request<T>(path, { method: 'PATCH', json, version });
/** Sends JSON and takes the file that comes back; what is JSON (an act that waits for a second person, say) comes as that. Throws ApiProblem. */
export async function postForFile<T>(path: string, json: object): Promise<Blob | T> {
  const response = await ask(path, { method: 'POST', json });
  // A file says so: evidence with proofs is JSON, too.
  const isFile = response.ok && response.headers.has('content-disposition');
  return isFile ? response.blob() : answerOf<T>(path, response);
}
/** Sends a file as it is; `version`: of the row that was on screen, where it belongs to one. Throws ApiProblem. */
export const postFile = <T>(path: string, file: Blob, version?: number): Promise<T> => request<T>(path, { method: 'POST', file, version });
/** Deletes; throws ApiProblem. */
export const remove = <T>(path: string, version?: number): Promise<T> => request<T>(path, { method: 'DELETE', version });
