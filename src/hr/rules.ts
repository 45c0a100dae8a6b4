/** Why a person is not touched. */
export type RuleName =
  | 'domainNotVerified'
  | 'federatedDomain'
  | 'twoCandidates'
  | 'workMailOfAnother'
  | 'onPremises'
  | 'managerCycle'
  | 'managerAmbiguous'
  | 'goneFromEntra'
  | 'valueTaken'
  | 'valueRefused'
  | 'noNickname'
  | 'forbidden';

export interface Refusal {
  rule: RuleName;
  message: string;
}

const messages: Record<RuleName, (about: string) => string> = {
  domainNotVerified: (domain) =>
    `The domain ${domain} is not a verified domain of the tenant: correct the work mail, or verify the domain in Entra.`,
  federatedDomain: (domain) =>
    `The domain ${domain} signs in elsewhere, where its people have to be made first.`,
  twoCandidates: (ids) =>
    `More than one person in Entra has this employee id or work mail (${ids}): correct one of them; nobody is guessed.`,
  workMailOfAnother: (id) =>
    `The work mail belongs to a person with another employee id (${id}): correct HR or Entra.`,
  onPremises: () =>
    'The person is mastered on-premises: change them there, or move their source of authority to the cloud.',
  managerCycle: (path) => `The managers form a circle (${path}): correct "reports to" of one.`,
  managerAmbiguous: (wanted) =>
    `More than one person in Entra could be the manager ${wanted}: correct one of them.`,
  goneFromEntra: (id) =>
    `The person was deleted in Entra (${id}): restore them there, or delete the record and send it again to make a new one.`,
  valueTaken: (property) =>
    `Another object in Entra has this value of ${property}: free it, or correct HR.`,
  valueRefused: (what) => `Entra refuses ${what}`,
  noNickname: (base) => `${base} and 998 more like it are taken: make one free.`,
  forbidden: (what) =>
    `Entra forbids it (${what}): people with administrative roles can be changed by such only, and every permission needs admin consent.`,
};

export function refusal(rule: RuleName, about = ''): Refusal {
  return { rule, message: messages[rule](about) };
}
