import { hash as digest, timingSafeEqual } from 'node:crypto';
import type { Known, KnownSubscriptions } from './known-subscriptions.ts';
import type { Sender } from './notification.ts';

type Judgement =
  | { verdict: 'authentic'; tenantId: string }
  /** `mismatched`: the subscription is ours, but not the tenant or the secret. */
  | { verdict: 'mismatched' | 'unknown' | 'cannotTell' };

/** Whether the sender is a subscription that we created: its id, its tenant and its secret must match. */
export async function judge(sender: Sender, subscriptions: KnownSubscriptions): Promise<Judgement> {
  const hash = hashClientState(sender.clientState);
  const known = await subscriptions.lookup(sender.subscriptionId, hash);
  if (known === 'unknown' || known === 'cannotTell') return { verdict: known };
  if (!matches(sender, hash, known)) return { verdict: 'mismatched' };
  return { verdict: 'authentic', tenantId: known.tenantId };
}

/** What is stored of a clientState: its SHA-256 in hexadecimal digits. */
export function hashClientState(clientState: string): string {
  return digest('sha256', clientState);
}

function matches(sender: Sender, hash: string, known: Known): boolean {
  const sameSecret = isEqual(hash, known.clientStateHash);
  return sameSecret && sender.tenantId.toLowerCase() === known.tenantId.toLowerCase();
}

function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
