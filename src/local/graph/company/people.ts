import type { Properties } from '../directory/event.ts';
import { drawInteger, drawUuid, pick, type Random } from '../random.ts';
import { DEPARTMENTS, GIVEN_NAMES, LOCATIONS, SURNAMES, plainName } from './names.ts';

export interface Person {
  id: string;
  properties: Properties;
  managerId?: string;
}

const FIRST_HIRING_DAY = Date.UTC(2012, 0, 2);
const DAY_MS = 86_400_000;
const REPORTS_PER_MANAGER = 8;

/** People of all departments under one head, about eight reports to a manager. */
export function hirePeople(random: Random, count: number, domain: string): Person[] {
  const people: Person[] = [];
  for (let number = 0; number < count; number += 1) {
    const properties = describePerson(random, number, domain);
    const managerId = people[managerOf(number)]?.id;
    people.push({ id: drawUuid(random), properties, ...(managerId && { managerId }) });
  }
  return people;
}

/** Person 0 leads; department heads report there, others to someone of their department. */
function managerOf(number: number): number {
  if (number === 0) return -1;
  const department = departmentOf(number);
  const rank = Math.floor(number / DEPARTMENTS.length);
  if (rank === 0) return 0;
  return department + Math.floor((rank - 1) / REPORTS_PER_MANAGER) * DEPARTMENTS.length;
}

function departmentOf(number: number): number {
  return number % DEPARTMENTS.length;
}

/** Every mirrored property of a made-up person; `number` makes names unique. */
export function describePerson(random: Random, number: number, domain: string): Properties {
  const givenName = pick(random, GIVEN_NAMES);
  const surname = pick(random, SURNAMES);
  const nickname = `${plainName(givenName)}.${plainName(surname)}${number}`;
  const address = `${nickname}@${domain}`;
  return {
    userPrincipalName: address,
    mail: address,
    mailNickname: nickname,
    displayName: `${givenName} ${surname}`,
    givenName,
    surname,
    ...describeJob(random, number),
    ...describePlace(random),
    accountEnabled: random() > 0.02,
    userType: random() > 0.03 ? 'Member' : 'Guest',
    createdDateTime: dayAfter(FIRST_HIRING_DAY, drawInteger(random, 4_000)),
    proxyAddresses: [`SMTP:${address}`, `smtp:${number}@${domain}`],
    otherMails: random() < 0.2 ? [`${nickname}@example.net`] : [],
    identities: [{ signInType: 'userPrincipalName', issuer: domain, issuerAssignedId: address }],
    assignedLicenses: random() < 0.9 ? [{ disabledPlans: [], skuId: drawUuid(random) }] : [],
    ...(random() < 0.6 ? describeOnPremises(random, nickname, number, domain) : {}),
  };
}

function describeJob(random: Random, number: number): Properties {
  const department = DEPARTMENTS[departmentOf(number)] ?? DEPARTMENTS[0];
  const isHead = number < DEPARTMENTS.length;
  return {
    jobTitle: isHead ? `Head of ${department.name}` : pick(random, department.titles),
    department: department.name,
    companyName: 'Northwind Traders',
    employeeId: String(100_000 + number),
    employeeType: random() < 0.85 ? 'Employee' : 'Contractor',
    employeeHireDate: dayAfter(FIRST_HIRING_DAY, drawInteger(random, 4_500)),
    employeeOrgData: {
      division: department.division,
      costCenter: `CC-${100 + departmentOf(number)}`,
    },
  };
}

function describePlace(random: Random): Properties {
  const place = pick(random, LOCATIONS);
  const extension = () => String(1_000 + drawInteger(random, 9_000));
  return {
    officeLocation: place.office,
    businessPhones: [`${place.phone} ${extension()}`],
    mobilePhone: random() < 0.7 ? `${place.phone} ${extension()}` : null,
    faxNumber: random() < 0.1 ? `${place.phone} ${extension()}` : null,
    streetAddress: place.street,
    city: place.city,
    state: place.state,
    postalCode: place.postalCode,
    country: place.country,
    usageLocation: place.code,
    preferredLanguage: place.language,
  };
}

function describeOnPremises(
  random: Random,
  nickname: string,
  number: number,
  domain: string,
): Properties {
  return {
    onPremisesSyncEnabled: true,
    onPremisesSamAccountName: nickname.slice(0, 20),
    onPremisesImmutableId: Buffer.from(drawUuid(random).slice(0, 16)).toString('base64'),
    onPremisesSecurityIdentifier: `S-1-5-21-1004336348-1177238915-682003330-${1_000 + number}`,
    onPremisesDistinguishedName: `CN=${nickname},OU=People,DC=northwind,DC=example`,
    onPremisesDomainName: 'northwind.example',
    onPremisesUserPrincipalName: `${nickname}@${domain}`,
    onPremisesLastSyncDateTime: dayAfter(FIRST_HIRING_DAY, 4_500),
    onPremisesExtensionAttributes: {
      extensionAttribute1: random() < 0.5 ? 'badge' : null,
      extensionAttribute2: String(drawInteger(random, 100)),
    },
  };
}

function dayAfter(start: number, days: number): string {
  return new Date(start + days * DAY_MS).toISOString().replace('.000Z', 'Z');
}
