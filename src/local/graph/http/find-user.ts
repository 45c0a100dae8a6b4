import type { Seen, View } from '../directory/view.ts';

/** An active person by object id or user principal name. */
export function findUser(view: View, key: string): Seen | undefined {
  return view.active(key, 'user') ?? (key.includes('@') ? byPrincipalName(view, key) : undefined);
}

function byPrincipalName(view: View, name: string): Seen | undefined {
  const wanted = name.toLowerCase();
  for (const object of view.objects('user')) {
    const seen = view.see(object);
    const held = seen?.properties['userPrincipalName'];
    if (seen?.state === 'active' && String(held).toLowerCase() === wanted) return seen;
  }
  return undefined;
}
