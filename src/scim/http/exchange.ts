import type { ResourceType } from '../schema/attribute.ts';
import type { StoredConnection } from '../types.ts';

/** One request of a connection that has shown its secret. */
export interface Exchange {
  connection: StoredConnection;
  method: string;
  /** Path below the connection, without slashes at its ends. */
  segments: string[];
  query: Record<string, string | undefined>;
  headers: Record<string, string | undefined>;
  body: unknown;
  /** Where this connection is reached, from the settings and never from the request. */
  baseUrl: string;
  types: { User: ResourceType; Group: ResourceType };
}

export interface Reply {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}
