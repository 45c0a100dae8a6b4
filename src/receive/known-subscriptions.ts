/** A subscription of ours; without an id while its create call has not returned. */
export interface Known {
  tenantId: string;
  subscriptionId?: string | undefined;
  /** SHA-256 of its clientState in hexadecimal digits. */
  clientStateHash: string;
}

export type Lookup = Known | 'unknown' | 'cannotTell';

export interface KnownSubscriptions {
  /**
   * By Graph's id, or by the hash of a create call that may still be under way. `unknown` is said by the
   * primary only; where it cannot be asked the answer is `cannotTell`.
   */
  lookup(subscriptionId: string, clientStateHash: string): Promise<Lookup>;
}
