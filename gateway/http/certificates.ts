import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import path from 'node:path';
import { type CertificateStatement, certificateText, readCertificate, splitCertificate } from '../core/certificate.ts';
import { addDays, dateAt, type LocalDate } from '../core/local-date.ts';
import { maskName } from '../core/mask.ts';
import { ownCertificateKey } from '../store/certificate-key.ts';
import type { RegistrationRow } from '../store/registrations.ts';

/** What stands in front of 32 raw bytes of an Ed25519 key in PKCS #8 (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
/** A certificate says no more than a year ahead: after that it is printed anew. */
const MOST_DAYS = 365;

/** Signs certificates and checks them. */
export interface Certificates {
  /** The public key, PEM: with it anybody checks one without asking us. */
  readonly publicKey: string;
  /** What the QR code holds. */
  sign(statement: CertificateStatement): string;
  /** The statement, when the signature is the site's; undefined: forged, altered, or none of ours. */
  open(text: string): CertificateStatement | undefined;
}

/** The site's certificates; `data`: the data directory. Throws StoreError when the key is damaged. */
export function certificatesIn(data: string): Certificates {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, ownCertificateKey(path.join(data, 'keys'))]), format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(key);
  return {
    publicKey: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    sign(statement) {
      const body = Buffer.from(certificateText(statement));
      return `${body.toString('base64url')}.${sign(null, body, key).toString('base64url')}`;
    },
    open(text) {
      const parts = splitCertificate(text);
      if (parts === undefined) return undefined;
      const body = Buffer.from(parts.body, 'base64url');
      return verify(null, body, publicKey, Buffer.from(parts.signature, 'base64url')) ? readCertificate(body.toString()) : undefined;
    },
  };
}

/** Last day of a certificate printed at `now`: that of the stay or of the contract that runs, a year ahead at most. */
export function certifiedUntil({ endsAt, termEnd }: Pick<RegistrationRow, 'endsAt' | 'termEnd'>, now: number): LocalDate {
  const ends = [endsAt, termEnd].flatMap((at) => (at !== null && at > now ? [dateAt(at)] : []));
  return [...ends, addDays(dateAt(now), MOST_DAYS)].reduce((first, next) => (next < first ? next : first));
}

/** What a stranger is told of a registration. */
export const statementOf = (row: RegistrationRow, place: string, now: number): CertificateStatement => ({
  number: row.certificate,
  name: maskName(row.name),
  place,
  until: certifiedUntil(row, now),
});
