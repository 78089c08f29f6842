const FIRST_WORD_MS = 2000;
const HEARTBEAT_MS = 10_000;

/** 0.42 → "0.4 s", 41.2 → "41 s", 95 → "1 min 35 s". */
export function duration(seconds) {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** A step that failed. `output` is what the program said, for the person who has to mend it. */
export class StepError extends Error {
  /** @param {string} message @param {string} [output] */
  constructor(message, output = '') {
    super(message);
    this.output = output;
  }
}

/**
 * Does one step and says so in one line with its time; while it takes long, says that it is still at it.
 * @param {{ doing: string, done: string }} words "installing packages", "installed packages"
 * @param {(line: string) => void} say
 * @param {() => Promise<void>} work throws StepError
 */
export async function step(words, say, work) {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  let beat = setTimeout(() => {
    say(`… ${words.doing}`);
    beat = setInterval(() => say(`… ${words.doing}, ${duration(seconds())}`), HEARTBEAT_MS);
  }, FIRST_WORD_MS);
  try {
    await work();
    say(`✓ ${words.done} ${duration(seconds())}`);
  } catch (error) {
    say(`✗ ${words.doing} ${duration(seconds())}`);
    throw error;
  } finally {
    clearTimeout(beat);
    clearInterval(beat);
  }
}

/** Prints a failure as a person needs it (not our stack) and ends with code 1. */
export function giveUp(error) {
  if (!(error instanceof StepError)) throw error;
  if (error.output.trim() !== '') console.error(error.output.trimEnd());
  console.error(error.message);
  process.exit(1);
}
