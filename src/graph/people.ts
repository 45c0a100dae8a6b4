import { z } from 'zod';
import { isOk, type Answer } from './answer.ts';
import { createClient, type ClientDeps, type GraphClient } from './client.ts';
import { malformed } from './errors.ts';
import type { Governor } from './governor.ts';
import { grantedRoles } from './granted-roles.ts';
import { written, type Written } from './written.ts';

/** A person as the directory shows them. */
interface DirectoryPerson {
  id: string;
  employeeId: string | null;
  /** Mastered in an Active Directory on-premises: Graph refuses changes. */
  isOnPremises: boolean;
  managerId: string | null;
  /** Those that were asked for. */
  properties: Record<string, unknown>;
}

interface PeopleDeps extends Omit<ClientDeps, 'governor'> {
  /** Spends resource units; the other one spends the quota of writes, one a write. */
  reads: Governor;
  writes: Governor;
}

/**
 * Finds and changes people with an app registration of its own. Reads throw as those of `Graph` do; what
 * Graph says to a write of one person is a value, and only throttling, a refused token and outages are thrown.
 */
export function createPeople({ reads, writes, ...deps }: PeopleDeps) {
  const reader = createClient({ ...deps, governor: reads });
  const writer = createClient({ ...deps, governor: writes });
  const write = async (
    method: 'post' | 'patch' | 'put' | 'delete',
    path: string,
    body?: object,
  ): Promise<Written> =>
    written(writer, await writer.send({ method, path, body, lane: 'onDemand', units: 1 }));

  return {
    /** Names of the verified domains; a federated one wants more than we know of a new person. */
    domains: () => readDomains(reader),
    /** By object id or user principal name. */
    get: (key: string, properties: readonly string[]) => getPerson(reader, key, properties),
    find: (wanted: Wanted, properties: readonly string[]) => findPeople(reader, wanted, properties),
    create: (body: object) => write('post', '/users', body),
    update: (id: string, properties: object) => write('patch', pathOf(id), properties),
    setManager: (id: string, managerId: string | null) =>
      managerId === null
        ? write('delete', `${pathOf(id)}/manager/$ref`)
        : write('put', `${pathOf(id)}/manager/$ref`, {
            '@odata.id': `${deps.baseUrl}/users/${managerId}`,
          }),
    /** Application permissions in the token; undefined where it cannot be read. */
    permissions: () => grantedRoles(deps),
  };
}

/** Texts that one of these properties may have. */
type Wanted = Partial<Record<'employeeId' | 'mail' | 'userPrincipalName' | 'mailNickname', string>>;

const organization = z.object({
  value: z
    .array(
      z.object({
        verifiedDomains: z.array(z.object({ name: z.string(), type: z.string().catch('') })),
      }),
    )
    .min(1),
});
const person = z.object({
  id: z.string().min(1),
  employeeId: z.string().nullish(),
  onPremisesSyncEnabled: z.boolean().nullish(),
  manager: z.object({ id: z.string() }).nullish(),
});
const page = z.object({ value: z.array(z.unknown()) });

const pathOf = (key: string): string => `/users/${encodeURIComponent(key)}`;

async function readDomains(client: GraphClient) {
  const path = '/organization?$select=id,verifiedDomains';
  const parsed = organization.safeParse(await client.fetch({ path, lane: 'onDemand' }));
  if (!parsed.success) throw malformed('the organization', parsed.error);
  return parsed.data.value.flatMap(({ verifiedDomains }) =>
    verifiedDomains.map(({ name, type }) => ({
      name: name.toLowerCase(),
      isFederated: type === 'Federated',
    })),
  );
}

async function getPerson(
  client: GraphClient,
  key: string,
  properties: readonly string[],
): Promise<DirectoryPerson | undefined> {
  const path = `${pathOf(key)}?${query(properties)}`;
  const answer = await client.send({ path, lane: 'onDemand' });
  return answer.status === 404 ? undefined : personOf(bodyOf(client, answer), properties);
}

/** More than a few candidates are refused all the same, so one page will do. */
async function findPeople(
  client: GraphClient,
  wanted: Wanted,
  properties: readonly string[],
): Promise<DirectoryPerson[]> {
  const clauses = Object.entries(wanted).map(
    ([name, value]) => `${name} eq '${value.replaceAll("'", "''")}'`,
  );
  const filter = encodeURIComponent(clauses.join(' or '));
  const path = `/users?$filter=${filter}&$top=10&${query(properties)}`;
  const parsed = page.safeParse(await client.fetch({ path, lane: 'onDemand' }));
  if (!parsed.success) throw malformed('a list of people', parsed.error);
  return parsed.data.value.map((item) => personOf(item, properties));
}

function query(properties: readonly string[]): string {
  const names = new Set(['id', 'employeeId', 'onPremisesSyncEnabled', ...properties]);
  return `$select=${[...names].join(',')}&$expand=manager($select=id)`;
}

function bodyOf(client: GraphClient, answer: Answer): unknown {
  if (!isOk(answer)) throw client.errorOf(answer);
  return answer.body;
}

function personOf(raw: unknown, properties: readonly string[]): DirectoryPerson {
  const parsed = person.safeParse(raw);
  if (!parsed.success) throw malformed('a person', parsed.error);
  const { id, employeeId, onPremisesSyncEnabled, manager } = parsed.data;
  const shown = Object(raw) as Record<string, unknown>;
  return {
    id,
    employeeId: employeeId ?? null,
    isOnPremises: onPremisesSyncEnabled === true,
    managerId: manager?.id ?? null,
    properties: Object.fromEntries(properties.map((name) => [name, shown[name] ?? null])),
  };
}
