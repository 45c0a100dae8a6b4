import type { Result } from './result.ts';

export type Sizes = Record<string, number>;

/** One benchmark. Every size can be given on the command line as `--name number`. */
export interface Bench<S extends Sizes = Sizes> {
  does: string;
  sizes: S;
  /** Sizes at which it only shows that it works. */
  smoke: Partial<S>;
  run(sizes: S, say: (progress: string) => void): Promise<Result>;
}
