import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import nock from 'nock';
import { host, realClient } from './real-client.ts';

const typed = (type: string, id: string) => ({ '@odata.type': `#microsoft.graph.${type}`, id });

/** Answers one `$batch` with these parts, by the URL that each asks for. */
function answerBatch(parts: Record<string, { status?: number; body?: unknown }>): void {
  nock(host)
    .post('/v1.0/$batch')
    .reply(200, (_uri, body) => ({
      responses: (body as { requests: { id: string; url: string }[] }).requests.map(
        ({ id, url }) => ({ id, status: 200, ...(parts[url] ?? { status: 418 }) }),
      ),
    }));
}

beforeEach(() => nock.disableNetConnect());
afterEach(() => {
  nock.cleanAll();
  nock.enableNetConnect();
});

describe('edges of groups', () => {
  it('come in pages of 999, with the types that Graph shows', async () => {
    answerBatch({
      '/groups/g1/members?$select=id&$top=999': {
        body: {
          value: [typed('user', 'u'), { id: 'x' }, { ...typed('device', 'd'), displayName: null }],
          '@odata.nextLink': `${host}/v1.0/groups/g1/members?$skiptoken=2`,
        },
      },
      '/groups/g1/owners?$select=id&$top=999': {
        body: { value: [typed('servicePrincipal', 's')] },
      },
    });

    const pages = await realClient().graph.edgePages(
      [
        { groupId: 'g1', kind: 'member' },
        { groupId: 'g1', kind: 'owner' },
      ],
      'sweep',
    );

    expect(pages).toEqual([
      {
        kind: 'found',
        page: {
          edges: [
            { kind: 'member', memberId: 'u', memberType: 'user' },
            { kind: 'member', memberId: 'x' },
            { kind: 'member', memberId: 'd', memberType: 'device' },
          ],
          nextLink: '/groups/g1/members?$skiptoken=2',
        },
      },
      {
        kind: 'found',
        page: { edges: [{ kind: 'owner', memberId: 's', memberType: 'servicePrincipal' }] },
      },
    ]);
  });

  it('fail group by group', async () => {
    const expired = { error: { code: 'Directory_ExpiredPageToken', message: '' } };
    answerBatch({
      '/groups/g1/members?$skiptoken=2': { status: 400, body: expired },
      '/groups/g2/members?$select=id&$top=999': { status: 404 },
      '/groups/g3/members?$select=id&$top=999': { status: 500 },
      '/groups/g4/members?$select=id&$top=999': { body: { value: [{}] } },
    });

    const pages = await realClient().graph.edgePages(
      [
        { groupId: 'g1', kind: 'member', link: '/groups/g1/members?$skiptoken=2' },
        ...['g2', 'g3', 'g4'].map((groupId) => ({ groupId, kind: 'member' as const })),
      ],
      'sweep',
    );

    expect(pages).toMatchObject([
      { kind: 'refused', code: 'linkExpired' },
      { kind: 'missing' },
      { kind: 'failed' },
      { kind: 'failed' },
    ]);
  });
});

describe('relations of a person', () => {
  const [memberOf, owned, reports] = ['memberOf', 'ownedObjects', 'directReports'].map(
    (name) => `/users/u/${name}?$select=id&$top=999`,
  ) as [string, string, string];

  it('are groups and people of all pages', async () => {
    const nextLink = `${host}/v1.0/users/u/memberOf?$skiptoken=2`;
    answerBatch({
      [memberOf]: {
        body: {
          value: [typed('group', 'g1'), typed('directoryRole', 'r')],
          '@odata.nextLink': nextLink,
        },
      },
      [owned]: { body: { value: [typed('application', 'a'), typed('group', 'g2')] } },
      [reports]: { body: { value: [typed('user', 'v')] } },
    });
    nock(host)
      .get('/v1.0/users/u/memberOf?$skiptoken=2')
      .reply(200, { value: [typed('group', 'g3')] });

    expect(await realClient().graph.relations('u', 'sweep')).toEqual({
      memberOf: ['g1', 'g3'],
      owned: ['g2'],
      reports: ['v'],
    });
  });

  it('of a person who is not there are missing', async () => {
    answerBatch({
      [memberOf]: { status: 404 },
      [owned]: { status: 404 },
      [reports]: { status: 404 },
    });
    expect(await realClient().graph.relations('u', 'sweep')).toBe('missing');
  });

  it('are all or none', async () => {
    answerBatch({ [memberOf]: { body: { value: [] } }, [owned]: { status: 500 }, [reports]: {} });
    await expect(realClient().graph.relations('u', 'sweep')).rejects.toThrow('500');
  });
});
