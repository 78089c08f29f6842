import { createPublicKey, webcrypto } from 'node:crypto';
import { pinOf } from '../../gateway/wire/mqtt/enrol.ts';

/** A key nobody kept, and what is pinned of it. */
export interface ThrowAway {
  readonly pin: string;
  /** PEM. */
  readonly cert: string;
  readonly key: string;
}

const CURVE = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
const pem = (label: string, der: ArrayBuffer): string => `-----BEGIN ${label}-----\n${Buffer.from(der).toString('base64')}\n-----END ${label}-----\n`;

/** A self-signed certificate good for a day: the pin is that of its own key. TLS 1.3 alone. */
export async function throwAwayCertificate(): Promise<ThrowAway> {
  // The package reads the types of its own classes at run time, and is needed nowhere else: it is loaded here.
  await import('reflect-metadata');
  const { X509CertificateGenerator } = await import('@peculiar/x509');
  const keys = await webcrypto.subtle.generateKey(CURVE, true, ['sign', 'verify']);
  const now = Date.now();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=Doorbook judge',
    keys,
    serialNumber: '01',
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + DAY_MS),
    signingAlgorithm: SIGNING,
  });
  const key = pem('PRIVATE KEY', await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const publicKey = createPublicKey({ key: Buffer.from(certificate.publicKey.rawData), format: 'der', type: 'spki' });
  return { pin: pinOf(publicKey), cert: pem('CERTIFICATE', certificate.rawData), key };
}
