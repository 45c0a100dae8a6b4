import { cpus, loadavg, totalmem } from 'node:os';

export interface Machine {
  at: string;
  node: string;
  cpu: string;
  cores: number;
  memoryGiB: number;
  /** Runnable processes, the mean of the minute before the run: above `cores`, others were in the way. */
  load: number;
}

export function describeMachine(): Machine {
  const all = cpus();
  return {
    at: new Date().toISOString().slice(0, 16),
    node: process.version,
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    load: Number(loadavg()[0]?.toFixed(1)),
  };
}
