import type { FilingView } from '../../../gateway/http/schemas/filings.ts';

/** Colour of a filing's state; its word says the same. */
export function filingTone(state: FilingView['state']): 'granted' | 'attention' | 'info' | 'none' {
  if (state === 'filed') return 'granted';
  if (state === 'submitted' || state === 'inspecting') return 'info';
  return state === 'draft' || state === 'cancelled' ? 'none' : 'attention';
}
