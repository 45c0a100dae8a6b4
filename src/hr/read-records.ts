import { parse } from 'csv-parse/sync';

/** Raw records of a file: a JSON list, or CSV with a heading line. Throws with what to correct. */
export function readRecords(text: string, name: string): unknown[] {
  return name.toLowerCase().endsWith('.json') ? fromJson(text, name) : fromCsv(text, name);
}

function fromJson(text: string, name: string): unknown[] {
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed : [parsed];
  } catch (cause) {
    throw new Error(`${name} is not JSON: correct it.`, { cause });
  }
}

/** Excel writes semicolons in many countries. */
function fromCsv(text: string, name: string): unknown[] {
  const [heading = ''] = text.split('\n', 1);
  const delimiter = heading.includes(';') ? ';' : ',';
  try {
    return parse(text, { columns: true, bom: true, trim: true, skip_empty_lines: true, delimiter });
  } catch (cause) {
    throw new Error(`${name} is not CSV with a heading line: correct it.`, { cause });
  }
}
