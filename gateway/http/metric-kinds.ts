import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Name, help and registry of a number that is read when somebody asks. */
export interface Told {
  readonly registry: Registry;
  readonly name: string;
  readonly help: string;
}

type Reading = number | undefined | Promise<number | undefined>;

/** A number as it is now; left out while it is not known. */
export function gauge({ registry, name, help }: Told, read: () => Reading): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    async collect() {
      const value = await read();
      this.reset();
      if (value === undefined) this.remove();
      else this.set(value);
    },
  });
}

/** A count since the start that is kept elsewhere. */
export function counter({ registry, name, help }: Told, read: () => number | undefined): void {
  new Counter({
    name,
    help,
    registers: [registry],
    collect() {
      this.reset();
      this.inc(read() ?? 0);
    },
  });
}

/** One number for each value of a label: values are words of the program, never data. */
type ByLabel = () => Iterable<readonly [value: string, number: number]>;

/** As `gauge`, by label. */
export function gauges({ registry, name, help }: Told, label: string, read: ByLabel): void {
  new Gauge({
    name,
    help,
    labelNames: [label],
    registers: [registry],
    collect() {
      this.reset();
      for (const [value, number] of read()) this.set({ [label]: value }, number);
    },
  });
}

/** As `counter`, by label. */
export function counters({ registry, name, help }: Told, label: string, read: ByLabel): void {
  new Counter({
    name,
    help,
    labelNames: [label],
    registers: [registry],
    collect() {
      this.reset();
      for (const [value, number] of read()) this.inc({ [label]: value }, number);
    },
  });
}

/** Classes of a histogram that was counted elsewhere: how many fell into each class, the last being beyond all bounds. */
export interface Classes {
  readonly counts: readonly number[];
  readonly sum: number;
}

/** A histogram kept elsewhere. `bounds`: upper bound of each class but the last. */
export function histogram({ registry, name, help }: Told, bounds: readonly number[], read: () => Classes | undefined): void {
  const kept = new Histogram({ name, help, buckets: [...bounds], registers: [] });
  const values = () => {
    const { counts, sum } = read() ?? { counts: [], sum: 0 };
    let upTo = 0;
    const classes = [...bounds, '+Inf'].map((le, at) => {
      upTo += counts[at] ?? 0;
      return { metricName: `${name}_bucket`, labels: { le }, value: upTo };
    });
    return [...classes, { metricName: `${name}_sum`, labels: {}, value: sum }, { metricName: `${name}_count`, labels: {}, value: upTo }];
  };
  const get = async () => ({ ...kept, name, help, type: 'histogram', aggregator: 'sum', values: values() });
  // The registry asks the second, its JSON form the first.
  registry.registerMetric(Object.assign(kept, { get, getForPromString: get }));
}
