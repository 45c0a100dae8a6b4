/** One line of `doctor`; whatever is not `ok` says how it is put right. */
export type Finding = { check: string } & (
  { level: 'ok'; says: string } | { level: 'warning' | 'failed'; says: string; fix: string }
);

type Told = string | { level: 'warning' | 'failed'; says: string; fix: string };

/** Runs one check: a text is good news, and what it throws is a failure that `fix` may mend. */
export async function finding(
  check: string,
  fix: string,
  run: () => Promise<Told>,
): Promise<Finding> {
  try {
    const told = await run();
    return typeof told === 'string' ? { check, level: 'ok', says: told } : { check, ...told };
  } catch (error) {
    return { check, level: 'failed', says: reasonOf(error), fix };
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
