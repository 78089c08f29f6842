import type { FactorGiven } from '../../gateway/http/schemas/own-account.ts';
import type { Role, SessionView } from '../../gateway/http/schemas/session.ts';
import { door, get, post, remove } from './api.ts';
import { usePasskey } from './passkey.ts';

let current = $state.raw<SessionView | undefined>();

/** Who is signed in, or undefined until the gateway has answered for the first time. */
export const session = (): SessionView | undefined => current;

/** The role on screen; undefined when nobody is signed in. */
export const role = (): Role | undefined => current?.account?.role;

/** Whose words a sentence takes: a landlord is told what to do, an operator what is broken, every office what is true. */
export const voice = (): 'LL' | 'SA' | 'OF' => (current?.account?.role === 'LL' || current?.account?.role === 'SA' ? current.account.role : 'OF');

/** May the role on screen do this pair of the permission matrix, `data:letter`? For what to show; the gateway decides again. */
export const may = (pair: string): boolean => current?.may.includes(pair) ?? false;

/** The session is as the gateway says now: after signing in, or a step of it. */
export function takeSession(view: SessionView): void {
  door.csrf = view.csrf;
  current = view;
}

/** Asks the gateway who we are. Throws ApiProblem when it does not answer. */
export const loadSession = async (): Promise<void> => takeSession(await get<SessionView>('/session'));

/** Signs in; throws ApiProblem with the sentence to show. */
export const signIn = async (login: string, password: string): Promise<void> => takeSession(await post<SessionView>('/session', { login, password }));

/** Makes the first administrator with the one-time token of the set-up link. */
export const setUp = async (form: { token: string; login: string; password: string; displayName: string }): Promise<void> => takeSession(await post<SessionView>('/setup', form));

/** Enters the demo in a role with one click. */
export const enterDemo = async (as: Role): Promise<void> => takeSession(await post<SessionView>('/demo/enter', { role: as }));

/** Signs in with a passkey alone; false when the person closed the dialog. Throws ApiProblem. */
export async function signInWithPasskey(): Promise<boolean> {
  const passkey = await usePasskey('/session/passkey/options');
  if (passkey !== undefined) takeSession(await post<SessionView>('/session/passkey', { passkey }));
  return passkey !== undefined;
}

/** Shows a second factor: to finish signing in, or again for an act that asks for it. Throws ApiProblem. */
export const giveFactor = async (shown: FactorGiven): Promise<void> => takeSession(await post<SessionView>('/session/factor', shown));

/** Looks whether we are still who we were, signed in or not; afterwards the CSRF token is the right one. */
export async function stillIn(): Promise<boolean> {
  const before = current?.account?.id;
  await loadSession().catch(() => undefined);
  return current?.account?.id === before;
}

/** Signs out here and on the gateway; here also when the gateway does not answer. */
export async function signOut(): Promise<void> {
  const view = await remove<SessionView | null>('/session').catch(() => null);
  if (view === null) forget();
  else takeSession(view);
}

/** The session is over: whoever looks next signs in again. */
export function forget(): void {
  if (current !== undefined) current = { ...current, account: null };
}
