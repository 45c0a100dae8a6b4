import { createHash } from 'node:crypto';
import type { ObjectType } from '../change.ts';
import { ConfigError } from '../ops/errors.ts';

/**
 * What the mirror holds of each type: what `$select` gives, by id and in lists alike, to an app with
 * User.Read.All and Group.Read.All, and what delta tracks (so no `licenseAssignmentStates`). The order
 * of the lists among them means nothing.
 */
const standard: Record<ObjectType, readonly string[]> = {
  user: [
    ...['accountEnabled', 'ageGroup', 'assignedLicenses', 'assignedPlans', 'businessPhones'],
    ...['city', 'companyName', 'consentProvidedForMinor', 'country', 'createdDateTime'],
    ...['creationType', 'department', 'displayName', 'employeeHireDate', 'employeeId'],
    ...['employeeOrgData', 'employeeType', 'externalUserState', 'externalUserStateChangeDateTime'],
    ...['faxNumber', 'givenName', 'identities', 'imAddresses', 'jobTitle'],
    ...['lastPasswordChangeDateTime', 'legalAgeGroupClassification', 'mail', 'mailNickname'],
    ...['mobilePhone', 'officeLocation', 'onPremisesDistinguishedName', 'onPremisesDomainName'],
    ...['onPremisesExtensionAttributes', 'onPremisesImmutableId', 'onPremisesLastSyncDateTime'],
    ...['onPremisesProvisioningErrors', 'onPremisesSamAccountName', 'onPremisesSecurityIdentifier'],
    ...['onPremisesSyncEnabled', 'onPremisesUserPrincipalName', 'otherMails', 'passwordPolicies'],
    ...['postalCode', 'preferredDataLocation', 'preferredLanguage', 'provisionedPlans'],
    ...['proxyAddresses', 'securityIdentifier', 'signInSessionsValidFromDateTime', 'state'],
    ...['streetAddress', 'surname', 'usageLocation', 'userPrincipalName', 'userType'],
  ],
  group: [
    ...['assignedLabels', 'assignedLicenses', 'classification', 'createdDateTime', 'description'],
    ...['displayName', 'expirationDateTime', 'groupTypes', 'isAssignableToRole'],
    ...['licenseProcessingState', 'mail', 'mailEnabled', 'mailNickname', 'membershipRule'],
    ...['membershipRuleProcessingState', 'onPremisesDomainName', 'onPremisesLastSyncDateTime'],
    ...['onPremisesNetBiosName', 'onPremisesProvisioningErrors', 'onPremisesSamAccountName'],
    ...['onPremisesSecurityIdentifier', 'onPremisesSyncEnabled', 'preferredDataLocation'],
    ...['preferredLanguage', 'proxyAddresses', 'renewedDateTime', 'resourceProvisioningOptions'],
    ...['securityEnabled', 'securityIdentifier', 'theme', 'uniqueName', 'visibility'],
  ],
};

/** Names the mirror gives a meaning of its own, or which a read always asks for. */
const reserved = new Set(['id', 'tenantId', 'mirror', 'manager', 'managerId', 'members', 'owners']);

/** What to mirror beyond the standard properties (`employeeLeaveDateTime`, extensions), and what not. */
export type PropertyChoice = Partial<
  Record<ObjectType, { extra?: readonly string[]; less?: readonly string[] }>
>;
export type PropertyTable = Record<ObjectType, readonly string[]> & {
  /** Hash of the names in force. */
  shape: string;
};

/** The properties to mirror, each type's in alphabetical order. Throws `ConfigError` for a name Graph cannot have. */
export function propertyTable(choice: PropertyChoice = {}): PropertyTable {
  const names = { user: chosen('user', choice), group: chosen('group', choice) };
  const shape = createHash('sha256').update(JSON.stringify(names)).digest('hex').slice(0, 16);
  return { ...names, shape };
}

function chosen(type: ObjectType, choice: PropertyChoice): string[] {
  const { extra = [], less = [] } = choice[type] ?? {};
  const wrong = extra.filter((name) => !/^[a-z]\w{0,127}$/i.test(name) || reserved.has(name));
  if (wrong.length > 0) {
    throw new ConfigError(
      wrong.map(
        (name) => `"${name}" is not a property of a ${type} that can be mirrored: remove it`,
      ),
    );
  }
  if (less.includes('createdDateTime')) {
    throw new ConfigError(['"createdDateTime" cannot be left out: sweeps know what is new by it']);
  }
  return [...new Set([...standard[type], ...extra])].filter((name) => !less.includes(name)).sort();
}
