const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

type Properties = Readonly<Record<string, unknown>>;

/** Attributes by their SCIM paths, as Entra's mapping makes them of a person; what is not set is left out. */
export type Attributes = Readonly<Record<string, string>>;

/** Entra's default mapping with the object id as `externalId`. */
export function attributesOf(properties: Properties): Attributes {
  const org = (properties['employeeOrgData'] ?? {}) as Properties;
  const [phone] = (properties['businessPhones'] ?? []) as unknown[];
  const named: [string, unknown][] = [
    ['userName', properties['userPrincipalName']],
    ['displayName', properties['displayName']],
    ['title', properties['jobTitle']],
    ['preferredLanguage', properties['preferredLanguage']],
    ['userType', properties['employeeType']],
    ['name.givenName', properties['givenName']],
    ['name.familyName', properties['surname']],
    ['emails[type eq "work"].value', properties['mail']],
    ['phoneNumbers[type eq "work"].value', phone],
    ['phoneNumbers[type eq "mobile"].value', properties['mobilePhone']],
    ['addresses[type eq "work"].formatted', properties['officeLocation']],
    ['addresses[type eq "work"].streetAddress', properties['streetAddress']],
    ['addresses[type eq "work"].locality', properties['city']],
    ['addresses[type eq "work"].region', properties['state']],
    ['addresses[type eq "work"].postalCode', properties['postalCode']],
    ['addresses[type eq "work"].country', properties['country']],
    [`${enterprise}:employeeNumber`, properties['employeeId']],
    [`${enterprise}:department`, properties['department']],
    [`${enterprise}:organization`, properties['companyName']],
    [`${enterprise}:division`, org['division']],
    [`${enterprise}:costCenter`, org['costCenter']],
  ];
  return Object.fromEntries(
    named.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** The body of a create, with what Entra sends besides. */
export function createBody(objectId: string, attributes: Attributes, active: boolean): object {
  const body: Record<string, unknown> = {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', enterprise],
    ...{ externalId: objectId, active, meta: { resourceType: 'User' }, roles: [] },
  };
  for (const [path, value] of Object.entries(attributes)) place(body, path, value);
  return body;
}

function place(body: Record<string, unknown>, path: string, value: string): void {
  const element = /^(\w+)\[type eq "(\w+)"\]\.(\w+)$/.exec(path);
  if (element) {
    const [, list = '', type = '', name = ''] = element;
    const elements = (body[list] ??= []) as Record<string, unknown>[];
    const held = elements.find((one) => one['type'] === type);
    if (held) held[name] = value;
    else elements.push({ type, [name]: value, ...(list === 'emails' && { primary: true }) });
    return;
  }
  const isExtension = path.startsWith(`${enterprise}:`);
  const [container, name] = isExtension
    ? [enterprise, path.slice(enterprise.length + 1)]
    : path.split('.');
  if (name === undefined) body[path] = value;
  else ((body[container ?? ''] ??= {}) as Record<string, unknown>)[name] = value;
}
