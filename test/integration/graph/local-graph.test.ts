import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createCredential } from '../../../src/graph/credential.ts';
import type { DeltaItem, EdgePage, Graph } from '../../../src/graph/types.ts';
import type { ObjectType } from '../../../src/change.ts';
import { noFaults } from '../../../src/local/graph/faults.ts';
import { startLocalGraph, type LocalGraph } from '../../../src/local/graph/server.ts';
import { LinkExpiredError, TenantError } from '../../../src/ops/errors.ts';
import { realClient } from './real-client.ts';

let local: LocalGraph;
let graph: Graph;
let endpoint: Server;

beforeAll(async () => {
  local = await startLocalGraph({ users: 30, groups: 4, seed: 3 });
  endpoint = createServer((request, response) => {
    response.setHeader('content-type', 'text/plain');
    response.end(new URL(request.url ?? '', 'http://x').searchParams.get('validationToken') ?? '');
  }).listen(0, '127.0.0.1');
  await once(endpoint, 'listening');
});
afterAll(async () => {
  endpoint.close();
  await local.close();
});
beforeEach(() => {
  Object.assign(local.faults, noFaults());
  graph = createLocalClient();
});

function createLocalClient(): Graph {
  const baseUrl = local.url;
  const credential = createCredential({ tenantId: local.tenantId, baseUrl });
  return realClient({ baseUrl, credential }).graph;
}

async function changesSince(type: ObjectType, link: string): Promise<DeltaItem[]> {
  const items: DeltaItem[] = [];
  let next: string | undefined = link;
  while (next) {
    const page = await graph.deltaPage(type, next, 'sweep');
    items.push(...page.items);
    next = page.nextLink;
  }
  return items;
}

async function edgesOf(groupId: string, kind: 'member' | 'owner'): Promise<EdgePage['edges']> {
  const [first] = await graph.edgePages([{ groupId, kind }], 'sweep');
  if (first?.kind !== 'found') throw new Error(`no edges: ${first?.kind ?? 'nothing'}`);
  return first.page.edges;
}

