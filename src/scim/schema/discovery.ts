import type { Attribute, ResourceType } from './attribute.ts';

type Json = Record<string, unknown>;

export const maxResults = 200;
export const cursorLifeMs = 3_600_000;

/** What this server can do (RFC 7643 section 5, RFC 9865 section 2.3). */
export const serviceProviderConfig = (baseUrl: string): Json => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults },
  changePassword: { supported: false },
  sort: { supported: false },
  etag: { supported: true },
  pagination: {
    ...{ cursor: true, index: true, defaultPaginationMethod: 'index' },
    ...{ defaultPageSize: 100, maxPageSize: maxResults, cursorTimeout: cursorLifeMs / 1_000 },
  },
  authenticationSchemes: [
    {
      type: 'oauthbearertoken',
      name: 'Secret token',
      description: 'The secret of the connection, as a bearer token.',
      primary: true,
    },
  ],
  meta: {
    resourceType: 'ServiceProviderConfig',
    location: `${baseUrl}/ServiceProviderConfig`,
  },
});

export const resourceTypeOf = (type: ResourceType, baseUrl: string): Json => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
  ...{ id: type.name, name: type.name, endpoint: type.endpoint, schema: type.urn },
  description: type.name === 'User' ? 'People' : 'Groups of people',
  schemaExtensions: type.extensions.map(({ urn }) => ({ schema: urn, required: false })),
  meta: { resourceType: 'ResourceType', location: `${baseUrl}/ResourceTypes/${type.name}` },
});

/** The schemas of these types, their extensions included. */
export function schemasOf(types: readonly ResourceType[], baseUrl: string): Json[] {
  return types.flatMap(({ name, urn, attributes, extensions }) => [
    schema(urn, name, attributes, baseUrl),
    ...extensions.map((one) => schema(one.urn, `${name} extension`, one.attributes, baseUrl)),
  ]);
}

function schema(id: string, name: string, attributes: readonly Attribute[], baseUrl: string): Json {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
    ...{ id, name, description: name },
    attributes: attributes.filter(({ name: own }) => !isCommon(own)).map(described),
    meta: { resourceType: 'Schema', location: `${baseUrl}/Schemas/${id}` },
  };
}

/** Schemas do not list what every resource has. */
const isCommon = (name: string) => ['id', 'externalId', 'meta'].includes(name);

function described(attribute: Attribute): Json {
  const { name, type, multiValued = false, required = false, caseExact = false, sub } = attribute;
  const { mutability = 'readWrite', uniqueness = 'none' } = attribute;
  return {
    ...{ name, type, multiValued, required, caseExact, mutability, uniqueness },
    description: name,
    returned: mutability === 'writeOnly' ? 'never' : (attribute.returned ?? 'default'),
    ...(type === 'reference' && { referenceTypes: ['external'] }),
    ...(sub && { subAttributes: sub.map(described) }),
  };
}
