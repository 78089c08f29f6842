import { tick } from 'svelte';

const here = $state({ path: location.pathname, search: location.search, hash: location.hash });

function read(): void {
  here.path = location.pathname;
  here.search = location.search;
  here.hash = location.hash;
}

/** The page being shown; reading it in a template or an effect follows the address bar. */
export const page = (): Readonly<typeof here> => here;

/** Puts the section named in the address into view, or the top of a new page. A page whose content came later calls it again. */
export async function settle(samePage: boolean): Promise<void> {
  await tick();
  const target = here.hash === '' ? null : document.getElementById(here.hash.slice(1));
  if (target !== null) target.scrollIntoView();
  else if (!samePage) window.scrollTo(0, 0);
}

/** Goes to a path of this console. `replace` leaves no way back to the page before. */
export function go(to: string, replace = false): void {
  const before = here.path;
  if (replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  read();
  void settle(before === here.path);
}

/** Follows the address bar and turns clicks on our own links into page changes. Called once, at the start. */
export function startRouter(): void {
  addEventListener('popstate', read);
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a[href]') : null;
    if (!(link instanceof HTMLAnchorElement) || link.origin !== location.origin || link.hasAttribute('download') || link.target !== '') return;
    event.preventDefault();
    go(link.pathname + link.search + link.hash);
  });
}
