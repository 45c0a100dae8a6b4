/** What an object's provisioning by SCIM says of it, beside what Graph says. */
export interface ScimFacet {
  connectionId: string;
  /** SCIM's id of it, which is ours. */
  id: string;
  /** Of the SCIM resource: an older one never overwrites a newer one. */
  revision: number;
  /** It was deleted there; only the revision still counts. */
  removed: boolean;
  /** Assigned to the application. Whether the account is enabled is Graph's `accountEnabled`. */
  active: boolean | null;
  externalId: string | null;
  /** Its attributes under Graph's names. */
  values: Record<string, unknown>;
  managerId: string | null;
  /** More than one object could be meant, so that it stands alone. */
  ambiguous?: boolean;
}

/** A facet beside Graph's properties: what only it knows, and what both say differently. */
export interface StoredFacet extends ScimFacet {
  fills: Record<string, unknown>;
  drift: string[];
}

export type Source = 'graph' | 'scim' | 'both' | 'manual';

/**
 * What both sources decide about an object that Graph shows (pure). Graph's properties stay as they are:
 * SCIM lags and knows a part. So the order in which the two arrive does not matter.
 */
export function besideGraph(
  properties: Record<string, unknown>,
  managerId: string | null,
  facet: ScimFacet | undefined,
): { source: Source; facet?: StoredFacet } {
  if (!facet) return { source: 'graph' };
  if (facet.removed) return { source: 'graph', facet: { ...facet, fills: {}, drift: [] } };
  const said = { ...facet.values, managerId: facet.managerId };
  const known = { ...properties, managerId };
  const entries = Object.entries(said).filter(([, value]) => !isEmpty(value));
  const fills = entries.filter(([name]) => isEmpty(known[name as keyof typeof known]));
  const drift = entries.filter(([name, value]) => {
    const held = known[name as keyof typeof known];
    return !isEmpty(held) && folded(held) !== folded(value);
  });
  return {
    source: 'both',
    facet: {
      ...facet,
      fills: Object.fromEntries(fills),
      drift: drift.map(([name]) => name).sort(),
    },
  };
}

const isEmpty = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  value === '' ||
  (Array.isArray(value) && value.length === 0);

/** Neither case nor the order of names tells two values apart. */
function folded(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value).toLowerCase();
  const entries = Object.entries(value).filter(([, part]) => !isEmpty(part));
  return entries
    .map(([name, part]) => `${name}:${folded(part)}`)
    .sort()
    .join();
}

/** Whether another one of the same resource has been written since. */
export const isOlder = (facet: ScimFacet, held: ScimFacet | undefined): boolean =>
  held?.id === facet.id &&
  (held.revision > facet.revision || (held.removed && held.revision === facet.revision));

/** A SCIM revision that says the same is not written for its number alone, unless it ends the facet. */
export const withoutRevision = (facet: ScimFacet | undefined) =>
  facet && { ...facet, revision: facet.removed ? facet.revision : 0 };
