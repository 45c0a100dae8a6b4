import { z } from 'zod';
import { ConfigError } from '../ops/errors.ts';
import { employeeSchema, type Employee, type EmployeeField } from './employee.ts';

/** Properties that a mapping may write. `accountEnabled` and passwords are never among them. */
const writable = [
  ...['businessPhones', 'city', 'companyName', 'country', 'department', 'displayName'],
  ...['employeeHireDate', 'employeeLeaveDateTime', 'givenName', 'jobTitle', 'mail', 'mailNickname'],
  ...['manager', 'officeLocation', 'postalCode', 'state', 'streetAddress', 'surname'],
  'userPrincipalName',
] as const;
const fields = Object.keys(employeeSchema.shape) as EmployeeField[];

/**
 * How a value is made of its fields: `text` joins them with spaces, `list` is one text in a list, `morning` and
 * `evening` are hours of a day in UTC, `nickname` and `person` are looked up when it is written.
 */
const kinds = ['text', 'list', 'morning', 'evening', 'nickname', 'person'] as const;

const rule = z.strictObject({
  property: z.enum(writable, 'is not a property that HR may write'),
  from: z.array(z.enum(fields, 'is not a field of an employee')).min(1),
  as: z.enum(kinds).default('text'),
});
export type Mapping = readonly z.infer<typeof rule>[];

/** Lifecycle workflows run every three hours: a hire early and a leave late fall on their own day. */
export const standardMapping: Mapping = [
  { property: 'givenName', from: ['firstName'], as: 'text' },
  { property: 'surname', from: ['lastName'], as: 'text' },
  { property: 'displayName', from: ['firstName', 'lastName'], as: 'text' },
  { property: 'mailNickname', from: ['firstName', 'lastName'], as: 'nickname' },
  { property: 'mail', from: ['workMail'], as: 'text' },
  { property: 'userPrincipalName', from: ['workMail'], as: 'text' },
  { property: 'streetAddress', from: ['street'], as: 'text' },
  { property: 'postalCode', from: ['zip'], as: 'text' },
  { property: 'city', from: ['city'], as: 'text' },
  { property: 'country', from: ['country'], as: 'text' },
  { property: 'manager', from: ['reportsTo'], as: 'person' },
  { property: 'jobTitle', from: ['title'], as: 'text' },
  { property: 'companyName', from: ['organisation'], as: 'text' },
  { property: 'officeLocation', from: ['office'], as: 'text' },
  { property: 'department', from: ['department'], as: 'text' },
  { property: 'businessPhones', from: ['workPhone'], as: 'list' },
  { property: 'employeeHireDate', from: ['hireDate'], as: 'morning' },
  { property: 'employeeLeaveDateTime', from: ['leaveDate'], as: 'evening' },
];

/** The only kind that each of these properties can have; all others are texts. */
const kindOf: Partial<Record<(typeof writable)[number], (typeof kinds)[number]>> = {
  mailNickname: 'nickname',
  manager: 'person',
  businessPhones: 'list',
  employeeHireDate: 'morning',
  employeeLeaveDateTime: 'evening',
};
const required = ['displayName', 'mailNickname', 'mail', 'userPrincipalName'] as const;
const mandatory: readonly EmployeeField[] = ['workMail', 'firstName', 'lastName'];

/** Reads a table that replaces the standard one. Throws `ConfigError` naming every problem. */
export function readMapping(raw: unknown): Mapping {
  const parsed = z.array(rule).safeParse(raw);
  const problems = parsed.success
    ? contradictions(parsed.data)
    : parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'it'} ${message}`);
  if (problems.length > 0)
    throw new ConfigError(problems.map((each) => `HR_MAPPING_FILE: ${each}`));
  return parsed.data ?? [];
}

function contradictions(mapping: Mapping): string[] {
  const names = mapping.map(({ property }) => property);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  const missing = required.filter((name) => !names.includes(name));
  const wrongKind = mapping.filter(({ property, as }) => as !== (kindOf[property] ?? 'text'));
  const clearable = mapping.filter(
    ({ property, from }) =>
      required.some((name) => name === property) &&
      !from.some((field) => mandatory.includes(field)),
  );
  const mails = mapping.filter(
    ({ property, from }) =>
      (property === 'mail' || property === 'userPrincipalName') && from.join() !== 'workMail',
  );
  return [
    ...twice.map((name) => `${name} is mapped twice: keep one rule`),
    ...missing.map((name) => `${name} is not mapped: Entra needs it of everybody`),
    ...wrongKind.map(({ property }) => `${property} must be "as": "${kindOf[property] ?? 'text'}"`),
    ...clearable.map(({ property }) => `${property} cannot be empty: map a mandatory field to it`),
    ...mails.map(({ property }) => `${property} must come from workMail, whose domain is checked`),
  ];
}

/** What Entra should show of an employee; nickname and manager are left out. Null clears. */
export function desiredProperties(employee: Employee, mapping: Mapping): Record<string, unknown> {
  const plain = mapping.filter(({ as }) => as !== 'nickname' && as !== 'person');
  return {
    employeeId: employee.employeeId,
    ...Object.fromEntries(
      plain.map(({ property, from, as }) => [property, valueOf(textOf(employee, from), as)]),
    ),
  };
}

function textOf(employee: Employee, from: readonly EmployeeField[]): string | null {
  const texts = from.map((field) => employee[field]).filter((value) => value !== null);
  return texts.length === 0 ? null : texts.join(' ');
}

function valueOf(value: string | null, as: (typeof kinds)[number]): unknown {
  if (as === 'list') return value === null ? [] : [value];
  if (value === null || as === 'text') return value;
  if (value.includes('T')) return value.replace(/\.\d+Z$/, 'Z');
  return `${value}T${as === 'morning' ? '01' : '23'}:00:00Z`;
}
