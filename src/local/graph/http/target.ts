/** Path segments and query of a URL below the version, such as `/users/{id}?$select=id`. */
export function readTarget(url: string): { segments: string[]; query: URLSearchParams } {
  const [path, query] = splitOnce(url, '?');
  const segments = path.split('/').filter((segment) => segment !== '');
  return { segments: segments.map(decode), query: new URLSearchParams(query) };
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
