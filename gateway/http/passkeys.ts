import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { AccountRow } from '../store/accounts.ts';
import type { FactorStore, NewPasskey, PasskeyRow } from '../store/factors.ts';
import { type ChallengeUse, createChallenges } from './challenges.ts';
import { refusal } from './problem.ts';
import type { PasskeyMade, PasskeyUsed } from './schemas/own-account.ts';

/** Where a browser is: passkeys are bound to the name of the place. */
export interface Place {
  /** The address as browsers write it: https://doors.example.cn, http://localhost:8080. */
  readonly origin: string;
  /** The browser's cookie: a challenge belongs to one browser. */
  readonly token: string;
}

export interface Passkeys {
  /** Do browsers give out passkeys at this address at all? A name, over TLS, or localhost. */
  possible(origin: string): boolean;
  toAdd(account: AccountRow, place: Place): Promise<PublicKeyCredentialCreationOptionsJSON>;
  /** The passkey in a browser's answer, proven. Throws PASSKEY_LATE or PASSKEY_WRONG. */
  made(answer: PasskeyMade, place: Place): Promise<Pick<NewPasskey, 'credentialId' | 'publicKey' | 'counter' | 'transports'>>;
  /** `accountId` undefined: whoever has one for this place may sign in. */
  toUse(accountId: number | undefined, place: Place): Promise<PublicKeyCredentialRequestOptionsJSON>;
  /** The passkey that made the answer, or undefined when it is not one of ours or does not fit. Alone it counts only with the person verified. Throws PASSKEY_LATE. */
  used(answer: PasskeyUsed, place: Place, alone: boolean): Promise<PasskeyRow | undefined>;
}

const rpName = 'Doorbook';
const nameOf = (origin: string): string => new URL(origin).hostname;

function possible(origin: string): boolean {
  const { hostname, protocol } = new URL(origin);
  const isName = isIP(hostname) === 0 && !hostname.startsWith('[');
  return isName && (protocol === 'https:' || hostname === 'localhost' || hostname.endsWith('.localhost'));
}

function rpOf({ origin }: Place): string {
  if (!possible(origin)) throw refusal('PASSKEY_NOT_HERE');
  return nameOf(origin);
}

/** The account as an authenticator keeps it: the same each time, so that a second passkey takes the place of the first, and without a name. */
const handleOf = (accountId: number): Uint8Array<ArrayBuffer> => Uint8Array.from(createHash('sha256').update(`doorbook/account/${accountId}`).digest());
const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
const named = ({ credentialId, transports }: PasskeyRow) => ({ id: base64url(credentialId), transports: [...transports] });

export function createPasskeys({ store, clock }: { readonly store: FactorStore; readonly clock: () => number }): Passkeys {
  const challenges = createChallenges(clock);
  function spend({ token }: Place, use: ChallengeUse): string {
    const challenge = challenges.take(token, use);
    if (challenge === undefined) throw refusal('PASSKEY_LATE');
    return challenge;
  }
  return {
    possible,
    async toAdd({ id, login, displayName }, place) {
      const options = await generateRegistrationOptions({
        rpName,
        rpID: rpOf(place),
        userName: login,
        userDisplayName: displayName,
        userID: handleOf(id),
        excludeCredentials: (await store.passkeys(id)).map(named),
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
      });
      challenges.keep(place.token, 'add', options.challenge);
      return options;
    },
    async made(answer, place) {
      const { transports, ...response } = answer.response;
      const expected = { expectedChallenge: spend(place, 'add'), expectedOrigin: place.origin, expectedRPID: rpOf(place), requireUserVerification: false };
      const result = await verifyRegistrationResponse({ ...expected, response: { ...answer, response } }).catch(() => undefined);
      if (result?.verified !== true) throw refusal('PASSKEY_WRONG');
      const { id, publicKey, counter } = result.registrationInfo.credential;
      return { credentialId: Uint8Array.from(Buffer.from(id, 'base64url')), publicKey: Uint8Array.from(publicKey), counter, transports: transports ?? [] };
    },
    async toUse(accountId, place) {
      const known = accountId === undefined ? undefined : (await store.passkeys(accountId)).map(named);
      const options = await generateAuthenticationOptions({
        rpID: rpOf(place),
        userVerification: accountId === undefined ? 'required' : 'preferred',
        ...(known === undefined ? {} : { allowCredentials: known }),
      });
      challenges.keep(place.token, accountId === undefined ? 'sign-in' : 'give', options.challenge);
      return options;
    },
    async used(answer, place, alone) {
      const expectedChallenge = spend(place, alone ? 'sign-in' : 'give');
      const passkey = await store.passkey(Buffer.from(answer.id, 'base64url'));
      if (passkey === undefined) return undefined;
      const { credentialId, publicKey, counter } = passkey;
      const result = await verifyAuthenticationResponse({
        response: answer,
        expectedChallenge,
        expectedOrigin: place.origin,
        expectedRPID: rpOf(place),
        credential: { id: base64url(credentialId), publicKey, counter },
        requireUserVerification: alone,
      }).catch(() => undefined);
      if (result?.verified !== true) return undefined;
      return (await store.usedPasskey(passkey.id, { before: counter, after: result.authenticationInfo.newCounter }, clock())) ? passkey : undefined;
    },
  };
}
