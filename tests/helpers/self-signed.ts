import { generateKeyPairSync, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** One DER value (X.690) of these parts. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  if (body.length < 128) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const length = body.length < 256 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const [SEQUENCE, SET, INTEGER, OID, BITS, OCTETS, TIME, UTF8] = [0x30, 0x31, 0x02, 0x06, 0x03, 0x04, 0x18, 0x0c];
const ECDSA_SHA256 = der(SEQUENCE, der(OID, Buffer.from('2a8648ce3d040302', 'hex')));
const COMMON_NAME = der(OID, Buffer.from('550403', 'hex'));
const ALT_NAME = der(OID, Buffer.from('551d11', 'hex'));
const time = (ms: number): Buffer => der(TIME, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`));

/** A certificate that signs itself, and its key, as two PEM files in a folder. Times in epoch ms. */
export function selfSigned(
  dir: string,
  { host, from, until }: { readonly host: string; readonly from: number; readonly until: number },
): { readonly cert: string; readonly key: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(UTF8, Buffer.from(host)))));
  const alt = der(SEQUENCE, ALT_NAME, der(OCTETS, der(SEQUENCE, der(0x82, Buffer.from(host)))));
  const body = der(
    SEQUENCE,
    der(0xa0, der(INTEGER, Buffer.from([2]))),
    der(INTEGER, Buffer.from([1])),
    ECDSA_SHA256,
    name,
    der(SEQUENCE, time(from), time(until)),
    name,
    publicKey.export({ format: 'der', type: 'spki' }),
    der(0xa3, der(SEQUENCE, alt)),
  );
  const whole = der(SEQUENCE, body, ECDSA_SHA256, der(BITS, Buffer.from([0]), sign('sha256', body, privateKey)));
  const files = { cert: path.join(dir, `${host}.cert.pem`), key: path.join(dir, `${host}.key.pem`) };
  const text = whole.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  writeFileSync(files.cert, `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`);
  writeFileSync(files.key, privateKey.export({ format: 'pem', type: 'pkcs8' }));
  return files;
}
