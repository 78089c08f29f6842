let waiting = $state.raw<((given: boolean) => void) | undefined>();
let asked: Promise<boolean> | undefined;

/** Is somebody being asked for his second factor? The dialog of App.svelte shows itself by this. */
export const isAsking = (): boolean => waiting !== undefined;

/** Asks for the second factor in a dialog; false when it was closed. Several who ask at once share one dialog. */
export function askFactor(): Promise<boolean> {
  asked ??= new Promise<boolean>((resolve) => {
    waiting = resolve;
  });
  return asked;
}

/** The dialog is over. */
export function answerAsked(given: boolean): void {
  waiting?.(given);
  waiting = undefined;
  asked = undefined;
}
