/** Words for a person in both languages, as the API sends them. */
export interface Sentence {
  readonly zh: string;
  readonly en: string;
}
