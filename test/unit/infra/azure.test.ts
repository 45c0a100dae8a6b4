import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readConfig, settings } from '../../../src/config.ts';

const read = (...path: string[]) => readFileSync(join('infra', ...path), 'utf8');
const main = read('main.bicep');
const bus = read('modules', 'service-bus.bicep');
const app = read('modules', 'container-app.bicep');
const modules = readdirSync(join('infra', 'modules'));

/** What each setting could be on Azure; empty where the template may leave it empty. */
const examples: Record<string, string> = {
  AZURE_TENANT_ID: '0d3b3c1e-5f0a-4a5e-9a53-1f2d3c4b5a69',
  AZURE_CLIENT_ID: '6a1c2f7e-0b7d-4c53-8a86-3f7f0a1c9b11',
  GRAPH_BASE_URL: '',
  MIRRORED_PROPERTIES: '',
  PUBLIC_URL: 'https://entra-mirror-receiver.example.net',
  SERVICEBUS_NAMESPACE: 'example.servicebus.windows.net',
  SERVICEBUS_QUEUE: 'directory-changes',
  SERVICEBUS_HR_QUEUE: 'hr-changes',
  MONGODB_URI: 'mongodb+srv://example.net',
  MONGODB_DATABASE: 'entra_mirror',
  ADMIN_TOKEN: '0123456789abcdef',
  LOG_LEVEL: 'info',
  OTEL_EXPORTER_OTLP_ENDPOINT: '',
  PORT: '8080',
  SHUTDOWN_TIMEOUT_SECONDS: '50',
};

