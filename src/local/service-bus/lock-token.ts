/**
 * A lock token as a delivery tag. Service Bus writes tags as .NET writes a Guid: the first three groups
 * little-endian. In requests to $management the same token stands in plain order.
 */
export function tagOf(token: string): Buffer {
  return swapGroups(Buffer.from(token.replaceAll('-', ''), 'hex'));
}

export function tokenOfTag(tag: Buffer): string {
  return tokenOfUuid(swapGroups(Buffer.from(tag)));
}

export function tokenOfUuid(uuid: Buffer): string {
  const hex = uuid.toString('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}

function swapGroups(guid: Buffer): Buffer {
  guid.subarray(0, 4).reverse();
  guid.subarray(4, 6).reverse();
  guid.subarray(6, 8).reverse();
  return guid;
}
