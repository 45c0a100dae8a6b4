import { badRequest, ScimError } from '../errors.ts';
import type { ResourceType } from '../schema/attribute.ts';
import { resourceTypeOf, schemasOf, serviceProviderConfig } from '../schema/discovery.ts';
import { isObject } from '../schema/value.ts';
import type { ScimStore } from '../store.ts';
import type { Exchange, Reply } from './exchange.ts';
import { etagOf, notFound, reply } from './resources.ts';
import { search, type SearchDeps } from './search.ts';
import { create, patch, put } from './write.ts';

/** Answers one request; throws a `ScimError` where it is refused. */
export async function route(deps: SearchDeps, exchange: Exchange): Promise<Reply> {
  const [first = '', id] = exchange.segments;
  const types = Object.values(exchange.types);
  const type = types.find(({ endpoint }) => endpoint.toLowerCase() === `/${first.toLowerCase()}`);
  if (exchange.segments.length > 2) throw nothingHere();
  if (first === '.search') return searchByPost(deps, exchange, switchedOn(exchange, types));
  if (!type) return discovery(exchange, first, id);
  if (id === '.search') return searchByPost(deps, exchange, switchedOn(exchange, [type]));
  if (id === undefined) return collection(deps, exchange, type);
  return one(deps.store, exchange, type, id);
}

const nothingHere = () => new ScimError(404, 'There is nothing here.');

/** An endpoint that is switched off shows nothing and takes nothing. */
const switchedOn = ({ connection }: Exchange, types: readonly ResourceType[]) =>
  types.filter(({ name }) => (name === 'User' ? connection.users : connection.groups));

async function collection(
  deps: SearchDeps,
  exchange: Exchange,
  type: ResourceType,
): Promise<Reply> {
  const { method } = exchange;
  if (method === 'GET') return search(deps, exchange, switchedOn(exchange, [type]));
  if (method !== 'POST') throw notAllowed('GET, POST');
  refuseSwitchedOff(exchange, type);
  const record = await create(deps.store, exchange, type);
  return reply(deps.store, exchange, type, { status: 201, record });
}

async function one(
  store: ScimStore,
  exchange: Exchange,
  type: ResourceType,
  id: string,
): Promise<Reply> {
  switch (exchange.method) {
    case 'GET': {
      const record = await store[type.name].get(exchange.connection._id, id);
      if (!record) throw notFound(type, id);
      if (exchange.headers['if-none-match'] === etagOf(record)) return { status: 304 };
      return reply(store, exchange, type, { status: 200, record });
    }
    case 'PUT':
      refuseSwitchedOff(exchange, type);
      return reply(store, exchange, type, {
        status: 200,
        record: await put(store, exchange, type, id),
      });
    case 'PATCH': {
      refuseSwitchedOff(exchange, type);
      const record = await patch(store, exchange, type, id);
      // A group with all its members is no answer to a change of one.
      if (type.name === 'Group') return { status: 204, headers: { etag: etagOf(record) } };
      return reply(store, exchange, type, { status: 200, record });
    }
    case 'DELETE':
      return remove(store, exchange, type, id);
    default:
      throw notAllowed('GET, PUT, PATCH, DELETE');
  }
}

async function remove(
  store: ScimStore,
  exchange: Exchange,
  type: ResourceType,
  id: string,
): Promise<Reply> {
  const { connection, headers } = exchange;
  const wanted = /^W\/"(\d+)"$/.exec(headers['if-match'] ?? '')?.[1];
  const seen = wanted === undefined ? undefined : Number(wanted);
  const removed = await store[type.name].remove(connection._id, id, seen);
  if (removed) {
    await store.members.endAllOf(connection._id, id);
    return { status: 204 };
  }
  if (await store[type.name].get(connection._id, id)) {
    throw new ScimError(412, 'It was changed since: read it again.');
  }
  throw notFound(type, id);
}

/** A search by POST says in its body what one by GET says in its address. */
function searchByPost(
  deps: SearchDeps,
  exchange: Exchange,
  types: readonly ResourceType[],
): Promise<Reply> {
  if (exchange.method !== 'POST') throw notAllowed('POST');
  if (!isObject(exchange.body)) throw badRequest('invalidSyntax', 'The body must be an object.');
  const query = Object.fromEntries(
    Object.entries(exchange.body).flatMap(([name, value]) => {
      if (typeof value === 'string' || typeof value === 'number') return [[name, String(value)]];
      return Array.isArray(value) ? [[name, value.join(',')]] : [];
    }),
  );
  return search(deps, { ...exchange, query }, types);
}

function discovery(exchange: Exchange, name: string, id: string | undefined): Reply {
  const { baseUrl, method, query } = exchange;
  const types = Object.values(exchange.types);
  const found = {
    ServiceProviderConfig: () => serviceProviderConfig(baseUrl),
    ResourceTypes: () => types.map((type) => resourceTypeOf(type, baseUrl)),
    Schemas: () => schemasOf(types, baseUrl),
  };
  if (name === 'Me' || name === 'Bulk') throw new ScimError(501, `/${name} is not offered.`);
  if (name !== 'ServiceProviderConfig' && name !== 'ResourceTypes' && name !== 'Schemas') {
    throw nothingHere();
  }
  if (method !== 'GET') throw notAllowed('GET');
  if (query['filter'] !== undefined) throw new ScimError(403, 'This list is not filtered.');
  const answer = found[name]();
  if (!Array.isArray(answer)) return { status: 200, body: answer };
  if (id === undefined) return { status: 200, body: listed(answer) };
  const one = answer.find((entry) => entry['id'] === id);
  if (!one) throw nothingHere();
  return { status: 200, body: one };
}

const listed = (Resources: unknown[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
  totalResults: Resources.length,
  itemsPerPage: Resources.length,
  startIndex: 1,
  Resources,
});

function refuseSwitchedOff(exchange: Exchange, type: ResourceType): void {
  if (switchedOn(exchange, [type]).length > 0) return;
  throw new ScimError(403, `${type.name}s are switched off for this connection.`);
}

const notAllowed = (allow: string) => new ScimError(405, `Use ${allow}.`, { headers: { allow } });
