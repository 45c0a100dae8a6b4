import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuditOptions } from '../../../src/sync/audit/audit.ts';
import { auditTenant } from '../../../src/sync/audit/audit.ts';
import { startTestStack, type TestStack } from '../../support/stack.ts';

const window = 400;
let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ users: 40, groups: 6, timings: { replicationMs: window } });
  await stack.live();
  await stack.equal();
}, 90_000);
afterAll(() => stack.close());

const audit = (options: Partial<AuditOptions> = {}) => {
  const { connections } = stack;
  const deps = { ...connections, publish: connections.publisher.publish };
  const { signal } = new AbortController();
  return auditTenant(deps, connections.tenantId, { signal, repair: false, ...options });
};
const collection = (name: string) => stack.connections.db.collection<Planted>(name);
interface Planted {
  _id: string;
  id: string;
  groupId: string;
  kind: string;
  memberId: string;
}
const idAt = (index: number) => stack.directory.snapshot().users[index]!.id;
const groupAt = (index: number) => stack.directory.snapshot().groups[index]!.id;

describe('an audit of an equal mirror', () => {
  it('finds 0 differences and says how much it compared', async () => {
    const { users, groups, memberships, managers } = stack.directory.snapshot();
    const result = await audit();
    expect(result).toMatchObject({ differences: 0, unread: 0, unsettled: 0, repaired: false });
    expect(result.compared).toEqual({
      users: users.length,
      groups: groups.length,
      memberships: memberships.length,
      managers: managers.length,
    });
    expect(result.olderThanMs).toBeGreaterThanOrEqual(window);
  });
});
