import { watchProcesses } from './world/process.ts';
import { startVirtualTime } from './world/virtual-time.ts';

watchProcesses();
startVirtualTime();
const { simulate } = await import('./simulation/simulate.ts');
const [from = 1, runs = 1, verbose] = process.argv.slice(2).map(Number);
for (let seed = from; seed < from + runs; seed += 1) {
  const result = await simulate(seed, verbose === 1);
  console.log(JSON.stringify(result));
}
process.exit(0);
