/** Parameters of `path` under a pattern such as `/unit/:id`, or undefined when it is another page. Values are decoded. */
export function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const given = path.replace(/(.)\/$/, '$1').split('/');
  if (wanted.length !== given.length) return undefined;
  const found: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    const value = given[i] ?? '';
    if (part.startsWith(':')) found[part.slice(1)] = value;
    else if (part !== value) return undefined;
  }
  return found;
}

/** A row id from the address bar; 0 when it is not a positive whole number, which no row has. */
export const idFrom = (text: string | undefined): number => (text !== undefined && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : 0);

/** Where to go after signing in: a path of this console, never another site (`//evil`, `/\evil`) and never the sign-in page itself. */
export const safeNext = (next: string | null): string => (next !== null && /^\/(?![/\\])/.test(next) && !next.startsWith('/login') ? next : '/');
