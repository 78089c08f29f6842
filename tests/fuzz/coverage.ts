import { type Profiler, Session } from 'node:inspector';

/** Places in scripts that ran for the first time. */
export type News = readonly (readonly [url: string, at: number])[];

/** What of some files has ever run, by V8's precise block coverage. */
export interface Coverage {
  /** Blocks run since the last call that are not known yet; undefined when there is none. */
  take(): News | undefined;
  /** These are known from now on. */
  settle(news: News): void;
  /** Share of the characters of these files' functions that have run, 0 to 1. */
  share(): number;
}

/** V8 leaves out a block that ran as often as the one around it, so ranges are painted, the inner over the outer. */
function paint(functions: readonly Profiler.FunctionCoverage[], length: number): Uint8Array {
  const painted = new Uint8Array(length);
  const ranges = functions.flatMap((each) => each.ranges).sort((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset);
  for (const { startOffset, endOffset, count } of ranges) painted.fill(count > 0 ? 2 : 1, startOffset, endOffset);
  return painted;
}

let session: Session | undefined;

/**
 * Lets V8 count blocks from now on. Functions that were compiled before have no counters, so call this before the
 * code to be followed is imported.
 */
export function startCoverage(): Session {
  if (session !== undefined) return session;
  session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  return session;
}

/** Follows the files whose address ends with one of `files`. Only one may be followed at a time. */
export function openCoverage(files: readonly string[]): Coverage {
  const counting = startCoverage();
  /** By script: 0 never seen, 1 seen and not run, 2 run. */
  const scripts = new Map<string, Uint8Array>();

  function* add({ url, functions }: Profiler.ScriptCoverage): Generator<News[number]> {
    const named = functions.filter(({ functionName, ranges }) => functionName !== '' || (ranges[0]?.startOffset ?? 0) > 0);
    const length = Math.max(0, ...named.flatMap(({ ranges }) => ranges.map(({ endOffset }) => endOffset)));
    const painted = paint(named, length);
    let known = scripts.get(url) ?? new Uint8Array(0);
    if (known.length < length) {
      const longer = new Uint8Array(length);
      longer.set(known);
      known = longer;
      scripts.set(url, known);
    }
    for (let at = 0; at < painted.length; at += 1) {
      const [now, then] = [painted[at] ?? 0, known[at] ?? 0];
      if (now <= then) continue;
      known[at] = 1;
      if (now === 2) yield [url, at];
    }
  }

  return {
    take() {
      const news: News[number][] = [];
      counting.post('Profiler.takePreciseCoverage', (error, taken) => {
        if (error !== null) throw error;
        for (const script of taken.result) if (files.some((file) => script.url.endsWith(file))) news.push(...add(script));
      });
      return news.length > 0 ? news : undefined;
    },
    settle(news) {
      for (const [url, at] of news) scripts.get(url)?.fill(2, at, at + 1);
    },
    share() {
      const all = [...scripts.values()].flatMap((script) => [...script]).filter((state) => state > 0);
      return all.length === 0 ? 0 : all.filter((state) => state === 2).length / all.length;
    },
  };
}
