/** The sender must change something: repeated as it is, it fails again. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A system asks us to wait (429, or 503 with Retry-After). */
export class ThrottledError extends Error {
  override readonly name = 'ThrottledError';
  readonly retryAfterMs: number;
  constructor(retryAfterMs: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.retryAfterMs = retryAfterMs;
  }
}

/** A tenant's own trouble: consent revoked, secret wrong or expired. `advice` says what to do. */
export class TenantError extends Error {
  override readonly name = 'TenantError';
  readonly advice: string;
  constructor(message: string, advice: string, options?: ErrorOptions) {
    super(message, options);
    this.advice = advice;
  }
}

/** A delta or page link that Graph no longer takes (410, syncStateNotFound, resyncRequired). */
export class LinkExpiredError extends Error {
  override readonly name = 'LinkExpiredError';
}

/** The settings are wrong; each problem names its variable and says what to do. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}
