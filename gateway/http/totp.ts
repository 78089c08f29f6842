import { randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';

/** What every authenticator app can do (RFC 6238 with SHA-1, six digits, half a minute). */
const SHAPE = { algorithm: 'SHA1', digits: 6, period: 30 } as const;
const SECRET_BYTES = 20;
/** The step before and the one after count too: clocks of phones differ. */
const WINDOW = 1;
const ISSUER = 'Doorbook';

export const newTotpSecret = (): Buffer => randomBytes(SECRET_BYTES);

const of = (secret: Uint8Array, label = ''): TOTP => new TOTP({ ...SHAPE, issuer: ISSUER, label, secret: new Secret({ buffer: Uint8Array.from(secret).buffer }) });

/** The secret to type (base32) and the address its QR holds. `label`: login and place, shown in the app. */
export function totpWords(secret: Uint8Array, label: string): { secret: string; uri: string } {
  const totp = of(secret, label);
  return { secret: totp.secret.base32, uri: totp.toString() };
}

/** The time step whose code this is, or undefined when it is none of the three around `now` (epoch ms). Compares in constant time. */
export function stepOfCode(secret: Uint8Array, code: string, now: number): number | undefined {
  const token = code.normalize('NFKC').replace(/\s/g, '');
  if (!/^\d{6}$/.test(token)) return undefined;
  const delta = of(secret).validate({ token, timestamp: now, window: WINDOW });
  return delta === null ? undefined : Math.floor(now / (SHAPE.period * 1000)) + delta;
}
