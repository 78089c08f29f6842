export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

function firstTheme(): Theme {
  const chosen = document.documentElement.dataset['theme'];
  return chosen === 'light' || chosen === 'dark' ? chosen : 'auto';
}

const state = $state<{ theme: Theme }>({ theme: firstTheme() });

/** The chosen theme; `auto` follows the system. */
export const theme = (): Theme => state.theme;

/** Switches the theme and remembers it on this machine; public/theme.js applies it at the next start. */
export function setTheme(next: Theme): void {
  state.theme = next;
  if (next === 'auto') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = next;
  try {
    localStorage.setItem('doorbook.theme', next);
  } catch {
    // Not remembered; it still holds until the page is closed.
  }
}
