import { contextOf, ok, type GraphReply, type GraphRequest } from './exchange.ts';

/** `GET /organization`: one element, verified domains only. */
export function getOrganization(request: GraphRequest): GraphReply {
  const { id, domains, directory } = request.tenant;
  const verifiedDomains = domains
    .filter(({ isVerified }) => isVerified)
    .map(({ name, isFederated = false }, index) => ({
      name,
      type: isFederated ? 'Federated' : 'Managed',
      isDefault: index === 0,
      isInitial: name.endsWith('.onmicrosoft.com'),
      capabilities: 'Email, OfficeCommunicationsOnline',
    }));
  const used = directory.now().objects('user').length + directory.now().objects('group').length;
  return ok({
    ...contextOf(request, 'organization'),
    value: [
      {
        ...{ id, displayName: 'Northwind Traders', verifiedDomains },
        ...{ onPremisesSyncEnabled: true, directorySizeQuota: { used, total: 300_000 } },
      },
    ],
  });
}

/** `GET /domains`: unverified ones too. */
export function listDomains(request: GraphRequest): GraphReply {
  const value = request.tenant.domains.map(({ name, isVerified, isFederated = false }, index) => ({
    id: name,
    authenticationType: isFederated ? 'Federated' : 'Managed',
    ...{ isVerified, isDefault: index === 0, isAdminManaged: true, isRoot: true },
    isInitial: name.endsWith('.onmicrosoft.com'),
    supportedServices: ['Email', 'OfficeCommunicationsOnline'],
  }));
  return ok({ ...contextOf(request, 'domains'), value });
}
