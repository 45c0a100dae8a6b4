/** Waits for all, also where one fails: what an audit sets aside must not go while any of it is at work. */
export async function allOf<T extends readonly unknown[]>(
  work: readonly [...{ [Index in keyof T]: Promise<T[Index]> }],
): Promise<T> {
  await Promise.allSettled(work);
  return (await Promise.all(work)) as unknown as T;
}
