import { createPublicKey, type KeyObject, webcrypto, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import { ConfigError } from '../config.ts';
import { pinOf } from '../wire/mqtt/enrol.ts';

/** What the port for controllers shows, and what they are to pin. */
export interface DoorCertificate {
  readonly pin: string;
  readonly context: SecureContext;
}

/** A server certificate of ours is made at each start and each day, and good for so long; controllers go by the key that signs it and not by dates until they know the time. */
const LIFE_MS = 90 * 86_400_000;
const CA_LIFE_MS = 50 * 365 * 86_400_000;
const EARLIER_MS = 86_400_000;
const CURVE = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' } as const;
const ANY: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

const pem = (label: string, der: ArrayBuffer | Uint8Array): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(der as Uint8Array)
    .toString('base64')
    .replace(/.{64}(?=.)/g, '$&\n')}\n-----END ${label}-----\n`;

/** Only TLS 1.3: every controller is new. */
const contextOf = (cert: string | Buffer, key: string | Buffer): SecureContext => createSecureContext({ cert, key, minVersion: 'TLSv1.3' });

/**
 * A certificate for these names, signed by the gateway's own key for controllers (RFC 5280). The signing certificate is
 * sent along, for it is what controllers pin.
 */
export async function ownCertificate(ca: KeyObject, names: readonly string[], now: number): Promise<DoorCertificate> {
  // The package reads the types of its own classes at run time, and is needed nowhere else: it is loaded here.
  await import('reflect-metadata');
  const { BasicConstraintsExtension, ExtendedKeyUsage, ExtendedKeyUsageExtension, KeyUsageFlags, KeyUsagesExtension, SubjectAlternativeNameExtension, X509CertificateGenerator } =
    await import('@peculiar/x509');
  const { subtle } = webcrypto;
  const jwk = ca.export({ format: 'jwk' });
  const { d: _, ...publicJwk } = jwk;
  const caKeys = { privateKey: await subtle.importKey('jwk', jwk, CURVE, false, ['sign']), publicKey: await subtle.importKey('jwk', publicJwk, CURVE, true, ['verify']) };
  const own = await subtle.generateKey(CURVE, true, ['sign', 'verify']);
  const issuer = 'CN=Doorbook doors';
  const root = await X509CertificateGenerator.createSelfSigned({
    name: issuer,
    keys: caKeys,
    serialNumber: '01',
    notBefore: new Date(0),
    notAfter: new Date(CA_LIFE_MS * 2),
    signingAlgorithm: SIGNING,
    extensions: [new BasicConstraintsExtension(true, 0, true), new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true)],
  });
  const shown = names.filter((name) => !ANY.has(name));
  const leaf = await X509CertificateGenerator.create({
    subject: 'CN=Doorbook gateway',
    issuer,
    publicKey: own.publicKey,
    signingKey: caKeys.privateKey,
    signingAlgorithm: SIGNING,
    notBefore: new Date(now - EARLIER_MS),
    notAfter: new Date(now + LIFE_MS),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(shown.map((name) => ({ type: isIP(name) === 0 ? ('dns' as const) : ('ip' as const), value: name }))),
    ],
  });
  const key = pem('PRIVATE KEY', await subtle.exportKey('pkcs8', own.privateKey));
  return { pin: pinOf(createPublicKey(ca)), context: contextOf(pem('CERTIFICATE', leaf.rawData) + pem('CERTIFICATE', root.rawData), key) };
}

/** The operator's own certificate. Controllers pin the key of the last certificate in the file, so its issuer when that is in it. Throws ConfigError. */
export function givenCertificate({ cert, key }: { readonly cert: string; readonly key: string }): DoorCertificate {
  const [certs, keyBytes] = [readFileSync(cert), readFileSync(key)];
  try {
    const last =
      certs
        .toString('latin1')
        .match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)
        ?.at(-1) ?? '';
    return { pin: pinOf(new X509Certificate(last).publicKey), context: contextOf(certs, keyBytes) };
  } catch (error) {
    throw new ConfigError(`MQTTS_CERT: expected a certificate and, in MQTTS_KEY, the key that belongs to it (${error instanceof Error ? error.message : String(error)}).`);
  }
}
