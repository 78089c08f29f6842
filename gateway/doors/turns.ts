/** Runs what may wait a little, in the order given: so much in each turn of the event loop, so that what comes in meanwhile goes first. What one piece throws is told, and the next one runs. */
export function inTurns(most: number, onError: (error: unknown) => void): (work: () => void) => void {
  const waiting: (() => void)[] = [];
  function turn(): void {
    const now = waiting.splice(0, most);
    if (waiting.length > 0) setImmediate(turn);
    for (const work of now) {
      try {
        work();
      } catch (error) {
        onError(error);
      }
    }
  }
  return (work) => {
    // While some wait a turn is planned already.
    if (waiting.push(work) === 1) setImmediate(turn);
  };
}
