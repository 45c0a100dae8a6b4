import type { Resource } from '../scim/schema/value.ts';

/** A user's attributes under the names that Graph gives them; null where unset (pure). */
export function userValues(resource: Resource): Record<string, unknown> {
  const name = partOf(resource['name']);
  const ent = partOf(resource['ent']);
  return {
    ...furtherValues(resource),
    userPrincipalName: orNull(resource['userName']),
    displayName: orNull(resource['displayName']),
    givenName: orNull(name['givenName']),
    surname: orNull(name['familyName']),
    jobTitle: orNull(resource['title']),
    preferredLanguage: orNull(resource['preferredLanguage']),
    employeeType: orNull(resource['userType']),
    mail: typed(resource['emails'], 'work'),
    ...phones(resource['phoneNumbers']),
    ...address(resource['addresses']),
    employeeId: orNull(ent['employeeNumber']),
    department: orNull(ent['department']),
    companyName: orNull(ent['organization']),
    employeeOrgData: orgData(ent),
  };
}

export const groupValues = (resource: Resource): Record<string, unknown> => ({
  displayName: orNull(resource['displayName']),
});

/** SCIM's id of the manager. */
export function managerOf(resource: Resource): string | undefined {
  const { value } = partOf(partOf(resource['ent'])['manager']);
  return typeof value === 'string' ? value : undefined;
}

function phones(list: unknown) {
  const work = typed(list, 'work');
  return {
    businessPhones: work === null ? [] : [work],
    mobilePhone: typed(list, 'mobile'),
    faxNumber: typed(list, 'fax'),
  };
}

/** Entra's own tables disagree on the type under which an office is sent. */
function address(list: unknown) {
  const of = (type: string) => elements(list).find((one) => one['type'] === type) ?? {};
  const work = of('work');
  return {
    officeLocation: orNull(work['formatted'] ?? of('other')['formatted']),
    streetAddress: orNull(work['streetAddress']),
    city: orNull(work['locality']),
    state: orNull(work['region']),
    postalCode: orNull(work['postalCode']),
    country: orNull(work['country']),
  };
}

function orgData({ division, costCenter }: Resource) {
  if (division === undefined && costCenter === undefined) return null;
  return { division: orNull(division), costCenter: orNull(costCenter) };
}

/** Attributes that the connection allows besides the schemas' keep their own names. */
function furtherValues(resource: Resource): Resource {
  const extensions = Object.entries(resource).filter(([key]) => key.startsWith('urn:'));
  return Object.fromEntries(extensions.flatMap(([, part]) => Object.entries(partOf(part))));
}

const typed = (list: unknown, type: string): unknown =>
  orNull(elements(list).find((one) => String(one['type']).toLowerCase() === type)?.['value']);

const elements = (list: unknown): Resource[] => (Array.isArray(list) ? list.map(partOf) : []);

const partOf = (value: unknown): Resource =>
  typeof value === 'object' && value !== null ? (value as Resource) : {};

const orNull = (value: unknown): unknown => value ?? null;
