import { Router, type Request } from 'express';
import { z } from 'zod';
import { PermanentError } from '../ops/errors.ts';
import { viewPeople } from './people.ts';
import { syncTeam, type TeamDeps } from './sync-team.ts';
import type { StoredTeam } from './types.ts';

const page = z.object({
  search: z.string().max(200).optional(),
  after: z.string().max(300).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
const teamBody = z.object({ members: z.enum(['direct', 'effective']).default('direct') });
const scopeBody = z.object({ groups: z.array(z.string().max(200)).max(1_000).nullable() });
const personBody = z.object({
  displayName: z.string().trim().min(1).max(256),
  userPrincipalName: z.string().trim().min(1).max(256),
  mail: z.string().max(256).nullable().default(null),
});

/** Groups as teams, and the people of one connection; mounted under `/admin/connections/{id}`. */
export function createTeamsRouter(deps: TeamDeps): Router {
  const router = Router({ mergeParams: true });
  addCatalogue(router, deps);
  addTeams(router, deps);
  addUses(router, deps);
  addPeople(router, deps);
  return router;
}

const connectionOf = ({ params }: Request): string => String((params as { id?: string }).id);

function addCatalogue(router: Router, { mirror, tenantsOf }: TeamDeps): void {
  router.get('/groups', async (request, response) => {
    const { search, after, limit } = page.parse(request.query);
    const tenantIds = await tenantsOf(connectionOf(request));
    const asked = { limit: limit + 1, ...(search && { search }), ...(after && { after }) };
    const found = await mirror.groupCatalogue(tenantIds, asked);
    const groups = found.slice(0, limit).map(({ _id, id, displayName, mirror: { source } }) => ({
      ...{ id, key: _id, displayName, source },
    }));
    response.json({ groups, next: found.length > limit ? groups.at(-1)?.key : null });
  });
}

function addTeams(router: Router, deps: TeamDeps): void {
  const { store, now } = deps;
  router.get('/teams', async (request, response) => {
    response.json((await store.of(connectionOf(request))).map(shown));
  });
  router.put('/teams/:groupId', async (request, response) => {
    const { members } = teamBody.parse(request.body ?? {});
    const connectionId = connectionOf(request);
    const group = await groupOf(deps, connectionId, request.params.groupId);
    const _id = `${connectionId}/${group.id}`;
    const begun = { status: 'pending', reason: null, syncedAt: null, uses: [] } as const;
    const name = typeof group['displayName'] === 'string' ? group['displayName'] : group.id;
    const ids = { _id, connectionId, groupId: group.id, groupKey: group._id };
    await store.put({ ...ids, name, members, ...begun, uses: [], createdAt: now() });
    await syncTeam(deps, await teamOf(deps, connectionId, group.id));
    response.json(shown(await teamOf(deps, connectionId, group.id)));
  });
  router.get('/teams/:groupId', async (request, response) => {
    const connectionId = connectionOf(request);
    const { after = '', limit } = page.parse(request.query);
    const team = await teamOf(deps, connectionId, request.params.groupId);
    const found = await store.membersOf(team._id, after, limit + 1);
    const keys = found.slice(0, limit).map(({ personKey }) => personKey);
    const people = await viewPeople(deps, connectionId, keys);
    const next = found.length > limit ? keys.at(-1) : null;
    response.json({ ...shown(team), people, next });
  });
  router.delete('/teams/:groupId', async (request, response) => {
    const team = await teamOf(deps, connectionOf(request), request.params.groupId);
    if (!(await store.remove(team._id, request.query['force'] === 'true'))) {
      const uses = team.uses.join(', ');
      throw new PermanentError('inUse', `"${team.name}" is in use: ${uses}. Force it or end that.`);
    }
    response.status(204).end();
  });
}

function addUses(router: Router, deps: TeamDeps): void {
  const { store } = deps;
  router.put('/teams/:groupId/uses/:ref', async (request, response) => {
    const { groupId, ref } = request.params;
    await store.use((await teamOf(deps, connectionOf(request), groupId))._id, ref, true);
    response.status(204).end();
  });
  router.delete('/teams/:groupId/uses/:ref', async (request, response) => {
    const { groupId, ref } = request.params;
    await store.use((await teamOf(deps, connectionOf(request), groupId))._id, ref, false);
    response.status(204).end();
  });
}

function addPeople(router: Router, deps: TeamDeps): void {
  const { store, mirror, tenantsOf, now } = deps;
  router.put('/scope', async (request, response) => {
    const { groups } = scopeBody.parse(request.body);
    await store.setScope(connectionOf(request), groups);
    response.json({ groups });
  });
  router.get('/people', async (request, response) => {
    const connectionId = connectionOf(request);
    const { after, limit } = page.parse(request.query);
    const asked = { limit: limit + 1, ...(after && { after }) };
    const found = await mirror.peopleOf(await tenantsOf(connectionId), asked);
    const keys = found.slice(0, limit).map(({ _id }) => _id);
    const people = await viewPeople(deps, connectionId, keys);
    const next = found.length > limit ? keys.at(-1) : null;
    response.json({ people: people.filter(({ inScope }) => inScope), next });
  });
  router.post('/people', async (request, response) => {
    const connectionId = connectionOf(request);
    await tenantsOf(connectionId);
    const id = await mirror.addManualPerson(connectionId, personBody.parse(request.body));
    response.status(201).json({ id, source: 'manual' });
  });
  router.delete('/people/:personId', async (request, response) => {
    const { personId } = request.params;
    if (!(await mirror.removeManualPerson(connectionOf(request), personId))) {
      throw new PermanentError(
        'notManual',
        'Only manual people are removed here; others come from Entra.',
      );
    }
    response.status(204).end();
  });
  for (const [method, at] of [
    ['put', now],
    ['delete', () => null],
  ] as const) {
    router[method]('/people/:personId/activation', async (request, response) => {
      const connectionId = connectionOf(request);
      const key = await personKeyOf(deps, connectionId, request.params.personId);
      await store.activate(connectionId, key, at());
      response.status(204).end();
    });
  }
}

async function groupOf({ mirror, tenantsOf }: TeamDeps, connectionId: string, groupId: string) {
  for (const tenantId of await tenantsOf(connectionId)) {
    const group = await mirror.groupByKey(`${tenantId}/${groupId}`);
    if (group?.mirror.state === 'active') return group;
  }
  throw new PermanentError('notFound', `There is no group ${groupId}.`);
}

async function teamOf({ store }: TeamDeps, connectionId: string, groupId: string) {
  const team = await store.find(`${connectionId}/${groupId}`);
  if (!team) throw new PermanentError('notFound', `There is no team ${groupId}.`);
  return team;
}

async function personKeyOf({ mirror, tenantsOf }: TeamDeps, connectionId: string, id: string) {
  const keys = (await tenantsOf(connectionId)).map((tenantId) => `${tenantId}/${id}`);
  const [person] = await mirror.peopleByKeys(keys);
  if (!person) throw new PermanentError('notFound', `There is no person ${id}.`);
  return person._id;
}

const shown = ({ groupId: id, name, members, status, reason, syncedAt, uses }: StoredTeam) => ({
  ...{ id, name, members, status, reason, syncedAt, uses },
});
