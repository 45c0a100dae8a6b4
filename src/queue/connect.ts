import type { TokenCredential } from '@azure/identity';
import { ServiceBusClient } from '@azure/service-bus';

type ServiceBusAccess =
  | { connectionString: string }
  /** `namespace` is its host name, such as `contoso.servicebus.windows.net`. */
  | { namespace: string; credential: TokenCredential };

interface RetryOptions {
  maxRetries: number;
  retryDelayInMs: number;
  maxRetryDelayInMs: number;
  /** Limit of one try. */
  timeoutInMs: number;
}

/** The SDK's own defaults (30 s between tries, 60 s each) would hide an outage for minutes. */
const defaultRetryOptions: RetryOptions = {
  maxRetries: 3,
  retryDelayInMs: 500,
  maxRetryDelayInMs: 5_000,
  timeoutInMs: 10_000,
};

/** One long-lived client per process; it connects with its first link and reconnects by itself. */
export function openServiceBus(
  access: ServiceBusAccess,
  retryOptions: RetryOptions = defaultRetryOptions,
): ServiceBusClient {
  return 'connectionString' in access
    ? new ServiceBusClient(access.connectionString, { retryOptions })
    : new ServiceBusClient(access.namespace, access.credential, { retryOptions });
}
