import { createHash, createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { cose, isoCBOR } from '@simplewebauthn/server/helpers';
import type { PasskeyMade, PasskeyUsed } from '../../gateway/http/schemas/own-account.ts';

const b64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
const sha256 = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest();

const USER_PRESENT = 1;
const USER_VERIFIED = 4;
const ATTESTED = 0x40;

/** What a test bends: another page, another site, a person that was not verified, a copied device. */
export interface Bent {
  readonly origin?: string;
  readonly rpId?: string;
  readonly verified?: boolean;
  readonly counter?: number;
}

/** An authenticator with one passkey in it (ES256, WebAuthn level 2, attestation none), made of node:crypto. */
export class SoftPasskey {
  readonly id = randomBytes(16);
  counter = 0;
  readonly #key: KeyObject;
  readonly #public: Uint8Array;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    const key = new Map<number, number | Uint8Array>([
      [cose.COSEKEYS.kty, cose.COSEKTY.EC2],
      [cose.COSEKEYS.alg, cose.COSEALG.ES256],
      [cose.COSEKEYS.crv, cose.COSECRV.P256],
      [cose.COSEKEYS.x, Uint8Array.from(Buffer.from(x, 'base64url'))],
      [cose.COSEKEYS.y, Uint8Array.from(Buffer.from(y, 'base64url'))],
    ]);
    this.#key = privateKey;
    this.#public = isoCBOR.encode(key);
  }

  #auth({ rpId = 'localhost', verified = true, counter = ++this.counter }: Bent, attested: boolean): Buffer {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter);
    const flags = USER_PRESENT | (verified ? USER_VERIFIED : 0) | (attested ? ATTESTED : 0);
    const length = Buffer.from([0, this.id.length]);
    const credential = attested ? [Buffer.alloc(16), length, this.id, this.#public] : [];
    return Buffer.concat([sha256(rpId), Buffer.of(flags), count, ...credential]);
  }

  #client(type: string, challenge: unknown, { origin = 'http://localhost:8080' }: Bent): Buffer {
    return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  }

  make(challenge: unknown, bent: Bent = {}): PasskeyMade {
    const attestation = new Map<string, unknown>([
      ['fmt', 'none'],
      ['attStmt', new Map()],
      ['authData', Uint8Array.from(this.#auth(bent, true))],
    ]);
    // The encoder's own type leaves out nested maps.
    const attestationObject = b64(isoCBOR.encode(Object(attestation)));
    const response = { clientDataJSON: b64(this.#client('webauthn.create', challenge, bent)), attestationObject, transports: ['internal'] };
    return { id: b64(this.id), rawId: b64(this.id), type: 'public-key', clientExtensionResults: {}, response };
  }

  use(challenge: unknown, bent: Bent = {}): PasskeyUsed {
    const authenticatorData = this.#auth(bent, false);
    const client = this.#client('webauthn.get', challenge, bent);
    const signature = createSign('sha256')
      .update(Buffer.concat([authenticatorData, sha256(client)]))
      .sign(this.#key);
    const response = { clientDataJSON: b64(client), authenticatorData: b64(authenticatorData), signature: b64(signature) };
    return { id: b64(this.id), rawId: b64(this.id), type: 'public-key', clientExtensionResults: {}, response };
  }
}
