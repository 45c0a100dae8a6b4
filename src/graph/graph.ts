import { createClient, type ClientDeps } from './client.ts';
import { deletedPage } from './deleted.ts';
import { deltaPage, latestLink } from './delta.ts';
import { edgePages } from './edges.ts';
import { listPage } from './lists.ts';
import { propertyTable, type PropertyChoice } from './properties.ts';
import { readObjects } from './read.ts';
import { relations } from './relations.ts';
import { createSubscriptions } from './subscriptions.ts';
import type { Graph } from './types.ts';

/** Microsoft Graph as one tenant's mirror needs it. Throws `ConfigError` for a base URL or property that cannot be. */
export function createGraph(deps: ClientDeps & { properties?: PropertyChoice | undefined }): Graph {
  const client = createClient(deps);
  const table = propertyTable(deps.properties);
  return {
    shape: table.shape,
    read: (refs, lane, signal) => readObjects(client, table, refs, lane, signal),
    listPage: (type, link, lane, signal) => listPage(client, table, type, link, lane, signal),
    deletedPage: (type, link, lane, signal) => deletedPage(client, type, link, lane, signal),
    latestLink: (type, lane, signal) => latestLink(client, table, type, lane, signal),
    deltaPage: (type, link, lane, signal) => deltaPage(client, table, type, link, lane, signal),
    edgePages: (requests, lane, signal) => edgePages(client, requests, lane, signal),
    relations: (userId, lane, signal) => relations(client, userId, lane, signal),
    ...createSubscriptions(client),
  };
}
