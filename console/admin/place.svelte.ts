import type { BuildingSummary } from '../../gateway/http/schemas/places.ts';

let place = $state.raw<BuildingSummary | undefined>();

/** The building the page is about, for the top bar and the navigation; undefined where there is none. */
export const currentPlace = (): BuildingSummary | undefined => place;

/** Each page that is about one building says so; the others say undefined. */
export function setPlace(next: BuildingSummary | undefined): void {
  place = next;
}
