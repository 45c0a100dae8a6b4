import { readConfig, type Config } from '../config.ts';
import { connect, type Connections } from '../connect.ts';
import { createLog } from '../ops/log.ts';
import { findRunning, type RunningMirror } from './running.ts';

/**
 * Runs an operator's command on the systems that the settings name; each that is local is the one of
 * the mirror running here. Logs go to stderr, so that stdout is the command's alone.
 * Throws where a local one is wanted and none runs.
 */
export async function withConnections<T>(
  env: NodeJS.ProcessEnv,
  work: (connections: Connections) => Promise<T>,
): Promise<T> {
  const settings = readConfig(env);
  const config = reachable(settings, await findRunning(settings.dataDir));
  const log = createLog({ level: env['LOG_LEVEL'] ?? 'warn', destination: process.stderr });
  const connections = await connect(config, { log });
  try {
    return await work(connections);
  } finally {
    await connections.close();
  }
}

const localParts = ['graph', 'serviceBus', 'mongo'] as const;
const settingOf = {
  graph: 'GRAPH_BASE_URL',
  serviceBus: 'SERVICEBUS_CONNECTION_STRING',
  mongo: 'MONGODB_URI',
};

/** The settings with the servers of the running mirror in the place of local ones. */
function reachable(config: Config, running: RunningMirror | undefined): Config {
  const wanted = localParts.filter((part) => config[part] === 'local');
  const absent = wanted.filter((part) => !running?.[part]).map((part) => settingOf[part]);
  if (absent.length > 0) {
    throw new Error(
      `No mirror with local servers runs here (DATA_DIR ${config.dataDir}): start one with "npm start", or set ${absent.join(', ')}.`,
    );
  }
  const { graph, serviceBus, mongo } = { ...running };
  return {
    ...config,
    ...(config.graph === 'local' && graph && { graph, tenant: { id: graph.tenantId } }),
    ...(config.serviceBus === 'local' && serviceBus && { serviceBus }),
    ...(config.mongo === 'local' && mongo && { mongo }),
  };
}
