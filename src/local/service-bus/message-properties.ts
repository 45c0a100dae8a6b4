import rhea from 'rhea';
import {
  contentOf,
  encodeMap,
  encodeSection,
  itemsOf,
  sectionCode,
  splitSections,
} from './amqp-encoding.ts';
import type { PropertyChanges } from './message.ts';

/** Sets application properties of an encoded bare message; the other ones keep their bytes. */
export function withApplicationProperties(bare: Buffer, changes: PropertyChanges): Buffer {
  const sections = splitSections(bare);
  const isProperties = ({ code }: { code: number }) => code === sectionCode.applicationProperties;
  const present = sections.find(isProperties);
  const merged = new Map([...entriesOf(present?.value), ...entriesOf(encodeProperties(changes))]);
  const changed = encodeSection(
    sectionCode.applicationProperties,
    encodeMap([...merged.values()].flat()),
  );
  const before = sections.filter(({ code }) => code < sectionCode.applicationProperties);
  const after = sections.filter(({ code }) => code > sectionCode.applicationProperties);
  return Buffer.concat([
    ...before.map(({ bytes }) => bytes),
    changed,
    ...after.map(({ bytes }) => bytes),
  ]);
}

/** The encoded entries of a map by the text of their keys. */
export function entriesOf(map: Buffer | undefined): Map<string, [key: Buffer, value: Buffer]> {
  const entries = new Map<string, [Buffer, Buffer]>();
  const items = map ? itemsOf(map) : [];
  for (let at = 0; at + 1 < items.length; at += 2) {
    const [key, value] = items.slice(at, at + 2);
    if (key && value) entries.set(contentOf(key).toString(), [key, value]);
  }
  return entries;
}

function encodeProperties(properties: PropertyChanges): Buffer | undefined {
  const given = Object.fromEntries(
    Object.entries(properties).filter(([, value]) => value !== undefined && value !== null),
  );
  const encoded = rhea.message.encode({ application_properties: given, body: null });
  return splitSections(encoded).find(({ code }) => code === sectionCode.applicationProperties)
    ?.value;
}
