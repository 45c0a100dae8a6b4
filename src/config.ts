import { z } from 'zod';
import { ConfigError } from './ops/errors.ts';

/** Everything the program can be told, frozen. `local` parts run on the servers under `src/local/`. */
export interface Config {
  /** Without `publicUrl` the receiver is reached where it listens, on loopback. */
  http: { port: number; publicUrl?: string; adminToken?: string };
  tenant: { id: string; clientId?: string; clientSecret?: string } | 'local';
  graph: { baseUrl: string } | 'local';
  /** Graph's quota for the app in each tenant that has none of its own. */
  graphUnitsPer10s: number;
  serviceBus: { connectionString: string } | { namespace: string } | 'local';
  queue: string;
  hr: { queue: string; mappingFile?: string; secretKey?: string };
  mongo: { uri: string } | 'local';
  database: string;
  /** Properties mirrored besides the standard table, and those left out of it. */
  properties: Record<'user' | 'group', { extra: string[]; less: string[] }>;
  /** When removals are held for a person: more than `least` and more than `share` of all within an hour. */
  holds: { least: number; share: number; releaseAfterMs?: number };
  /** Share of a tenant's changes that may go unannounced before a warning. */
  lossThreshold: number;
  dataDir: string;
  logLevel: string;
  /** Base address of the collector that traces go to. */
  otlpEndpoint?: string;
  shutdownTimeoutMs: number;
}

const text = z.string().trim().min(1).optional();
const port = z.coerce.number('must be a port number').int().min(0).max(65_535);

/** One entry a variable, in the order of `.env.example`; the second is what its line there says. */
export const settings = {
  AZURE_TENANT_ID: text,
  AZURE_CLIENT_ID: text,
  AZURE_CLIENT_SECRET: text,
  GRAPH_BASE_URL: text,
  GRAPH_RESOURCE_UNITS: z.coerce.number('must be a number of units').int().min(100).default(3_500),
  MIRRORED_PROPERTIES: text,
  PUBLIC_URL: text,
  PORT: port.default(8080),
  ADMIN_TOKEN: z
    .string()
    .trim()
    .min(16, 'must have at least 16 characters: make one with "openssl rand -hex 32".')
    .optional(),
  SERVICEBUS_CONNECTION_STRING: text,
  SERVICEBUS_NAMESPACE: text,
  SERVICEBUS_QUEUE: z.string().trim().min(1).default('directory-changes'),
  SERVICEBUS_HR_QUEUE: z.string().trim().min(1).default('hr-changes'),
  MONGODB_URI: text,
  MONGODB_DATABASE: z.string().trim().min(1).default('entra_mirror'),
  HOLD_ABOVE: z.coerce.number('must be a number of removals').int().min(0).default(20),
  HOLD_ABOVE_PERCENT: z.coerce.number('must be a percentage').min(0).max(100).default(10),
  HOLD_RELEASE_HOURS: z.coerce.number('must be a number of hours').positive().optional(),
  LOSS_WARN_PERCENT: z.coerce.number('must be a percentage').min(0).max(100).default(1),
  HR_MAPPING_FILE: text,
  HR_SECRET_KEY: z
    .string()
    .trim()
    .min(32, 'must have at least 32 characters: make one with "openssl rand -hex 32".')
    .optional(),
  DATA_DIR: z.string().trim().min(1).default('.entra-mirror'),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'], {
      error: 'must be one of trace, debug, info, warn, error, silent',
    })
    .default('info'),
  OTEL_EXPORTER_OTLP_ENDPOINT: text,
  SHUTDOWN_TIMEOUT_SECONDS: z.coerce.number('must be a number of seconds').min(1).default(25),
};
const schema = z.object(settings);
type Values = z.infer<typeof schema>;

/**
 * Reads the environment into a `Config`. An empty environment means the local stack.
 * @throws ConfigError naming every problem at once, each with what to do
 */
