import { createHash } from 'node:crypto';
import { type ListSigner, listSigner, listVerifier, openHeader } from '../../../gateway/wire/mqtt/list-header.ts';
import { current } from '../engine/current.ts';

const real = listSigner(createHash('sha256').update('simulated list key').digest());
const verifier = listVerifier(real.publicKey);
/** Stands for the signature where seals are left off. */
const FAKE = Buffer.from(`\n${'0'.repeat(128)}`);

/** Signs the headers of lists, each anew: two headers never have to be told apart by their signature. */
export const simSigner = (): ListSigner => ({ publicKey: real.publicKey, sign: (header) => (current().sealed ? real.sign(header) : Buffer.concat([header, FAKE])) });

/** The header in a signed body; undefined when the signature is not the site's. */
export const headerOf = (signed: Uint8Array): Buffer | undefined =>
  current().sealed ? openHeader(signed, verifier) : Buffer.from(signed.subarray(0, signed.length - FAKE.length));
