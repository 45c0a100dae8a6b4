/**
 * Runs `run` with a signal that aborts with the caller's, or after `ms`; then it rejects even if
 * `run` takes no notice. (`AbortSignal.any` holds on to every signal it made of one that lives long.)
 */
export async function withDeadline<T>(
  ms: number,
  caller: AbortSignal | undefined,
  what: string,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  caller?.throwIfAborted();
  const controller = new AbortController();
  const { signal } = controller;
  const stopped = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(reasonOf(signal)), { once: true });
  });
  const forward = () => controller.abort(caller?.reason);
  caller?.addEventListener('abort', forward, { once: true });
  const timer = setTimeout(() => {
    controller.abort(new Error(`${what} gave no answer within ${ms} ms`));
  }, ms);
  try {
    return await Promise.race([run(signal), stopped]);
  } finally {
    clearTimeout(timer);
    caller?.removeEventListener('abort', forward);
  }
}

function reasonOf({ reason }: AbortSignal): Error {
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}
