import { randomUUID } from 'node:crypto';

export interface Addressee {
  subscriptionId: string;
  tenantId: string;
  clientState: string;
}

/** The body of a POST as Graph sends it, one notification for each person. */
export function postOf(addressee: Addressee, personIds: readonly string[]): string {
  return JSON.stringify({ value: personIds.map((id) => notification(addressee, id)) });
}

export const newIds = (count: number): string[] =>
  Array.from({ length: count }, () => randomUUID());

function notification(addressee: Addressee, id: string): object {
  return {
    changeType: 'updated',
    ...addressee,
    subscriptionExpirationDateTime: '2027-01-01T00:00:00.0000000+00:00',
    resource: `Users/${id}`,
    resourceData: {
      '@odata.type': '#Microsoft.Graph.User',
      '@odata.id': `Users/${id}`,
      id,
      organizationId: addressee.tenantId,
      eventTime: '2026-11-29T10:00:00.0000000Z',
      sequenceNumber: 639_012_345_678_901,
    },
  };
}

/** Every tenth comes twice, and every fifth changes its place with one nearby. */
export function disturb<T>(list: readonly T[]): T[] {
  const all = list.flatMap((item, index) => (index % 10 === 9 ? [item, item] : [item]));
  for (let index = 0; index + 7 < all.length; index += 10) {
    [all[index], all[index + 7]] = [all[index + 7] as T, all[index] as T];
  }
  return all;
}
