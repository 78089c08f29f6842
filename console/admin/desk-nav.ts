import type { NavName } from './nav-names.ts';

/** A page of a desk: shown to whoever may do `pair` of the permission matrix (SessionView.may). */
export interface DeskPage {
  readonly href: string;
  readonly icon: NavName;
  /** data:letter */
  readonly pair: string;
  readonly demoOnly?: boolean;
}

/** In the order they are shown; the first one a role may open is its home when it has no buildings. */
export const DESK_PAGES: readonly DeskPage[] = [];
