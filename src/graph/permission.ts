import type { ObjectType } from '../change.ts';
import type { Answer } from './answer.ts';
import type { GraphClient } from './client.ts';
import type { Lane } from './types.ts';

/**
 * After parts were answered 403 and none of their type was answered 200: asks for the list of the type,
 * which throws `TenantError` where consent is gone, so that no single object is blamed for it.
 */
export async function assertPermitted(
  client: GraphClient,
  parts: readonly { type: ObjectType; answer: Answer | Error }[],
  lane: Lane,
  signal?: AbortSignal,
): Promise<void> {
  for (const type of ['user', 'group'] as const) {
    const statuses = parts
      .filter((part) => part.type === type)
      .map(({ answer }) => (answer instanceof Error ? undefined : answer.status));
    if (!statuses.includes(403) || statuses.includes(200)) continue;
    await client.fetch({ path: `/${type}s?$select=id&$top=1`, lane, signal });
  }
}