export function readConfig(env: Record<string, string | undefined>): Config {
  const present = Object.fromEntries(
    Object.entries(env).filter(([name, value]) => name in settings && value?.trim()),
  );
  const parsed = schema.safeParse(present);
  if (!parsed.success) {
    throw new ConfigError(
      parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`),
    );
  }
  const problems = contradictions(parsed.data);
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(toConfig(parsed.data));
}

function toConfig(values: Values): Config {
  return {
    http: {
      port: values.PORT,
      ...(values.PUBLIC_URL && { publicUrl: values.PUBLIC_URL.replace(/\/$/, '') }),
      ...(values.ADMIN_TOKEN && { adminToken: values.ADMIN_TOKEN }),
    },
    tenant: tenantOf(values),
    graph: graphOf(values),
    graphUnitsPer10s: values.GRAPH_RESOURCE_UNITS,
    serviceBus: serviceBusOf(values),
    queue: values.SERVICEBUS_QUEUE,
    hr: {
      queue: values.SERVICEBUS_HR_QUEUE,
      ...(values.HR_MAPPING_FILE && { mappingFile: values.HR_MAPPING_FILE }),
      ...(values.HR_SECRET_KEY && { secretKey: values.HR_SECRET_KEY }),
    },
    mongo:
      values.MONGODB_URI && !isLocal(values.MONGODB_URI) ? { uri: values.MONGODB_URI } : 'local',
    database: values.MONGODB_DATABASE,
    properties: propertiesOf(values.MIRRORED_PROPERTIES ?? ''),
    holds: {
      least: values.HOLD_ABOVE,
      share: values.HOLD_ABOVE_PERCENT / 100,
      ...(values.HOLD_RELEASE_HOURS && { releaseAfterMs: values.HOLD_RELEASE_HOURS * 3_600_000 }),
    },
    lossThreshold: values.LOSS_WARN_PERCENT / 100,
    dataDir: values.DATA_DIR,
    logLevel: values.LOG_LEVEL,
    ...(values.OTEL_EXPORTER_OTLP_ENDPOINT && {
      otlpEndpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT.replace(/\/$/, ''),
    }),
    shutdownTimeoutMs: values.SHUTDOWN_TIMEOUT_SECONDS * 1_000,
  };
}

/** `employeeLeaveDateTime, -faxNumber, group.uniqueName`: people's unless `group.` stands before it. */
function propertiesOf(text: string): Config['properties'] {
  const choice: Config['properties'] = {
    user: { extra: [], less: [] },
    group: { extra: [], less: [] },
  };
  for (const word of text.split(/[\s,]+/).filter(Boolean)) {
    const {
      minus,
      group,
      name = '',
    } = /^(?<minus>-?)(?<group>group\.)?(?<name>.*)$/.exec(word)?.groups ?? {};
    choice[group ? 'group' : 'user'][minus ? 'less' : 'extra'].push(name);
  }
  return choice;
}

function tenantOf(values: Values): Config['tenant'] {
  if (values.AZURE_TENANT_ID === undefined) return 'local';
  return {
    id: values.AZURE_TENANT_ID,
    ...(values.AZURE_CLIENT_ID && { clientId: values.AZURE_CLIENT_ID }),
    ...(values.AZURE_CLIENT_SECRET && { clientSecret: values.AZURE_CLIENT_SECRET }),
  };
}

function graphOf(values: Values): Config['graph'] {
  if (values.GRAPH_BASE_URL !== undefined) {
    return isLocal(values.GRAPH_BASE_URL)
      ? 'local'
      : { baseUrl: values.GRAPH_BASE_URL.replace(/\/$/, '') };
  }
  return values.AZURE_TENANT_ID === undefined
    ? 'local'
    : { baseUrl: 'https://graph.microsoft.com/v1.0' };
}

function serviceBusOf(values: Values): Config['serviceBus'] {
  const { SERVICEBUS_CONNECTION_STRING: connectionString, SERVICEBUS_NAMESPACE: namespace } =
    values;
  if (connectionString !== undefined && !isLocal(connectionString)) return { connectionString };
  if (namespace !== undefined) return { namespace };
  return 'local';
}

/** Settings that are each fine and wrong together; above all a real tenant with half a local stack. */
function contradictions(values: Values): string[] {
  const problems: string[] = [];
  const bus = values.SERVICEBUS_CONNECTION_STRING ?? values.SERVICEBUS_NAMESPACE;
  if (values.SERVICEBUS_CONNECTION_STRING && values.SERVICEBUS_NAMESPACE) {
    problems.push('SERVICEBUS_CONNECTION_STRING and SERVICEBUS_NAMESPACE are both set: keep one.');
  }
  if (values.AZURE_CLIENT_SECRET && !values.AZURE_CLIENT_ID) {
    problems.push(
      'AZURE_CLIENT_ID is missing: set the id of the app that AZURE_CLIENT_SECRET belongs to.',
    );
  }
  if (values.SERVICEBUS_HR_QUEUE === values.SERVICEBUS_QUEUE) {
    problems.push('SERVICEBUS_HR_QUEUE names the queue of the mirror: give HR one of its own.');
  }
  problems.push(...urlProblems(values));
  if (values.AZURE_TENANT_ID === undefined || graphOf(values) === 'local') {
    if (graphOf(values) !== 'local' && values.AZURE_TENANT_ID === undefined) {
      problems.push(
        'AZURE_TENANT_ID is missing: set the tenant whose directory GRAPH_BASE_URL serves.',
      );
    }
    return problems;
  }
  const orLocal = (name: string) => `or ${name}=local to use the local one on purpose.`;
  if (bus === undefined) {
    problems.push(
      `SERVICEBUS_CONNECTION_STRING or SERVICEBUS_NAMESPACE is missing: a real tenant needs a real queue; set one, ${orLocal('SERVICEBUS_CONNECTION_STRING')}`,
    );
  }
  if (values.MONGODB_URI === undefined) {
    problems.push(
      `MONGODB_URI is missing: a real tenant needs a real database; set it, ${orLocal('MONGODB_URI')}`,
    );
  }
  if (values.PUBLIC_URL === undefined && !onLoopback(graphOf(values))) {
    problems.push(
      'PUBLIC_URL is missing: set the https address at which Graph reaches this receiver.',
    );
  }
  return problems;
}

function urlProblems(values: Values): string[] {
  const problems: string[] = [];
  const check = (name: 'PUBLIC_URL' | 'GRAPH_BASE_URL', value: string | undefined) => {
    if (value === undefined || (name === 'GRAPH_BASE_URL' && isLocal(value))) return;
    if (!URL.canParse(value))
      problems.push(`${name} is not a URL: write it like https://example.com.`);
    else if (!value.startsWith('https://') && !isLoopback(value)) {
      problems.push(`${name} must begin with https:// unless it is on loopback.`);
    }
  };
  check('PUBLIC_URL', values.PUBLIC_URL);
  check('GRAPH_BASE_URL', values.GRAPH_BASE_URL);
  const { OTEL_EXPORTER_OTLP_ENDPOINT: collector } = values;
  if (collector !== undefined && !URL.canParse(collector)) {
    problems.push('OTEL_EXPORTER_OTLP_ENDPOINT is not a URL: write it like http://localhost:4318.');
  }
  return problems;
}

const isLocal = (value: string) => value.toLowerCase() === 'local';
const onLoopback = (graph: Config['graph']) => graph !== 'local' && isLoopback(graph.baseUrl);

/** True for an address of this machine only. */
export function isLoopback(url: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname);
}
