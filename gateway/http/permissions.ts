import type { Role } from './schemas/session.ts';

/**
 * Who may do what, as far as the first form goes (domain.md 5.8). A pair that is not here cannot be declared by a
 * route, and a route that declares nothing stops `buildApp`: deny by default. Which rows a role gets is
 * scope (`viewer.ts`), which fields is disclosure (`disclosure.ts`).
 */
const EVERYONE: readonly Role[] = ['SA', 'LL', 'OF'];
/** Also without signing in. */
const ANYBODY = 'anybody';

const TABLE = {
  health: { read: ANYBODY },
  document: { read: ANYBODY },
  console: { read: ANYBODY },
  session: { read: ANYBODY, create: ANYBODY, end: ANYBODY },
  account: { setUp: ANYBODY, enterDemo: ANYBODY },
  building: { read: EVERYONE, add: ['SA'] },
  unit: { read: EVERYONE },
  door: { read: EVERYONE, unlock: ['SA', 'LL'], fit: ['SA'] },
  entry: { read: EVERYONE, follow: EVERYONE },
  roster: { preview: ['SA', 'LL'], apply: ['SA', 'LL'] },
  demo: { read: EVERYONE, act: EVERYONE },
} as const satisfies Record<string, Record<string, readonly Role[] | typeof ANYBODY>>;

export type Data = keyof typeof TABLE;
export type ActionOn<D extends Data> = keyof (typeof TABLE)[D] & string;

/** What a route declares about itself. */
export interface Declared {
  readonly data: string;
  readonly action: string;
  readonly roles: readonly Role[] | typeof ANYBODY;
}

declare module 'fastify' {
  interface FastifyContextConfig extends Partial<Declared> {}
}

const row = (data: Data): Readonly<Record<string, readonly Role[] | typeof ANYBODY>> => TABLE[data];

/** The declaration of a route: `config: may('door', 'unlock')`. Only pairs of the table are accepted. */
export function may<D extends Data>(data: D, action: ActionOn<D>): Declared {
  return { data, action, roles: row(data)[action] ?? [] };
}

/** May somebody with this role, or nobody in particular (undefined), do this? */
export function authorise(role: Role | undefined, declared: Partial<Declared>): boolean {
  if (declared.roles === undefined) return false;
  if (declared.roles === ANYBODY) return true;
  return role !== undefined && declared.roles.includes(role);
}
