import { createECDH } from 'node:crypto';
import { type Ask, type EnrolRefusal, type Identity, newcomerOf, type Offer, take } from '../gateway/wire/mqtt/enrol.ts';
import { askOnce } from './enrol-line.ts';

/** What somebody before the door is told when a code is not taken. */
const WORDS: Readonly<Record<EnrolRefusal, string>> = {
  UNKNOWN: '网关不认识这个装机码。请核对，或请管理员再发一个。 The gateway does not know this code. Check it, or ask for another.',
  USED: '这个装机码已经被别的控制器用了。请再发一个。 Another controller has used this code. Ask for another.',
  EXPIRED: '装机码过期了，只有 15 分钟。请再发一个。 This code has run out after 15 minutes. Ask for another.',
  CANCELLED: '这个装机码作废了，用最新的那个。 This code was cancelled; use the newest one.',
  DOORS: '登记的门比这个控制器能管的多。 More doors are registered than this controller can work.',
  LATER: '网关现在存不了，请过一分钟再试。 The gateway cannot store it now. Try again in a minute.',
};

/** A code was not taken. The message is a sentence for whoever stands before the door. */
export class EnrolRefused extends Error {
  override readonly name = 'EnrolRefused';
  readonly why: EnrolRefusal;
  constructor(why: EnrolRefusal) {
    super(WORDS[why]);
    this.why = why;
  }
}

/** The device: what it says it is, and its 32-byte private key, the same in every try. */
export interface Newcomer {
  readonly privateKey: Uint8Array;
  readonly model: string;
  readonly fw: string;
  readonly doors: number;
}

/** Trades the code of an offer for an identity. Rejects with a sentence for whoever stands before the door: EnrolRefused when the gateway said no. May be tried again with the same key. */
export async function enrol(offer: Offer, { privateKey, model, fw, doors }: Newcomer): Promise<Identity> {
  const keys = createECDH('prime256v1');
  keys.setPrivateKey(privateKey);
  const ask: Ask = { v: 1, k: keys.getPublicKey('hex'), c: offer.code, model, fw, doors };
  const identity = take(await askOnce(offer, newcomerOf(keys.getPublicKey()), Buffer.from(JSON.stringify(ask))), { privateKey, code: offer.code });
  if (typeof identity === 'string') throw new EnrolRefused(identity);
  return identity;
}
