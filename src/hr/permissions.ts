/** Application permissions of the app that writes; each is consented to by an administrator. */
const needed = [
  ...['Organization.Read.All', 'User.ReadWrite.All'],
  ...['User-LifeCycleInfo.ReadWrite.All', 'User-Phone.ReadWrite.All'],
];
const covering: Record<string, readonly string[]> = {
  'Organization.Read.All': ['Directory.Read.All', 'Directory.ReadWrite.All'],
};

/** Those that are missing; none where the token does not say what it carries. */
export function missingPermissions(granted: readonly string[] | undefined): string[] {
  if (granted === undefined) return [];
  return needed.filter(
    (name) => ![name, ...(covering[name] ?? [])].some((each) => granted.includes(each)),
  );
}
