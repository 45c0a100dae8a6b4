import { MongoError, MongoNetworkError, MongoServerSelectionError } from 'mongodb';

/**
 * Runs an idempotent operation, once more after a network error. The driver retries once by itself,
 * which is not enough where a restarted server has left every pooled socket dead.
 */
export async function retryOnce<Result>(operation: () => Promise<Result>): Promise<Result> {
  try {
    return await operation();
  } catch (error) {
    if (!isNetworkError(error)) throw error;
    return operation();
  }
}

function isNetworkError(error: unknown): boolean {
  return (
    error instanceof MongoNetworkError ||
    error instanceof MongoServerSelectionError ||
    (error instanceof MongoError && error.hasErrorLabel('RetryableWriteError'))
  );
}
