/** What Graph answered, whole or as one part of a `$batch`. */
export interface Answer {
  status: number;
  /** A header, looked up ignoring case. */
  header(name: string): string | undefined;
  /** Parsed JSON; undefined where there was none. */
  body: unknown;
}

export const isOk = ({ status }: Answer): boolean => status >= 200 && status < 300;

/** Parses JSON; keys named `__proto__` are left out. Undefined where the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return text.includes('__proto__')
      ? JSON.parse(text, (key, value: unknown) => (key === '__proto__' ? undefined : value))
      : JSON.parse(text);
  } catch {
    return undefined;
  }
}
