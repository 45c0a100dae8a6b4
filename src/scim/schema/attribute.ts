/** One attribute as RFC 7643 section 7 describes it. */
export interface Attribute {
  name: string;
  type: 'string' | 'boolean' | 'complex' | 'reference' | 'binary' | 'dateTime';
  multiValued?: true;
  required?: true;
  caseExact?: true;
  mutability?: 'readOnly' | 'writeOnly';
  uniqueness?: 'server';
  /** Shown only where `attributes` names it. */
  returned?: 'request';
  sub?: readonly Attribute[];
}

/** Attributes besides the core ones; `key` is the name under which they are kept, which has no dots. */
export interface Extension {
  urn: string;
  key: string;
  attributes: readonly Attribute[];
}

export interface ResourceType {
  name: 'User' | 'Group';
  endpoint: '/Users' | '/Groups';
  urn: string;
  attributes: readonly Attribute[];
  extensions: readonly Extension[];
}

/** Names of attributes have no case. */
export function named(
  attributes: readonly Attribute[] | undefined,
  name: string,
): Attribute | undefined {
  const wanted = name.toLowerCase();
  return attributes?.find((attribute) => attribute.name.toLowerCase() === wanted);
}

export const text = (name: string, more: Partial<Attribute> = {}): Attribute => ({
  name,
  type: 'string',
  ...more,
});

export const complex = (
  name: string,
  sub: readonly Attribute[],
  more: Partial<Attribute> = {},
): Attribute => ({ name, type: 'complex', sub, ...more });

/** A list whose elements have a value, a type and a mark for the primary one. */
export const list = (name: string, more: readonly Attribute[] = []): Attribute =>
  complex(
    name,
    [
      ...[text('value'), text('display'), text('type')],
      ...[{ name: 'primary', type: 'boolean' } as const, ...more],
    ],
    { multiValued: true },
  );

/** What every resource has. */
export const common: readonly Attribute[] = [
  text('id', { caseExact: true, mutability: 'readOnly' }),
  text('externalId', { caseExact: true }),
  complex(
    'meta',
    [
      text('resourceType', { caseExact: true }),
      { name: 'created', type: 'dateTime' },
      { name: 'lastModified', type: 'dateTime' },
      { name: 'location', type: 'reference' },
      text('version', { caseExact: true }),
    ],
    { mutability: 'readOnly' },
  ),
];
