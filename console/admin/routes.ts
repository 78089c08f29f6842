import type { Component } from 'svelte';
import Building from './pages/Building.svelte';
import Door from './pages/Door.svelte';
import Import from './pages/Import.svelte';
import Unit from './pages/Unit.svelte';

/** A page for a row of the register; pages without one get id 0. */
export type Page = Component<{ id: number }>;

/** Pages everybody's first visit needs. */
export const PAGES: readonly (readonly [string, Page])[] = [
  ['/building/:id', Building],
  ['/building/:id/import', Import],
  ['/unit/:id', Unit],
  ['/door/:id', Door],
];

/** Pages of single desks, fetched when they are opened: a landlord's phone never loads the auditor's (console.md 8). */
export const LAZY_PAGES: readonly (readonly [string, () => Promise<{ default: Page }>])[] = [];
