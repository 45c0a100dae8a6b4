/** RFC 7644 section 3.12. */
type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue'
  | 'invalidCursor'
  | 'expiredCursor'
  | 'invalidCount';

/** A request that is refused; its message is read by the customer's administrator in Entra's log. */
export class ScimError extends Error {
  override readonly name = 'ScimError';
  readonly status: number;
  readonly scimType: ScimType | undefined;
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    status: number,
    message: string,
    more: { scimType?: ScimType; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.status = status;
    this.scimType = more.scimType;
    this.headers = more.headers ?? {};
  }
}

export const badRequest = (scimType: ScimType, message: string): ScimError =>
  new ScimError(400, message, { scimType });

/** The body of a refusal; the status in it is a string. */
export function errorBody({ status, scimType, message }: ScimError): Record<string, unknown> {
  return {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: String(status),
    ...(scimType && { scimType }),
    detail: message,
  };
}
