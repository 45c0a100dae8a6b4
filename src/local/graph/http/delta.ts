import { firstRoundPage } from '../delta/first-round.ts';
import type { DeltaItem } from '../delta/item.ts';
import {
  readToken,
  writeToken,
  type DeltaToken,
  type Manner,
  type Moment,
} from '../delta/token.ts';
import { trackedBy, untrackable } from '../delta/tracked.ts';
import { windowPage } from '../delta/window.ts';
import { remembers } from '../directory/history.ts';
import {
  badRequest,
  contextOf,
  failure,
  ok,
  type GraphReply,
  type GraphRequest,
} from './exchange.ts';

type Tracking = 'user' | 'group';

const TOKEN_LIFE_MS = 7 * 86_400_000;
const REFUSED_OPTIONS = ['$top', '$expand', '$orderby', '$filter', '$search', '$count'];

/** `GET /users/delta` or `/groups/delta`. */
export const getDelta =
  (type: Tracking) =>
  (request: GraphRequest): GraphReply => {
    const { query, tenant } = request;
    const refused = REFUSED_OPTIONS.find((name) => query.has(name));
    if (refused) {
      return badRequest(
        `Query option '${refused}' is not supported with delta.`,
        'Request_UnsupportedQuery',
      );
    }
    const text = query.get('$skiptoken') ?? query.get('$deltatoken');
    if (!text || text === 'latest') return beginRound(request, type, text === 'latest');
    const token = readToken(tenant.id, text);
    if (!token || token.type !== type || isExpired(request, token)) {
      return gone(request, type, token);
    }
    switch (token.kind) {
      case 'first':
        return showFirst(request, token);
      case 'window':
        return showWindow(request, token);
      case 'link':
        if (tenant.chance('deltaGoneRate')) return gone(request, type, token);
        return showWindow(request, openWindow(request, token));
    }
  };

function beginRound(request: GraphRequest, type: Tracking, isLatest: boolean): GraphReply {
  const select = request.query
    .get('$select')
    ?.split(',')
    .map((name) => name.trim());
  const unknown = select && untrackable(type, select);
  if (unknown) {
    return badRequest(
      `Could not find a property named '${unknown}' on type 'microsoft.graph.${type}'.`,
      'BadRequest',
    );
  }
  const round = { type, ...(select && { select }), from: moment(request) };
  if (isLatest) return answer(request, [], { ...round, kind: 'link' });
  return showFirst(request, { ...round, kind: 'first', object: 0, edge: 0 });
}

function showFirst(request: GraphRequest, token: DeltaToken & { kind: 'first' }): GraphReply {
  const { tenant } = request;
  if (tenant.chance('deltaEmptyPageRate')) return answer(request, [], token);
  const { type, select, from } = token;
  const { items, next } = firstRoundPage(
    tenant.directory.now(),
    type,
    trackedBy(type, select),
    token,
    tenant.faults.deltaShowsDeletedFirst,
  );
  if (next) return answer(request, items, { ...token, ...next });
  return answer(request, items, { kind: 'link', type, ...(select && { select }), from });
}

function openWindow(
  request: GraphRequest,
  token: DeltaToken & { kind: 'link' },
): DeltaToken & { kind: 'window' } {
  const { faults } = request.tenant;
  const wantsMinimal = request.headers['prefer']?.includes('return=minimal') ?? false;
  const manner: Manner = {
    changedOnly: wantsMinimal || faults.deltaChangedOnly,
    copies: faults.deltaCopies,
    repeatRate: faults.deltaRepeatRate,
    restoredMembers: faults.deltaShowsRestoredMembers,
    formerManager: faults.deltaShowsFormerManager,
  };
  return { ...token, kind: 'window', to: moment(request), manner, offset: 0 };
}

function showWindow(request: GraphRequest, token: DeltaToken & { kind: 'window' }): GraphReply {
  const { tenant } = request;
  if (tenant.chance('deltaEmptyPageRate')) return answer(request, [], token);
  const { type, select, to, offset } = token;
  const { items, next } = windowPage(tenant.windows.items(token), offset);
  if (next !== undefined) return answer(request, items, { ...token, offset: next });
  return answer(request, items, { kind: 'link', type, ...(select && { select }), from: to });
}

function answer(request: GraphRequest, items: DeltaItem[], token: DeltaToken): GraphReply {
  const text = writeToken(request.tenant.id, token);
  const path = `${request.baseUrl}/${token.type}s/delta`;
  const link =
    token.kind === 'link'
      ? { '@odata.deltaLink': `${path}?$deltatoken=${text}` }
      : { '@odata.nextLink': `${path}?$skiptoken=${text}` };
  return ok({ ...contextOf(request, `${token.type}s`), ...link, value: items });
}

function isExpired({ tenant }: GraphRequest, { from }: DeltaToken): boolean {
  const tooOld = from.at < tenant.clock.now() - TOKEN_LIFE_MS;
  return (
    tooOld ||
    from.sequence > tenant.directory.sequence ||
    !remembers(tenant.directory.tables.history, from.sequence)
  );
}

function gone(
  { baseUrl }: GraphRequest,
  type: Tracking,
  token: DeltaToken | undefined,
): GraphReply {
  const select = token?.select ? `&$select=${token.select.join(',')}` : '';
  return failure(
    410,
    'SyncStateNotFound',
    'The sync state is not found: start again from the location given.',
    {
      Location: `${baseUrl}/${type}s/delta?$deltatoken=${select}`,
    },
  );
}

function moment({ tenant }: GraphRequest): Moment {
  return { sequence: tenant.directory.sequence, at: tenant.clock.now() };
}
