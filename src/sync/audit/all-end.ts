/** Waits for all, also where one fails: what an audit sets aside must not go while any of it is at work. */
export async function allEnd(work: readonly Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(work);
  await Promise.all(work);
}
