import { createHash } from 'node:crypto';
import { z } from 'zod';

const blankToNull = (value: unknown) =>
  typeof value === 'string' && value.trim() === '' ? null : value;
const needed = (longest: number) =>
  z.string('is missing').trim().min(1, 'is empty').max(longest, `is longer than ${longest}`);
const text = (longest: number) =>
  z
    .preprocess(
      blankToNull,
      z.string('must be a text').trim().max(longest, `is longer than ${longest}`).nullable(),
    )
    .default(null);
const day = z
  .preprocess(
    blankToNull,
    z
      .union([z.iso.date(), z.iso.datetime()], 'must be like 2027-01-31 or 2027-01-31T22:00:00Z')
      .nullable(),
  )
  .default(null);

/** What Entra takes as a user principal name, since the work mail becomes it. */
const address = /^[A-Za-z0-9'._!#^~-]{1,64}(?<!\.)@[A-Za-z0-9.-]{1,48}$/;

/** A person as HR describes them, whole: what is absent or empty is cleared in Entra. */
export const employeeSchema = z.strictObject({
  employeeId: needed(16).regex(/^[\w.-]+$/, 'may have letters, digits, dots, dashes and _ only'),
  workMail: needed(113).regex(address, 'is not an address that Entra takes as a user name'),
  firstName: needed(64),
  lastName: needed(64),
  street: text(1_024),
  zip: text(40),
  city: text(128),
  country: text(128),
  /** The manager's employee id or work mail. */
  reportsTo: text(113),
  title: text(128),
  organisation: text(64),
  office: text(128),
  department: text(64),
  workPhone: text(64),
  hireDate: day,
  leaveDate: day,
});
export type Employee = z.infer<typeof employeeSchema>;
export type EmployeeField = keyof Employee;

export interface FieldProblem {
  field: string;
  message: string;
}

export type ReadEmployee = { kind: 'valid'; employee: Employee } | InvalidEmployee;

export interface InvalidEmployee {
  kind: 'invalid';
  /** As it was given; empty where it was not. */
  employeeId: string;
  problems: FieldProblem[];
}

/** Checks a record; every wrong field is named at once. */
export function readEmployee(raw: unknown): ReadEmployee {
  const parsed = employeeSchema.safeParse(raw);
  if (parsed.success) return { kind: 'valid', employee: parsed.data };
  const problems = parsed.error.issues.flatMap((issue): FieldProblem[] =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((field) => ({ field, message: 'is not a field of an employee' }))
      : [{ field: issue.path.join('.') || 'employee', message: issue.message }],
  );
  const { employeeId } = Object(raw) as { employeeId?: unknown };
  return {
    kind: 'invalid',
    employeeId: typeof employeeId === 'string' ? employeeId : '',
    problems,
  };
}

/** The same for the same record, whatever the order of its fields was. */
export function hashOf(employee: Employee): string {
  return createHash('sha256').update(JSON.stringify(employee)).digest('base64url');
}
