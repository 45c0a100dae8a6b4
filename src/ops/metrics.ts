import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** One figure that a scrape shows; its labels take few values, and never an id. */
export interface Metric<Sources> {
  name: string;
  help: string;
  type: 'counter' | 'gauge';
  labels?: readonly string[];
  /** Its values now; undefined or null where this process has none. */
  read: (sources: Sources) => readonly Sample[] | number | null | undefined;
}
interface Sample {
  labels: Record<string, string>;
  value: number;
}

/** The metrics of one process in a registry of its own. */
export function createMetrics() {
  const registry = new Registry();
  const histogram = (timing: (typeof timings)[number]) =>
    new Histogram({ ...timing, buckets: [...timing.buckets], registers: [registry] });
  const [answer, lag, scim] = [histogram(timings[0]), histogram(timings[1]), histogram(timings[2])];
  return {
    contentType: registry.contentType,
    answered: (ms: number) => answer.observe(ms / 1_000),
    lag: (ms: number) => lag.observe(ms / 1_000),
    scimAnswered: (ms: number) => scim.observe(ms / 1_000),
    /** Shows what `table` reads of `sources`; gives what makes one scrape, in Prometheus' text format. */
    show<Sources>(
      table: readonly Metric<Sources>[],
      sources: () => Promise<Sources>,
    ): () => Promise<string> {
      let current: Sources;
      for (const metric of table) register(registry, metric, () => current);
      return async () => {
        current = await sources();
        return registry.metrics();
      };
    },
  };
}

/** Measured where they happen; Graph counts an answer after 3 s as slow. */
export const timings = [
  {
    name: 'entra_mirror_answer_seconds',
    help: 'Time until a POST of Graph was answered; more than 3 s is slow.',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 10],
  },
  {
    name: 'entra_mirror_lag_seconds',
    help: 'From the receipt of a notification to the write that it led to.',
    buckets: [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 15, 60, 300, 900],
  },
  {
    name: 'entra_mirror_scim_seconds',
    help: "Time until a SCIM request of Entra's provisioning service was answered.",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 30],
  },
] as const;

function register<Sources>(
  registry: Registry,
  { name, help, type, labels = [], read }: Metric<Sources>,
  current: () => Sources,
): void {
  const samples = (): readonly Sample[] => {
    const values = read(current()) ?? [];
    return typeof values === 'number' ? [{ labels: {}, value: values }] : values;
  };
  const settings = { name, help, labelNames: labels, registers: [registry] };
  if (type === 'counter') {
    new Counter({
      ...settings,
      collect() {
        this.reset();
        for (const { labels: of, value } of samples()) this.inc(of, value);
      },
    });
  } else {
    new Gauge({
      ...settings,
      collect() {
        this.reset();
        for (const { labels: of, value } of samples()) this.set(of, value);
      },
    });
  }
}
