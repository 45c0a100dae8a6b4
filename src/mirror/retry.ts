import { MongoError, MongoNetworkError, MongoServerSelectionError } from 'mongodb';

/**
 * Runs an idempotent operation, once more after a network error. The driver retries once by itself,
 * which is not enough where a restarted server has left every pooled socket dead.
 */
export async function retryOnce<Result>(operation: () => Promise<Result>): Promise<Result> {
  try {
    return await operation();
  } catch (error) {
    // Where no server was found, the driver has been looking for one all the time it was given.
    if (!isOutage(error) || error instanceof MongoServerSelectionError) throw error;
    return operation();
  }
}

/** MongoDB did not answer, or not for good: the operation itself is not to blame. */
export function isOutage(error: unknown): boolean {
  return (
    error instanceof MongoNetworkError ||
    error instanceof MongoServerSelectionError ||
    (error instanceof MongoError && error.hasErrorLabel('RetryableWriteError'))
  );
}
