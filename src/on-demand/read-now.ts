import type { ObjectRef } from '../change.ts';
import type { Read } from '../graph/types.ts';
import type { StoredObject } from '../mirror/types.ts';
import type { StoredConnection } from '../scim/types.ts';
import { differingNames } from './differing-names.ts';
import { heldOf } from './held-by-scim.ts';
import { locate } from './locate.ts';
import type { OnDemand, OnDemandDeps, Options } from './types.ts';

interface Wanted {
  tenantId: string;
  connection: StoredConnection | undefined;
  name: string;
}
type Stored = StoredObject | undefined;

const lookEveryMs = 200;

/** Has a worker read a person or a group with all its members, and waits for it. */
export async function readNow(
  deps: OnDemandDeps,
  { tenantId, connection, name }: Wanted,
  options: Options,
): Promise<OnDemand> {
  const since = await deps.mirror.now();
  const { ref, stored } = await locate({ ...deps, tenantId }, name);
  const [read] = await deps.graphOf(tenantId).read([ref], 'onDemand');
  const until = deps.clock.now() + options.limitMs;
  const after = await readByWorker(deps, tenantId, { ref, stored, read, until });
  const members = ref.type === 'group' ? await membersRead(deps, tenantId, ref, until) : undefined;
  const names = differingNames(stored ?? {}, after ?? stored ?? {});
  const counts = members && (await deps.mirror.membersSince(tenantId, ref.id, since));
  const held = await sentByScim(deps, connection, after ?? stored, options);
  return {
    ...{ object: ref, source: 'graph', connectionId: connection?._id ?? null },
    state: (after ?? stored)?.mirror.state ?? null,
    steps: [
      found(read),
      await inScope(deps, connection, ref, after ?? stored),
      mapped(read, after),
      written({ read, after, names, members }),
    ],
    changed: options.values ? valuesOf(names, stored, after) : names,
    ...(counts && { members: counts }),
    ...(held && { held }),
  };
}

/** What the mirror holds after the read; undefined where no worker wrote it in time. */
async function readByWorker(
  { mirror, publish, clock }: OnDemandDeps,
  tenantId: string,
  {
    ref,
    stored,
    read,
    until,
  }: { ref: ObjectRef; stored: Stored; read: Read | undefined; until: number },
): Promise<Stored> {
  if (ref.type === 'group' && stored) await mirror.markEdgesDue(tenantId, [ref.id]);
  const receivedAt = new Date(clock.now()).toISOString();
  const hint = { changeType: 'updated', origin: 'hint', attempt: 0, onDemand: true } as const;
  await publish(tenantId, [{ ...ref, ...hint, receivedAt }]);
  // One look does not prove that it is gone.
  if (read?.kind !== 'found' && read?.kind !== 'softDeleted') return undefined;
  do {
    const [held] = await mirror.currentOf(tenantId, [ref]);
    if (held && held.mirror.fence > (stored?.mirror.fence ?? -1)) return held;
    await clock.sleep(lookEveryMs);
  } while (clock.now() < until);
  return undefined;
}

/** Whether all members have been read, page by page. */
async function membersRead(
  { mirror, clock }: OnDemandDeps,
  tenantId: string,
  ref: ObjectRef,
  until: number,
): Promise<boolean> {
  for (;;) {
    const [held] = await mirror.currentOf(tenantId, [ref]);
    if (held && held.mirror.edgesDue?.looks !== 0) return true;
    if (clock.now() >= until) return false;
    await clock.sleep(lookEveryMs);
  }
}

type StepOf = OnDemand['steps'][number];

function found(read: Read | undefined): StepOf {
  const step = (done: boolean, detail: string): StepOf => ({ step: 'found', done, detail });
  switch (read?.kind) {
    case 'found':
      return step(true, 'The directory has it.');
    case 'softDeleted':
      return step(true, 'The directory has it among its deleted items.');
    case 'missing':
      return step(false, 'The directory does not have it now; two looks some time apart decide.');
    case 'throttled':
      return step(false, `Graph asks to wait ${Math.ceil(read.retryAfterMs / 1_000)} s.`);
    case 'refused':
      return step(false, `Graph refuses: ${read.code}: ${read.message}`);
    default:
      return step(false, `Graph cannot be read: ${read?.reason ?? 'no answer'}`);
  }
}

async function inScope(
  { isInScope }: OnDemandDeps,
  connection: StoredConnection | undefined,
  { type }: ObjectRef,
  held: Stored,
): Promise<StepOf> {
  const step = (done: boolean, detail: string): StepOf => ({ step: 'in scope', done, detail });
  if (!connection) return step(true, 'No connection limits this tenant.');
  if (type === 'group') return step(true, 'Every group of the tenant is.');
  if (held?.mirror.state !== 'active') return step(false, 'It is not active.');
  const isIn = await isInScope(connection._id, held._id);
  return step(isIn, isIn ? 'The connection has it.' : 'It is in none of the groups in scope.');
}

function mapped(read: Read | undefined, after: Stored): StepOf {
  if (read?.kind !== 'found') return { step: 'mapped', done: false, detail: 'Nothing was read.' };
  const values = Object.values(read.object.properties);
  const set = values.filter((value) => value !== null && value !== undefined);
  const { fills = {}, drift = [] } = after?.mirror.scim ?? {};
  const sent = [
    ...(Object.keys(fills).length > 0 ? [`SCIM adds ${Object.keys(fills).join(', ')}.`] : []),
    ...(drift.length > 0 ? [`SCIM differs in ${drift.join(', ')}.`] : []),
  ];
  const detail = `${set.length} of ${values.length} mirrored properties are set.`;
  return { step: 'mapped', done: true, detail: [detail, ...sent].join(' ') };
}

function written({
  read,
  after,
  names,
  members,
}: {
  read: Read | undefined;
  after: Stored;
  names: readonly string[];
  members: boolean | undefined;
}): StepOf {
  const step = (done: boolean, detail: string): StepOf => ({ step: 'written', done, detail });
  if (!after) {
    const isRead = read?.kind === 'found' || read?.kind === 'softDeleted';
    return step(false, isRead ? 'No worker wrote it in time; it is in the queue.' : 'Not yet.');
  }
  const properties = `Changed: ${names.join(', ') || 'nothing'}.`;
  if (members === false) return step(false, `${properties} Members are still being read.`);
  return step(true, members ? `${properties} All members were read.` : properties);
}

const valuesOf = (names: readonly string[], before: Stored, after: Stored) =>
  Object.fromEntries(
    names.map((name) => [name, { before: before?.[name] ?? null, after: after?.[name] ?? null }]),
  );

async function sentByScim(
  { scim }: OnDemandDeps,
  connection: StoredConnection | undefined,
  stored: Stored,
  options: Options,
): Promise<OnDemand['held']> {
  const facet = stored?.mirror.scim;
  if (!connection || !facet || facet.connectionId !== connection._id) return undefined;
  const kind = (await scim.User.get(connection._id, facet.id)) ? 'User' : 'Group';
  const record = await scim[kind].get(connection._id, facet.id);
  return record && heldOf(scim, kind, record, options);
}
