import { z } from 'zod';
import type { Properties } from '../directory/event.ts';
import type { Seen } from '../directory/view.ts';
import {
  badRequest,
  contextOf,
  failure,
  NO_CONTENT,
  notFound,
  type GraphReply,
  type GraphRequest,
} from './exchange.ts';
import { findUser } from './find-user.ts';
import { project } from './projection.ts';
import { conflictOf, invalidValue, refuseProperty } from './refusal.ts';
import { isStrongPassword, refusalOf } from './user-input.ts';

const REQUIRED = ['accountEnabled', 'displayName', 'mailNickname', 'userPrincipalName'];
const input = z.record(z.string(), z.unknown());

/** `POST /users`: 201 with the default properties. */
export function createUser(request: GraphRequest): GraphReply {
  const { tenant } = request;
  const parsed = input.safeParse(request.body);
  if (!parsed.success) return badRequest('The body is not a user.');
  const { passwordProfile, ...given } = parsed.data;
  const missing = [...REQUIRED, 'passwordProfile'].find((name) => !parsed.data[name]);
  if (missing !== undefined) {
    return badRequest(`A value is required for property '${missing}' of resource 'User'.`);
  }
  if (tenant.faults.refusesEmployeeIdAtCreation && 'employeeId' in given) {
    return invalidValue('employeeId');
  }
  const { password } = z
    .object({ password: z.unknown() })
    .catch({ password: '' })
    .parse(passwordProfile);
  if (!isStrongPassword(password)) {
    return badRequest(
      'The specified password does not comply with password complexity requirements. Please provide a different password.',
    );
  }
  const refusal = refusalOf(given, verified(request)) ?? conflict(request, given, undefined);
  if (refusal) return refusal;
  const id = tenant.directory.createUser(withAddress(given, []));
  const view = tenant.directory.now();
  const seen = view.active(id, 'user');
  if (!seen) return notFound(id);
  return {
    status: 201,
    body: { ...contextOf(request, 'users/$entity'), ...project(view, seen, {}) },
  };
}

/** `PATCH /users/{id}`: 204, also where the change is not shown afterwards. */
export function updateUser(request: GraphRequest): GraphReply {
  const { tenant } = request;
  const key = request.segments[1] ?? '';
  const user = findUser(tenant.view(), key);
  if (!user) return notFound(key);
  const parsed = input.safeParse(request.body);
  if (!parsed.success) return badRequest('The body is not a user.');
  const given = parsed.data;
  const refusal =
    refusalOf(given, verified(request)) ??
    masteredElsewhere(user) ??
    notForApps(request, given) ??
    conflict(request, given, user.id);
  if (refusal) return refusal;
  if (tenant.chance('ignoredWriteRate')) return NO_CONTENT;
  tenant.directory.updateUser(user.id, withAddress(given, addressesOf(user)));
  return NO_CONTENT;
}

function verified({ tenant }: GraphRequest): string[] {
  return tenant.domains.filter(({ isVerified }) => isVerified).map(({ name }) => name);
}

function masteredElsewhere({ properties }: Seen): GraphReply | undefined {
  if (properties['onPremisesSyncEnabled'] !== true) return undefined;
  return badRequest(
    'Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.',
  );
}

/** The documentation still says that an application cannot set it; people report that one can. */
function notForApps({ tenant }: GraphRequest, given: Properties): GraphReply | undefined {
  if (!tenant.faults.refusesHireDate || !('employeeHireDate' in given)) return undefined;
  return failure(
    403,
    'Authorization_RequestDenied',
    'Insufficient privileges to complete the operation.',
  );
}

/** Unique are the user principal name and every address. */
function conflict(
  { tenant }: GraphRequest,
  given: Properties,
  own: string | undefined,
): GraphReply | undefined {
  const principal = lower(given['userPrincipalName']);
  const mail = lower(given['mail']);
  if (principal === undefined && mail === undefined) return undefined;
  const view = tenant.directory.now();
  for (const object of view.objects('user')) {
    const other = view.see(object);
    if (other?.state !== 'active' || other.id === own) continue;
    if (principal !== undefined && lower(other.properties['userPrincipalName']) === principal) {
      return conflictOf('userPrincipalName');
    }
    if (mail !== undefined && addressesOf(other).some((each) => addressIn(each) === mail)) {
      return refuseProperty(
        'Another object with the same value for property proxyAddresses already exists.',
        'ObjectConflict',
        'proxyAddresses',
      );
    }
  }
  return undefined;
}

/** Setting `mail` makes it the primary address. */
function withAddress(given: Properties, addresses: readonly string[]): Properties {
  const mail = given['mail'];
  if (typeof mail !== 'string') return given;
  const others = addresses
    .filter((each) => addressIn(each) !== mail.toLowerCase())
    .map((each) => each.replace(/^SMTP:/, 'smtp:'));
  return { ...given, proxyAddresses: [`SMTP:${mail}`, ...others] };
}

function addressesOf({ properties }: Seen): string[] {
  const held = z.array(z.string()).safeParse(properties['proxyAddresses']);
  const mail = properties['mail'];
  return [...(held.data ?? []), ...(typeof mail === 'string' ? [mail] : [])];
}

const addressIn = (text: string): string => text.replace(/^smtp:/i, '').toLowerCase();
const lower = (value: unknown): string | undefined =>
  typeof value === 'string' ? value.toLowerCase() : undefined;
