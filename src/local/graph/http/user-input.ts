import type { Properties } from '../directory/event.ts';
import type { GraphReply } from './exchange.ts';
import { unknownProperty } from './properties.ts';
import { invalidValue, refuseProperty } from './refusal.ts';

/** Longest texts, where Microsoft publishes a length. */
const LENGTHS: Record<string, number> = {
  ...{ city: 128, companyName: 64, country: 128, department: 64, displayName: 256 },
  ...{ employeeId: 16, givenName: 64, jobTitle: 128, mailNickname: 64, mobilePhone: 64 },
  ...{ postalCode: 40, state: 128, streetAddress: 1_024, surname: 64, userPrincipalName: 113 },
};
const NEVER_NULL = new Set([
  ...['displayName', 'mail', 'mailNickname', 'usageLocation', 'userPrincipalName'],
]);
const READ_ONLY = new Set(['createdDateTime', 'deletedDateTime', 'id', 'proxyAddresses']);
const DATES = new Set(['employeeHireDate', 'employeeLeaveDateTime']);
const NICKNAME = /^[A-Za-z0-9._-]*[A-Za-z0-9_-]$/;
const PRINCIPAL_NAME = /^[A-Za-z0-9'._!#^~-]{1,64}(?<!\.)@[A-Za-z0-9.-]{1,48}$/;

/** What Graph would refuse about the values of a user, whoever has them; undefined where nothing. */
export function refusalOf(body: Properties, domains: readonly string[]): GraphReply | undefined {
  const unknown = unknownProperty('user', Object.keys(body));
  if (unknown !== undefined) return invalidValue(unknown);
  const wrong = Object.keys(body).find((name) => !isValid(name, body[name]));
  if (wrong !== undefined) return invalidValue(wrong);
  const principal = body['userPrincipalName'];
  if (typeof principal !== 'string') return undefined;
  const domain = principal.split('@')[1]?.toLowerCase() ?? '';
  if (domains.includes(domain)) return undefined;
  return refuseProperty(
    'The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.',
    'InvalidValue',
    'userPrincipalName',
  );
}

/** 8 to 256 characters of three classes of four. */
export function isStrongPassword(password: unknown): boolean {
  if (typeof password !== 'string' || password.length < 8 || password.length > 256) return false;
  const classes = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z\d]/];
  return classes.filter((each) => each.test(password)).length >= 3;
}

function isValid(name: string, value: unknown): boolean {
  if (READ_ONLY.has(name) || value === '') return false;
  if (value === null) return !NEVER_NULL.has(name);
  if (name === 'businessPhones') return Array.isArray(value) && value.length <= 1;
  if (DATES.has(name)) return typeof value === 'string' && /^\d{4}-\d\d-\d\dT.*Z$/.test(value);
  if (name === 'mailNickname') return matches(NICKNAME, value) && isShort(name, value);
  if (name === 'userPrincipalName') return matches(PRINCIPAL_NAME, value);
  return isShort(name, value);
}

const matches = (pattern: RegExp, value: unknown): boolean =>
  typeof value === 'string' && pattern.test(value);

function isShort(name: string, value: unknown): boolean {
  const longest = LENGTHS[name];
  return longest === undefined || (typeof value === 'string' && value.length <= longest);
}
