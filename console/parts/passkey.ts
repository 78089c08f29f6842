import type { PublicKeyCredentialCreationOptionsJSON, PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/browser';
import type { PasskeyMade, PasskeyUsed } from '../../gateway/http/schemas/own-account.ts';
import { post } from './api.ts';

/** Can this browser give a passkey to this address? It must be a name, over TLS or localhost. */
export const passkeysHere = (): boolean => typeof PublicKeyCredential === 'function' && !/^[\d.]+$|^\[/.test(location.hostname);

/** The browser's own dialog; undefined when the person closed it, or nothing fitted. */
async function dialog<T>(show: () => Promise<T>): Promise<T | undefined> {
  try {
    return await show();
  } catch {
    return undefined;
  }
}

/** Asks the gateway at `path` what to sign, and the person for a passkey. Throws ApiProblem. */
export async function usePasskey(path: string): Promise<PasskeyUsed | undefined> {
  const { startAuthentication } = await import('@simplewebauthn/browser');
  const optionsJSON = await post<PublicKeyCredentialRequestOptionsJSON>(path, {});
  return dialog(() => startAuthentication({ optionsJSON }));
}

/** Lets the browser make a passkey. `password`: asked again where the account has no second factor yet. Throws ApiProblem. */
export async function makePasskey(password: string): Promise<PasskeyMade | undefined> {
  const { startRegistration } = await import('@simplewebauthn/browser');
  const optionsJSON = await post<PublicKeyCredentialCreationOptionsJSON>('/session/factors/passkey/options', password === '' ? {} : { password });
  return dialog(() => startRegistration({ optionsJSON }));
}
