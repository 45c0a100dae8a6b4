const fewPeople = 20;
const share = 0.05;

/** How many people one import may change without a person's approval, in a tenant of so many. */
export function importLimit(people: number): number {
  return Math.max(fewPeople, Math.floor(people * share));
}
