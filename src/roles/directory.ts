import type { Connections } from '../connect.ts';
import type { OnDemandDeps } from '../on-demand/types.ts';
import { createConnections } from '../scim/connections/manage.ts';
import { openScimStore } from '../scim/store.ts';
import { viewPeople } from '../teams/people.ts';
import { openTeamStore } from '../teams/store.ts';

/** Customers' connections, their teams, and what is asked of them on demand. */
export async function openDirectory({ db, clock, mirror, graphOf, publisher }: Connections) {
  const now = () => new Date(clock.now());
  const store = await openScimStore({ db, clock });
  const connections = createConnections({ store, now });
  const teams = {
    ...{ store: await openTeamStore(db), mirror, now },
    tenantsOf: async (id: string) => {
      const { tenantId } = await connections.get(id);
      return tenantId === null ? [id] : [id, tenantId];
    },
  };
  const onDemand: OnDemandDeps = {
    ...{ mirror, graphOf, clock, scim: store, publish: publisher.publish },
    isInScope: async (id, personKey) =>
      (await viewPeople(teams, id, [personKey])).some(({ inScope }) => inScope),
  };
  return { now, store, connections, teams, onDemand };
}
