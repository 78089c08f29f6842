import type { Trial } from './trial.ts';

/** One thing the page asks of a device. */
export interface Clause {
  /** Group and name; groups and clauses are judged in the order they stand in. */
  readonly id: string;
  /** Section of docs/controller-protocol.md. */
  readonly section: string;
  readonly must: string;
  /** `person`: somebody must do something. `switch`: within milliseconds, so only a machine can. */
  readonly hands?: 'person' | 'switch';
  /** What was seen. Rejects with Unlike, or Skipped. */
  readonly judge: (t: Trial) => Promise<string>;
}