const names = [...`${main}\n${app}`.matchAll(/\{ name: '([A-Z_]+)', (?:value|secretRef):/g)].map(
  (match) => match[1]!,
);

describe('the container apps', () => {
  it('are given settings that exist, each once', () => {
    expect(names.filter((name) => !(name in settings))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('are given all that a real tenant needs, and as secrets the connection string and the admin token', () => {
    const env = Object.fromEntries(names.map((name) => [name, examples[name]]));
    const config = readConfig(env);
    expect(Object.values(config)).not.toContain('local');
    expect(config.tenant).not.toHaveProperty('clientSecret');
    expect(app.match(/'[A-Z_]+', secretRef: '[\w-]+'/g)).toEqual([
      "'MONGODB_URI', secretRef: 'mongodb-uri'",
      "'ADMIN_TOKEN', secretRef: 'admin-token'",
    ]);
  });

  it('that can be called get the admin token from the vault, where there is one', () => {
    const uri = /^ {6}adminTokenSecretUri: ([^]*?)\n {6}\w/m.exec(main)?.[1]?.replace(/\s+/g, ' ');
    expect(uri).toBe(
      "empty(adminToken) || ingress[role] == 'none' ? '' : '${vault.outputs.uri}secrets/${adminSecretName}'",
    );
    expect(/^var opensToAdmins = (.*)$/m.exec(app)?.[1]).toBe('!empty(adminTokenSecretUri)');
    expect(app.match(/opensToAdmins \? \[\{ name: '(admin-token|ADMIN_TOKEN)'/g)).toHaveLength(2);
  });

  it('are killed only after the program has given up what is under way', () => {
    const seconds = (name: string) =>
      Number(new RegExp(`^var ${name} = (\\d+)$`, 'm').exec(app)?.[1]);
    expect(seconds('shutdownSeconds')).toBeGreaterThan(0);
    expect(seconds('gracePeriodSeconds')).toBeGreaterThan(seconds('shutdownSeconds'));
  });

  it('let nobody but the receiver be called from the Internet unless told to', () => {
    expect(
      /^var ingress = \{\n([^]*?)^\}/m
        .exec(main)?.[1]
        ?.split('\n')
        .map((line) => line.trim()),
    ).toEqual([
      "receiver: 'external'",
      "worker: 'none'",
      "scheduler: 'none'",
      "api: publicApi ? 'external' : 'internal'",
      "provisioner: 'none'",
      '',
    ]);
    expect(main).toContain('param publicApi bool = false');
    expect(app).toContain('allowInsecure: false');
  });

  it('have workers that the length of the queue starts, counted with an identity of its own', () => {
    const rule = /^var queueRules = [^]*?^\]/m.exec(main)?.[0] ?? '';
    expect(rule).toContain("type: 'azure-servicebus'");
    expect(rule).toContain('identity: scaler.outputs.id');
    expect(rule).not.toContain('connection');
    expect(app).toContain("lifecycle: 'None'");
  });
});

describe('rule 5.1: the queue', () => {
  it.each([
    ['keeps a lock for five minutes', "lockDuration: 'PT5M'"],
    ['delivers a hundred times', 'maxDeliveryCount: 100'],
    ['keeps messages for 14 days', "defaultMessageTimeToLive: 'P14D'"],
    ['dead-letters what expires', 'deadLetteringOnMessageExpiration: true'],
    ['never takes two changes for one', 'requiresDuplicateDetection: false'],
    ['has no sessions', 'requiresSession: false'],
    ['knows no keys', 'disableLocalAuth: true'],
  ])('%s', (_what, line) => {
    const lines = bus.split('\n').map((text) => text.trim());
    const queues = line === 'disableLocalAuth: true' ? 1 : 2;
    expect(lines.filter((text) => text === line)).toHaveLength(queues);
  });

  it('has one name in settings, templates and emulator', () => {
    const name = settings.SERVICEBUS_QUEUE.parse(undefined);
    expect(main).toContain(`param queueName string = '${name}'`);
    const config = JSON.parse(read('service-bus', 'config.json')) as {
      UserConfig: { Namespaces: { Queues: { Name: string }[] }[] };
    };
    const [namespace] = config.UserConfig.Namespaces;
    expect(namespace?.Queues.map(({ Name }) => Name)).toContain(name);
    const hrName = settings.SERVICEBUS_HR_QUEUE.parse(undefined);
    expect(main).toContain(`param hrQueueName string = '${hrName}'`);
    expect(namespace?.Queues.map(({ Name }) => Name)).toContain(hrName);
  });
});

describe('rights', () => {
  const assignments = modules.flatMap((file) =>
    [...read('modules', file).matchAll(/roleAssignments@[^]*?^\}/gm)].map(([block]) => ({
      scope: /^ {2}scope: (\w+)$/m.exec(block)?.[1],
      who: /^ {4}principalId: (\w+)$/m.exec(block)?.[1],
      role: /roleDefinitions', ([\w.]+)\)/.exec(block)?.[1]?.replace('roles.', ''),
      type: /^ {4}principalType: '(\w+)'$/m.exec(block)?.[1],
    })),
  );

  it('are the few that are needed, each where it is needed', () => {
    const type = 'ServicePrincipal';
    expect(assignments).toEqual([
      { scope: 'registry', who: 'principalId', role: 'acrPull', type },
      { scope: 'secret', who: 'readerPrincipalId', role: 'secretsUser', type },
      { scope: 'queue', who: 'appPrincipalId', role: 'dataSender', type },
      { scope: 'queue', who: 'appPrincipalId', role: 'dataReceiver', type },
      { scope: 'hrQueue', who: 'appPrincipalId', role: 'dataSender', type },
      { scope: 'hrQueue', who: 'appPrincipalId', role: 'dataReceiver', type },
      { scope: 'namespace', who: 'scalerPrincipalId', role: 'dataOwner', type },
    ]);
  });

  it('have the ids of these roles and of no others', () => {
    const id = /(\w+)(?: =|:) '([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})'/g;
    const ids = [main, ...modules.map((file) => read('modules', file))].flatMap((source) =>
      [...source.matchAll(id)].map(([, name, value]) => [name, value]),
    );
    expect(Object.fromEntries(ids)).toEqual({
      acrPull: '7f951dda-4ed3-4680-a7ca-43fe172d538d',
      secretsUser: '4633458b-17de-408a-b874-0445c86b69e6',
      dataOwner: '090c5cfd-751d-490a-894a-3ce6f1109419',
      dataReceiver: '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0',
      dataSender: '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39',
    });
  });

  it('in Graph are reading users and groups, and leave dates only where asked for', () => {
    const script = read('grant-graph-permissions.sh');
    const granted = [...script.matchAll(/^ +'([\w.-]+) ([\da-f-]{36})'$/gm)];
    expect(granted.map(([, name, id]) => [name, id])).toEqual([
      ['User.Read.All', 'df021288-bdef-4463-88db-98f22de89214'],
      ['Group.Read.All', '5b567255-7703-4780-807c-7be8301ae99b'],
    ]);
    expect(script).toMatch(
      /= --leave-dates \]; then\n.*'User-LifeCycleInfo\.Read\.All 8556a004-db57-4d7a-8b82-97a13428e96f'/,
    );
    expect(script).not.toMatch(/ReadWrite|password|secret /i);
  });
});

describe.each(['small', 'medium', 'large'])('the parameters of a %s tenant', (size) => {
  const source = read('parameters', `${size}.bicepparam`);
  const roles = [
    ...source.matchAll(
      /^ {2}(\w+): \{ cpu: '([\d.]+)', memory: '([\d.]+)Gi', min: (\d+), max: (\d+) \}$/gm,
    ),
  ].map(([, role, cpu, memory, min, max]) => ({
    role,
    cpu: Number(cpu),
    memory: Number(memory),
    min: Number(min),
    max: Number(max),
  }));
  const replicas = (role: string) => roles.find((found) => found.role === role);

  it('keep two receivers and one scheduler running', () => {
    expect(roles.map(({ role }) => role)).toEqual([
      'receiver',
      'worker',
      'scheduler',
      'api',
      'provisioner',
    ]);
    expect(replicas('receiver')?.min).toBeGreaterThanOrEqual(2);
    expect(replicas('scheduler')).toMatchObject({ min: 1, max: 1 });
    expect(replicas('worker')?.min).toBe(size === 'large' ? 1 : 0);
  });

  it('pair each core with two GiB, in quarters, as Container Apps does', () => {
    for (const { cpu, memory } of roles) {
      expect(memory).toBe(cpu * 2);
      expect((cpu * 4) % 1).toBe(0);
    }
  });

  it('cost the cores that file and table say', () => {
    const total = (count: 'min' | 'max') =>
      roles.reduce((sum, role) => sum + role.cpu * role[count], 0);
    const cost = (cores: number) => `${cores}, ${cores * 2} GiB`;
    const inComment = (cores: number) => `${cores} cores, ${cores * 2} GiB`;
    expect(source).toContain(
      `Always running: ${inComment(total('min'))}; at most ${inComment(total('max'))}.`,
    );
    const row = (title: string) =>
      read('README.md')
        .split('\n')
        .find((line) => line.startsWith(`| ${title}`));
    expect(row('cores and memory always running')).toContain(` ${cost(total('min'))} `);
    expect(row('cores and memory at most')).toContain(` ${cost(total('max'))} `);
  });

  it('take standby and private endpoints only where the tier has them', () => {
    const tier = Number(/tier: 'M(\d+)'/.exec(source)?.[1]);
    expect(source.includes("highAvailability: 'Disabled'")).toBe(tier < 30);
    if (source.includes('privateNetworking = true')) expect(source).toContain("sku: 'Premium'");
  });
});
