import type { Ledger } from './ledger.ts';

/** Ends a soft-deleted object and everything that refers to it. */
export function purgeObject(ledger: Ledger, id: string): void {
  const { type } = ledger.require(id, undefined, 'softDeleted');
  endEdges(ledger, id);
  endReports(ledger, id);
  ledger.commit(type, id, { kind: 'purged' });
}

function endEdges(ledger: Ledger, id: string): void {
  for (const { groupId, kind, memberId, memberType } of ledger.tables.edgesTo(id)) {
    const isGroupGone = ledger.now().find(groupId)?.state === 'purged';
    if (isGroupGone || !ledger.isLinked(groupId, kind, memberId)) continue;
    const edge = { kind, memberId, memberType };
    ledger.commit('group', groupId, { kind: 'edgeRemoved', edge, byPurge: true });
  }
}

function endReports(ledger: Ledger, managerId: string): void {
  for (const userId of ledger.tables.everReportedTo(managerId)) {
    if (ledger.now().find(userId)?.managerId !== managerId) continue;
    const ended = { managerId: null, previousId: managerId, byPurge: true } as const;
    ledger.commit('user', userId, { kind: 'managerSet', ...ended });
  }
}
