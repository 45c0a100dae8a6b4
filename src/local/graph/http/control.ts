import { z } from 'zod';
import { noFaults } from '../faults.ts';
import { createRandom } from '../random.ts';
import type { Tenant } from '../tenant.ts';
import { failure, ok, type GraphReply } from './exchange.ts';

interface ControlRequest {
  method: string;
  /** What follows `/__local/`. */
  path: string[];
  query: URLSearchParams;
  body: unknown;
}

const faultsSchema = z
  .partialRecord(z.string(), z.union([z.number(), z.boolean()]))
  .refine((faults) => Object.keys(faults).every((name) => name in noFaults()), 'unknown fault');
const changesSchema = z.object({
  count: z.int().min(1).max(100_000).default(1),
  seed: z.int().default(1),
});
const tenantSchema = z.object({
  tenantId: z.string().regex(/^[\w-]{1,64}$/),
  users: z.int().min(0).default(100),
  groups: z.int().min(0).default(10),
  seed: z.int().default(1),
});
const lifecycleSchema = z.object({
  event: z.enum(['reauthorizationRequired', 'subscriptionRemoved', 'missed']),
  subscriptionId: z.string().optional(),
});

export type FoundTenant = (tenant: z.infer<typeof tenantSchema>) => void;

/**
 * For other processes on this machine: state and snapshot of a tenant, changes, faults, lifecycle
 * events; `?tenant=` names one, the first is meant otherwise. POST tenants founds another.
 */
export function answerControl(
  tenants: ReadonlyMap<string, Tenant>,
  found: FoundTenant,
  request: ControlRequest,
): GraphReply {
  if (request.method === 'POST' && request.path.join('/') === 'tenants') {
    return answerFounding(tenants, found, request.body);
  }
  const [first] = tenants.keys();
  const tenant = tenants.get(request.query.get('tenant') ?? first ?? '');
  if (!tenant) {
    return failure(
      404,
      'NotFound',
      'There is no such tenant: see /__local/state without ?tenant=.',
    );
  }
  try {
    return act(tenant, request);
  } catch (error) {
    return failure(400, 'BadRequest', error instanceof Error ? error.message : String(error));
  }
}

/** A tenant that is there already stays as it is. */
function answerFounding(
  tenants: ReadonlyMap<string, Tenant>,
  found: FoundTenant,
  body: unknown,
): GraphReply {
  const wanted = tenantSchema.safeParse(body);
  if (!wanted.success) return failure(400, 'BadRequest', z.prettifyError(wanted.error));
  if (!tenants.has(wanted.data.tenantId)) found(wanted.data);
  return ok({ tenantIds: [...tenants.keys()] });
}

function act(tenant: Tenant, { method, path, body }: ControlRequest): GraphReply {
  switch (`${method} ${path.join('/')}`) {
    case 'GET state':
      return ok(describe(tenant));
    case 'GET snapshot':
      return ok(tenant.directory.snapshot());
    case 'POST changes':
      return ok(makeChanges(tenant, changesSchema.parse(body)));
    case 'PATCH faults':
      return ok(Object.assign(tenant.faults, faultsSchema.parse(body)));
    case 'POST lifecycle': {
      const { event, subscriptionId } = lifecycleSchema.parse(body);
      return ok({ sent: tenant.notifier.sendLifecycle(event, subscriptionId) });
    }
    default:
      return failure(
        404,
        'NotFound',
        'Use GET state, GET snapshot, POST changes, PATCH faults, POST lifecycle or POST tenants.',
      );
  }
}

function describe({ id, directory, subscriptions, stats, faults }: Tenant): object {
  const view = directory.now();
  const count = (type: 'user' | 'group') =>
    view.objects(type).filter((object) => view.see(object)?.state === 'active').length;
  return {
    tenantId: id,
    sequence: directory.sequence,
    users: count('user'),
    groups: count('group'),
    subscriptions: subscriptions.list(),
    stats,
    faults,
  };
}

function makeChanges(
  { directory }: Tenant,
  { count, seed }: { count: number; seed: number },
): object {
  const random = createRandom(seed + directory.sequence);
  const done = Array.from({ length: count }, () => directory.randomChange(random));
  return { sequence: directory.sequence, done };
}
