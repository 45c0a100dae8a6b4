import type { ObjectType } from '../directory/event.ts';

const words = (text: string) => text.trim().split(/\s+/);

/** What is shown without `$select`. */
const DEFAULTS: Partial<Record<ObjectType, string[]>> = {
  user: words(`businessPhones displayName givenName id jobTitle mail mobilePhone officeLocation
    preferredLanguage surname userPrincipalName`),
  group:
    words(`id deletedDateTime classification createdDateTime description displayName expirationDateTime
    groupTypes isAssignableToRole mail mailEnabled mailNickname membershipRule membershipRuleProcessingState
    onPremisesDomainName onPremisesLastSyncDateTime onPremisesNetBiosName onPremisesSamAccountName
    onPremisesSecurityIdentifier onPremisesSyncEnabled preferredDataLocation preferredLanguage proxyAddresses
    renewedDateTime resourceBehaviorOptions resourceProvisioningOptions securityEnabled securityIdentifier
    theme uniqueName visibility`),
};

const KNOWN: Partial<Record<ObjectType, ReadonlySet<string>>> = {
  user: new Set(
    words(`accountEnabled ageGroup assignedLicenses assignedPlans businessPhones city companyName
      consentProvidedForMinor country createdDateTime creationType customSecurityAttributes deletedDateTime
      department displayName employeeHireDate employeeId employeeLeaveDateTime employeeOrgData employeeType
      externalUserState externalUserStateChangeDateTime faxNumber givenName id identities imAddresses
      isManagementRestricted isResourceAccount jobTitle lastPasswordChangeDateTime
      legalAgeGroupClassification licenseAssignmentStates mail mailNickname mobilePhone officeLocation
      onPremisesDistinguishedName onPremisesDomainName onPremisesExtensionAttributes onPremisesImmutableId
      onPremisesLastSyncDateTime onPremisesProvisioningErrors onPremisesSamAccountName
      onPremisesSecurityIdentifier onPremisesSyncEnabled onPremisesUserPrincipalName otherMails
      passwordPolicies passwordProfile postalCode preferredDataLocation preferredLanguage provisionedPlans
      proxyAddresses refreshTokensValidFromDateTime securityIdentifier serviceProvisioningErrors
      showInAddressList signInActivity signInSessionsValidFromDateTime state streetAddress surname
      usageLocation userPrincipalName userType`),
  ),
  group: new Set([
    ...(DEFAULTS.group ?? []),
    ...words(`allowExternalSenders assignedLabels assignedLicenses autoSubscribeNewMembers
      createdByAppId creationOptions hasMembersWithLicenseErrors hideFromAddressLists
      hideFromOutlookClients infoCatalogs isArchived isManagementRestricted isSubscribedByMail
      licenseProcessingState onPremisesProvisioningErrors serviceProvisioningErrors unseenCount`),
  ]),
};

export function defaultProperties(type: ObjectType): readonly string[] {
  return DEFAULTS[type] ?? ['id', 'displayName'];
}

/** The first name in `select` that Graph would refuse for this type. */
export function unknownProperty(type: ObjectType, select: readonly string[]): string | undefined {
  const known = KNOWN[type];
  return known && select.find((name) => !known.has(name));
}

export function odataType(type: ObjectType): string {
  return `#microsoft.graph.${type}`;
}

/** The object type that a cast segment such as `microsoft.graph.user` stands for. */
export function typeOfCast(cast: string | undefined): ObjectType | undefined {
  const types: readonly ObjectType[] = [
    'user',
    'group',
    'device',
    'servicePrincipal',
    'orgContact',
  ];
  return types.find((type) => cast === `microsoft.graph.${type}`);
}
