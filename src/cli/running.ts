import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readConfig } from '../config.ts';
import type { LocalStack } from '../local/stack.ts';

const runningSchema = z.object({
  /** Where its `/status` is. */
  url: z.string(),
  pid: z.int(),
  /** Its local servers. */
  graph: z.object({ baseUrl: z.string(), tenantId: z.string() }).optional(),
  serviceBus: z.object({ connectionString: z.string() }).optional(),
  mongo: z.object({ uri: z.string() }).optional(),
});

/** How other commands reach a mirror that `start` runs on local servers. */
export type RunningMirror = z.infer<typeof runningSchema>;

/** Leaves word in the data folder; gives what takes it away again. */
export async function noteRunning(
  dataDir: string,
  url: string,
  { graph, serviceBus, mongo }: LocalStack,
): Promise<() => Promise<void>> {
  const running: RunningMirror = {
    url,
    pid: process.pid,
    graph: graph && { baseUrl: graph.url, tenantId: graph.tenantId },
    serviceBus: serviceBus && { connectionString: serviceBus.connectionString },
    mongo: mongo && { uri: mongo.uri },
  };
  const file = runningFile(dataDir);
  await writeFile(file, JSON.stringify(running), { mode: 0o600 });
  return () => rm(file, { force: true });
}

/** Undefined where none runs; what a killed process left behind does not count. */
export async function findRunning(dataDir: string): Promise<RunningMirror | undefined> {
  const noted = await readFile(runningFile(dataDir), 'utf8').catch(() => undefined);
  if (noted === undefined) return undefined;
  const running = runningSchema.parse(JSON.parse(noted));
  return isAlive(running.pid) ? running : undefined;
}

/** Where the mirror answers, and how an administrator shows who asks. */
export async function addressOf(
  env: NodeJS.ProcessEnv,
): Promise<{ url: string; headers: Record<string, string> }> {
  const { dataDir, http } = readConfig(env);
  const url = (await findRunning(dataDir))?.url ?? `http://127.0.0.1:${http.port}`;
  return { url, headers: http.adminToken ? { authorization: `Bearer ${http.adminToken}` } : {} };
}

const runningFile = (dataDir: string) => join(dataDir, 'running.json');

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It is there and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
