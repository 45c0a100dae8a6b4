import { common, complex, list, text, type Attribute, type ResourceType } from './attribute.ts';

const enterpriseUrn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const name = complex('name', [
  ...[text('formatted'), text('familyName'), text('givenName'), text('middleName')],
  ...[text('honorificPrefix'), text('honorificSuffix')],
]);

const addresses = list('addresses', [
  ...[text('formatted'), text('streetAddress'), text('locality'), text('region')],
  ...[text('postalCode'), text('country')],
]);

/** Ours to say, and looked up for whoever asks. */
const groups: Attribute = complex(
  'groups',
  [text('value'), { name: '$ref', type: 'reference' }, text('display'), text('type')],
  { multiValued: true, mutability: 'readOnly', returned: 'request' },
);

const core: readonly Attribute[] = [
  text('userName', { required: true, uniqueness: 'server' }),
  name,
  ...[text('displayName'), text('nickName'), text('title'), text('userType')],
  { name: 'profileUrl', type: 'reference' },
  ...[text('preferredLanguage'), text('locale'), text('timezone')],
  { name: 'active', type: 'boolean' },
  text('password', { mutability: 'writeOnly' }),
  ...[list('emails'), list('phoneNumbers'), list('ims'), list('photos'), addresses],
  ...[list('entitlements'), list('roles'), list('x509Certificates'), groups],
];

/** `$ref` and `displayName` are ours to say; what is sent of them is not kept. */
const manager = complex('manager', [
  text('value'),
  { name: '$ref', type: 'reference' },
  text('displayName', { mutability: 'readOnly' }),
]);

const enterprise: readonly Attribute[] = [
  ...[text('employeeNumber'), text('costCenter'), text('organization')],
  ...[text('division'), text('department'), manager],
];

/** Users of a connection that allows these further attributes, each written `<urn>:<name>`. */
export const userType = (further: readonly string[] = []): ResourceType =>
  further.length === 0 ? standard : typeWith(further);

const standard = typeWith([]);

function typeWith(further: readonly string[]): ResourceType {
  return {
    name: 'User',
    endpoint: '/Users',
    urn: 'urn:ietf:params:scim:schemas:core:2.0:User',
    attributes: [...common, ...core],
    extensions: [
      { urn: enterpriseUrn, key: 'ent', attributes: enterprise },
      ...extensionsOf(further),
    ],
  };
}

function extensionsOf(further: readonly string[]) {
  const names = new Map<string, string[]>();
  for (const path of further) {
    const end = path.lastIndexOf(':');
    const urn = path.slice(0, end);
    names.set(urn, [...(names.get(urn) ?? []), path.slice(end + 1)]);
  }
  return [...names].map(([urn, own]) => ({
    urn,
    // A dot would be a path to MongoDB.
    key: urn.replaceAll('.', '\uFF0E'),
    attributes: own.map((attribute) => text(attribute)),
  }));
}
