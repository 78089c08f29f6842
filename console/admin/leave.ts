import { go, page } from '../parts/router.svelte.ts';

/** To the sign-in page, and back to where we are now once somebody has signed in. */
export function toSignIn(): void {
  const { path, search } = page();
  go(path === '/' || path === '/login' ? '/login' : `/login?next=${encodeURIComponent(path + search)}`, true);
}
