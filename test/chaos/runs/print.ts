import type { Result } from '../simulation/simulate.ts';

/** A line for a run; a failed one has a second with the command that repeats it. */
export function describeResult({ seed, failure, changes, faults, ...times }: Result): string {
  const took = `${minutes(times.simulatedMs)} simulated in ${seconds(times.realMs)} (CPU ${seconds(times.cpuMs)})`;
  const what = `${changes} changes; ${listOf(faults)}; ${took}`;
  if (failure === undefined) return `seed ${seed}: converged; ${what}`;
  const repeat = `  repeat it: npm run chaos -- --runs 1 --seed ${seed}`;
  return `seed ${seed}: FAILED: ${failure}; ${what}\n${repeat}`;
}

export function summarize(results: readonly Result[]): string {
  const converged = results.filter(({ failure }) => failure === undefined).length;
  const changes = results.reduce((sum, result) => sum + result.changes, 0);
  const faults: Record<string, number> = {};
  for (const result of results) {
    for (const [kind, count] of Object.entries(result.faults)) {
      faults[kind] = (faults[kind] ?? 0) + count;
    }
  }
  return `${converged} of ${results.length} runs converged; ${changes} changes; faults that happened: ${listOf(faults)}`;
}

function listOf(faults: Readonly<Record<string, number>>): string {
  const kinds = Object.entries(faults).sort(([a], [b]) => a.localeCompare(b));
  return kinds.map(([kind, count]) => `${kind} ${count}`).join(', ') || 'none';
}

const minutes = (ms: number) => `${Math.round(ms / 60_000)} min`;
const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
