const words = (text: string) => text.trim().split(/\s+/);

export const GIVEN_NAMES = words(`
  Aiko Alejandro Amara Anders Anika Arjun Astrid Ayşe Beatriz Björn Camille Chidi Chloé Dalia
  Daniel Elif Elena Emeka Emma Farah Felix Fiona Giulia Grace Hannah Hiroshi Ibrahim Ines
  Jakub Jelena Jonas Kavya Kenji Laura Leila Liam Lucía Mateo Mei Milan Nadia Noah Olga Oscar
  Priya Rafael Rosa Samira Søren Tariq Thandi Tomás Valentina Wei Yara Yusuf Zoe Zuzana
`);

export const SURNAMES = words(`
  Adeyemi Andersson Bauer Bianchi Carvalho Chen Çelik Dubois Eriksen Fernández Fischer Garcia
  Haddad Hoffmann Ivanova Jansen Johansson Kaya Kim Kowalski Kumar Lefèvre Lindqvist López
  Mbeki Mehta Moreau Müller Nakamura Nguyen Novák O’Brien Okafor Olsen Patel Petrović Quispe
  Rahman Rossi Sato Schneider Silva Singh Smith Suzuki Tanaka Tembo Vargas Wagner Walker Wang
  Yamamoto Yılmaz Zhang Zimmermann
`);

export const DEPARTMENTS = [
  {
    name: 'Engineering',
    division: 'Products',
    titles: ['Software Engineer', 'Senior Engineer', 'Test Engineer', 'Architect'],
  },
  {
    name: 'Sales',
    division: 'Markets',
    titles: ['Account Executive', 'Sales Engineer', 'Regional Seller'],
  },
  { name: 'Support', division: 'Markets', titles: ['Support Specialist', 'Escalation Engineer'] },
  {
    name: 'Finance',
    division: 'Corporate',
    titles: ['Accountant', 'Controller', 'Financial Analyst'],
  },
  {
    name: 'Human Resources',
    division: 'Corporate',
    titles: ['HR Partner', 'Recruiter', 'Payroll Specialist'],
  },
  {
    name: 'Marketing',
    division: 'Markets',
    titles: ['Campaign Lead', 'Content Designer', 'Market Analyst'],
  },
  {
    name: 'Operations',
    division: 'Delivery',
    titles: ['Operations Specialist', 'Planner', 'Site Lead'],
  },
  { name: 'Legal', division: 'Corporate', titles: ['Counsel', 'Paralegal', 'Privacy Officer'] },
  { name: 'Research', division: 'Products', titles: ['Researcher', 'Data Scientist'] },
  {
    name: 'IT',
    division: 'Delivery',
    titles: ['System Administrator', 'Identity Engineer', 'Network Engineer'],
  },
] as const;

export const LOCATIONS = [
  {
    office: '12/1104',
    street: 'Königstraße 21',
    city: 'Stuttgart',
    state: 'BW',
    postalCode: '70173',
    country: 'Germany',
    code: 'DE',
    language: 'de-DE',
    phone: '+49 711 555',
  },
  {
    office: '3/0210',
    street: '84 Rue de Lyon',
    city: 'Paris',
    state: 'IDF',
    postalCode: '75012',
    country: 'France',
    code: 'FR',
    language: 'fr-FR',
    phone: '+33 1 55 55',
  },
  {
    office: '18/2111',
    street: '400 Pine Street',
    city: 'Seattle',
    state: 'WA',
    postalCode: '98101',
    country: 'United States',
    code: 'US',
    language: 'en-US',
    phone: '+1 206 555',
  },
  {
    office: '7/0702',
    street: '2-4-1 Marunouchi',
    city: 'Tokyo',
    state: 'Tokyo',
    postalCode: '100-6390',
    country: 'Japan',
    code: 'JP',
    language: 'ja-JP',
    phone: '+81 3 5555',
  },
  {
    office: '5/0515',
    street: '11 Rivonia Road',
    city: 'Johannesburg',
    state: 'GP',
    postalCode: '2196',
    country: 'South Africa',
    code: 'ZA',
    language: 'en-ZA',
    phone: '+27 11 555',
  },
  {
    office: '9/0903',
    street: 'Avenida Paulista 900',
    city: 'São Paulo',
    state: 'SP',
    postalCode: '01310-100',
    country: 'Brazil',
    code: 'BR',
    language: 'pt-BR',
    phone: '+55 11 5555',
  },
  {
    office: '2/0206',
    street: '44 Residency Road',
    city: 'Bengaluru',
    state: 'KA',
    postalCode: '560025',
    country: 'India',
    code: 'IN',
    language: 'en-IN',
    phone: '+91 80 5555',
  },
] as const;

export const PROJECTS = words(`
  Aurora Basalt Cedar Delta Ember Fjord Granite Harbor Indigo Juniper Kestrel Lagoon Meridian
  Nimbus Orchid Pioneer Quartz Ridge Summit Tundra
`);

/** Latin letters, digits and dots only, as mail nicknames and account names have them. */
export function plainName(text: string): string {
  return text
    .normalize('NFD')
    .toLowerCase()
    .replaceAll('ı', 'i')
    .replaceAll('ø', 'o')
    .replace(/[^a-z0-9.]/g, '');
}
