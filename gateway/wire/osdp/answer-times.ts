/** Times are told apart to a tenth of a millisecond, up to a second; what takes longer is only known by the worst. */
const BUCKET_MS = 0.1;
const BUCKETS = 10_000;

/** How long answers took, in the same room however many there are: a test of ten minutes has some 200,000. */
export class AnswerTimes {
  readonly #counts = new Uint32Array(BUCKETS);
  #count = 0;
  #worst = 0;

  /** One more, ms. */
  add(ms: number): void {
    const bucket = Math.min(BUCKETS - 1, Math.max(0, Math.floor(ms / BUCKET_MS)));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#count += 1;
    this.#worst = Math.max(this.#worst, ms);
  }

  /** The longest, ms; 0 when there was none. */
  get worst(): number {
    return this.#worst;
  }

  /** So large a share of them (0 to 1) took no longer, ms; 0 when there was none. */
  at(share: number): number {
    const wanted = Math.ceil(share * this.#count);
    let seen = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count;
      if (count > 0 && seen >= wanted) return bucket === BUCKETS - 1 ? this.#worst : Math.min(this.#worst, (bucket + 1) * BUCKET_MS);
    }
    return 0;
  }
}
