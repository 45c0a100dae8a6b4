import type { Employee } from './employee.ts';
import { findManager } from './find-manager.ts';
import { desiredProperties, type Mapping } from './mapping.ts';
import { chooseNickname, fitsNickname, nicknameOf } from './nickname.ts';
import { planPerson, type Manager, type Plan } from './plan.ts';
import { refusal } from './rules.ts';
import type { HrStore } from './store.ts';
import type { Directory, Domain, Person, StoredRecord } from './types.ts';

export interface InspectDeps {
  store: Pick<HrStore, 'records' | 'nicknames'>;
  mapping: Mapping;
}

/** What is known of a person before they are looked up. */
type KnownAlready = Pick<StoredRecord, 'objectId' | 'unsupported'>;

type Inspection =
  /** Their object id is known and is not there: deleted, or not yet on this replica. */
  { kind: 'gone'; objectId: string } | { kind: 'planned'; plan: Plan; manager: Manager };

/** Looks an employee up in Entra and decides what would have to be written; it writes nothing. */
export async function inspect(
  tenantId: string,
  employee: Employee,
  known: KnownAlready,
  directory: Directory,
  domains: readonly Domain[],
  { store, mapping }: InspectDeps,
): Promise<Inspection> {
  const desired = desiredProperties(employee, mapping);
  const properties = [...Object.keys(desired), 'mailNickname'];
  const candidates = await findCandidates(employee, known.objectId, directory, properties);
  if (known.objectId !== null && candidates.length === 0) {
    return { kind: 'gone', objectId: known.objectId };
  }
  const manager = mapping.some(({ as }) => as === 'person')
    ? await findManager(tenantId, employee, directory, store.records)
    : ({ kind: 'unmapped' } as const);
  const nickname = await nicknameFor(tenantId, employee, candidates[0], directory, store);
  if (nickname === undefined) {
    const plan: Plan = { kind: 'refuse', refusal: refusal('noNickname', baseOf(employee)) };
    return { kind: 'planned', plan, manager };
  }
  const { unsupported } = known;
  const wanted = { ...desired, mailNickname: nickname };
  const situation = { employee, domains, candidates, desired: wanted, manager, unsupported };
  return { kind: 'planned', plan: planPerson(situation), manager };
}

/** By the object id that is known, else everybody with the employee id or the work mail. */
async function findCandidates(
  { employeeId, workMail }: Employee,
  objectId: string | null,
  directory: Directory,
  properties: readonly string[],
): Promise<Person[]> {
  if (objectId !== null) {
    const person = await directory.get(objectId, properties);
    return person ? [person] : [];
  }
  const wanted = { employeeId, mail: workMail, userPrincipalName: workMail };
  return directory.find(wanted, properties);
}

const baseOf = ({ firstName, lastName }: Employee) => nicknameOf(firstName, lastName);

/** Whoever has a fitting nickname keeps it, so that a namesake's leaving renames nobody. */
async function nicknameFor(
  tenantId: string,
  employee: Employee,
  person: Person | undefined,
  directory: Directory,
  { nicknames }: Pick<HrStore, 'nicknames'>,
): Promise<string | undefined> {
  const base = baseOf(employee);
  const held = person?.properties['mailNickname'];
  if (typeof held === 'string' && fitsNickname(held, base)) return held;
  return chooseNickname(base, async (nickname) => {
    const holder = await nicknames.holder(tenantId, nickname);
    if (holder !== undefined) return holder === employee.employeeId;
    const others = await directory.find({ mailNickname: nickname }, []);
    return others.every(({ id }) => id === person?.id);
  });
}
