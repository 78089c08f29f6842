import { go, page } from '../parts/router.svelte.ts';
import { signOut } from '../parts/session.svelte.ts';

let leaving = false;

/** To the sign-in page, and back to where we are now once somebody has signed in; not back for who leaves by himself. */
export function toSignIn(): void {
  const { path, search } = page();
  go(leaving || path === '/' || path === '/login' ? '/login' : `/login?next=${encodeURIComponent(path + search)}`, true);
}

/** Signs out, and shows the sign-in page once that is done. */
export async function leave(): Promise<void> {
  leaving = true;
  await signOut();
  go('/login', true);
  leaving = false;
}