describe('the simulated Graph, read by the real SDK', () => {
  it.each(['user', 'group'] as const)('shows every %s in a list, whole', async (type) => {
    const { objects, nextLink } = await graph.listPage(type, undefined, 'sweep');
    const truth = local.directory.snapshot()[`${type}s`];
    expect(nextLink).toBeUndefined();
    expect(objects.map(({ id }) => id).sort()).toEqual(truth.map(({ id }) => id).sort());
    for (const { id, properties } of objects) {
      const known = truth.find((each) => each.id === id)?.properties ?? {};
      expect(properties).toMatchObject(known);
    }
  });

  it('shows the same by id as in the list, managers included', async () => {
    const { objects } = await graph.listPage('user', undefined, 'sweep');
    const reads = await graph.read(objects, 'notification');
    expect(reads).toEqual(objects.map((object) => ({ kind: 'found', object })));
    expect(objects.some(({ managerId }) => managerId !== null)).toBe(true);
  });

  it('tells soft-deleted from purged from never seen', async () => {
    const { directory } = local;
    const [deleted, purged] = [directory.createUser(), directory.createUser()];
    directory.deleteUser(deleted);
    directory.deleteUser(purged);
    directory.purge(purged);
    const group = directory.createGroup({ groupTypes: ['Unified'] });
    directory.deleteGroup(group);
    const reads = await graph.read(
      [
        { type: 'user', id: deleted },
        { type: 'user', id: purged },
        { type: 'user', id: '00000000-0000-4000-8000-00000000dead' },
        { type: 'group', id: group },
      ],
      'notification',
    );
    expect(reads.map(({ kind }) => kind)).toEqual([
      'softDeleted',
      'missing',
      'missing',
      'softDeleted',
    ]);
  });

  it('does not show a manager who is soft-deleted', async () => {
    const { directory } = local;
    const [manager, report] = [directory.createUser(), directory.createUser()];
    directory.setManager(report, manager);
    expect(await graph.relations(manager, 'sweep')).toMatchObject({ reports: [report] });
    directory.deleteUser(manager);
    const [read] = await graph.read([{ type: 'user', id: report }], 'notification');
    expect(read).toMatchObject({ kind: 'found', object: { managerId: null } });
    expect(await graph.relations(manager, 'sweep')).toBe('missing');
  });

  it('shows in delta what changed since a link: people, their manager, and who is gone', async () => {
    const { directory } = local;
    const [manager, changed, gone] = [
      directory.createUser(),
      directory.createUser({ displayName: 'Old', city: 'Bern' }),
      directory.createUser(),
    ];
    const link = await graph.latestLink('user', 'sweep');
    directory.updateUser(changed, { displayName: 'New' });
    directory.setManager(changed, manager);
    directory.deleteUser(gone);

    const items = await changesSince('user', link);

    const about = (id: string) => items.filter((item) => item.id === id);
    const merged = about(changed).reduce((sum, item) => ({ ...sum, ...item }));
    expect(merged.managerId).toBe(manager);
    expect(about(changed).map(({ properties }) => properties)).toContainEqual({
      displayName: 'New',
    });
    expect(about(gone)).toMatchObject([{ removed: 'changed' }]);
    expect(about(manager)).toEqual([]);
  });

  it('shows in delta who came to and left a group, as member and owner', async () => {
    const { directory } = local;
    const group = directory.createGroup({ displayName: 'G' });
    const [comes, leaves, owns] = [
      directory.createUser(),
      directory.createUser(),
      directory.createUser(),
    ];
    directory.addMember(group, leaves);
    const link = await graph.latestLink('group', 'sweep');
    directory.addMember(group, comes);
    directory.removeMember(group, leaves);
    directory.addOwner(group, owns);

    const items = await changesSince('group', link);

    const edges = items.filter(({ id }) => id === group).flatMap((item) => item.edges);
    expect(edges).toHaveLength(3);
    expect(edges).toEqual(
      expect.arrayContaining([
        { kind: 'member', memberId: comes, memberType: 'user', removed: false },
        { kind: 'member', memberId: leaves, memberType: 'user', removed: true },
        { kind: 'owner', memberId: owns, memberType: 'user', removed: false },
      ]),
    );
    expect(await edgesOf(group, 'member')).toEqual([
      { kind: 'member', memberId: comes, memberType: 'user' },
    ]);
    expect(await edgesOf(group, 'owner')).toMatchObject([{ memberId: owns }]);
    expect(await graph.relations(owns, 'sweep')).toEqual({
      memberOf: [],
      owned: [group],
      reports: [],
    });
    expect(await graph.relations(comes, 'sweep')).toMatchObject({ memberOf: [group] });
  });

  it('says when a link has expired', async () => {
    const link = await graph.latestLink('user', 'sweep');
    local.faults.deltaGoneRate = 1;
    await expect(graph.deltaPage('user', link, 'sweep')).rejects.toThrow(LinkExpiredError);
  });

  it('blames the tenant once consent is withdrawn, and recovers when it is given', async () => {
    const [someone] = local.directory.snapshot().users;
    const ref = { type: 'user' as const, id: someone?.id ?? '' };
    local.faults.forbidden = true;
    await expect(graph.read([ref], 'notification')).rejects.toThrow(TenantError);
    await expect(graph.latestLink('user', 'sweep')).rejects.toThrow(TenantError);
    local.faults.forbidden = false;
    expect(await graph.read([ref], 'notification')).toMatchObject([{ kind: 'found' }]);
  });

  it('fails objects, never the read, while it is broken', async () => {
    const refs = (await graph.listPage('user', undefined, 'sweep')).objects;
    Object.assign(local.faults, { errorRate: 0.3, malformedRate: 0.3 });
    for (let round = 0; round < 5; round += 1) {
      const kinds = (await graph.read(refs, 'notification')).map(({ kind }) => kind);
      expect(kinds).toHaveLength(refs.length);
      expect(['found', 'failed']).toEqual(expect.arrayContaining([...new Set(kinds)]));
    }
  });
});

describe('a subscription at the simulated Graph', () => {
  it('is created, found as a conflict, renewed, listed and deleted', async () => {
    const { port } = endpoint.address() as AddressInfo;
    const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
    const wanted = {
      resource: 'users',
      changeType: 'updated,deleted',
      notificationUrl: `http://127.0.0.1:${port}/notifications`,
      lifecycleNotificationUrl: `http://127.0.0.1:${port}/lifecycle`,
      clientState: 'secret',
      expirationDateTime: inDays(2),
    };

    const created = await graph.createSubscription(wanted);
    if ('conflict' in created) throw new Error('a conflict with nothing');
    expect(created).toMatchObject({ resource: 'users', changeType: 'updated,deleted' });
    expect(await graph.createSubscription(wanted)).toEqual({ conflict: created.id });

    const renewed = await graph.renewSubscription(created.id, inDays(20));
    expect(renewed?.id).toBe(created.id);
    expect(Date.parse(renewed?.expirationDateTime ?? '')).toBeGreaterThan(Date.parse(inDays(19)));
    expect(await graph.getSubscription(created.id)).toEqual(renewed);
    expect(await graph.listSubscriptions()).toEqual([renewed]);

    expect(await graph.deleteSubscription(created.id)).toBe(true);
    expect(await graph.deleteSubscription(created.id)).toBe(false);
    expect(await graph.getSubscription(created.id)).toBeUndefined();
    expect(await graph.renewSubscription(created.id, inDays(3))).toBeUndefined();
  });
});
