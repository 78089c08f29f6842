import { Secret, TOTP } from 'otpauth';

/** The code an authenticator app shows for a secret, now or `steps` half minutes on. */
export const codeNow = (secret: string, steps = 0): string => new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + steps * 30_000 });

/** A browser's part over real HTTP: keeps the cookie and sends the CSRF token. Rejects with what came when the answer is an error. */
export function visitor(url: string) {
  let cookie = '';
  let csrf = '';
  async function ask<T>(method: 'GET' | 'POST', where: string, body?: object): Promise<T> {
    const headers = { ...(cookie === '' ? {} : { cookie }), ...(method === 'GET' ? {} : { 'x-csrf-token': csrf, 'content-type': 'application/json', origin: url }) };
    const response = await fetch(`${url}/api/v1${where}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await response.text();
    cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie;
    if (!response.ok) throw new Error(`${where}: ${response.status} ${text}`);
    const answer = JSON.parse(text);
    csrf = answer.csrf ?? answer.session?.csrf ?? csrf;
    return answer;
  }
  return { get: <T>(where: string) => ask<T>('GET', where), post: <T>(where: string, body: object = {}) => ask<T>('POST', where, body) };
}
