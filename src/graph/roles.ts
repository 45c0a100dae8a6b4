import { z } from 'zod';

const claims = z.object({ roles: z.array(z.string()).default([]) });

/** The application permissions in an access token; undefined where it is not one that can be read. */
export function rolesOf(token: string): string[] | undefined {
  try {
    const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
    return claims.parse(JSON.parse(payload)).roles;
  } catch {
    return undefined;
  }
}

/** What the mirror of these properties needs to be granted. */
export function neededRoles(properties: readonly string[]): string[] {
  const dates = properties.includes('employeeLeaveDateTime') ? ['User-LifeCycleInfo.Read.All'] : [];
  return ['User.Read.All', 'Group.Read.All', ...dates];
}
