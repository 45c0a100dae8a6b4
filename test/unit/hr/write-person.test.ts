import { describe, expect, it } from '@jest/globals';
import { firstPassword } from '../../../src/hr/password.ts';
import type { Step } from '../../../src/hr/plan.ts';
import type { Directory, Written } from '../../../src/hr/types.ts';
import { writePerson } from '../../../src/hr/write-person.ts';

const done: Written = { kind: 'done' };

/** Answers writes one by one and keeps what was sent. */
function scripted(...answers: Written[]) {
  const sent: Record<string, unknown>[] = [];
  const answer = async (body: object) => {
    sent.push({ ...body });
    return answers.shift() ?? done;
  };
  const directory = {
    create: answer,
    update: (id: string, properties: object) => answer({ id, ...properties }),
    setManager: (id: string, managerId: string | null) => answer({ id, managerId }),
  } as unknown as Directory;
  return { directory, sent };
}
const write = (steps: Step[], directory: Directory, mayWrite = async () => true, id?: string) =>
  writePerson(steps, id, {
    ...{ directory, mayWrite, onCreated: async () => undefined },
    now: () => new Date(0),
  });
const create: Step = { kind: 'create', properties: { employeeId: 'E1', displayName: 'Ada Lind' } };
const city: Step = { kind: 'update', properties: { city: 'Oslo' } };

describe('writing a person', () => {
  it('enables the account at creation alone, with a random password that must be changed', async () => {
    const { directory, sent } = scripted({ kind: 'done', id: 'p1' });
    const outcome = await write([create, city], directory);
    expect(outcome).toMatchObject({ kind: 'written', personId: 'p1' });
    expect(sent[0]).toMatchObject({
      accountEnabled: true,
      passwordProfile: { forceChangePasswordNextSignIn: true },
    });
    expect(sent[1]).toEqual({ id: 'p1', city: 'Oslo' });
    expect(JSON.stringify(outcome)).not.toMatch(/password|Oslo|Ada/);
  });

  it('asks before each write, and stops where it may not', async () => {
    const { directory, sent } = scripted({ kind: 'done', id: 'p1' });
    const leave = [true, false];
    const outcome = await write([create, city], directory, async () => leave.shift() ?? false);
    expect(outcome).toMatchObject({ kind: 'stopped', log: [{ did: 'created' }] });
    expect(sent).toHaveLength(1);
  });

  it('sends the employee id by a change where a tenant does not take it at creation', async () => {
    const refused: Written = { kind: 'refused', code: 'x', property: 'employeeId', message: 'no' };
    const { directory, sent } = scripted(refused, { kind: 'done', id: 'p1' }, done);
    expect(await write([create], directory)).toMatchObject({ kind: 'written', personId: 'p1' });
    expect(sent[1]).not.toHaveProperty('employeeId');
    expect(sent[2]).toEqual({ id: 'p1', employeeId: 'E1' });
  });

  it('goes on without the hire date where Entra does not let an app write it', async () => {
    const date: Step = { kind: 'update', properties: { employeeHireDate: '2024-01-01T01:00:00Z' } };
    const { directory } = scripted({ kind: 'forbidden', message: 'no' }, done);
    expect(await write([date, city], directory, undefined, 'p1')).toMatchObject({
      kind: 'written',
      unsupported: ['employeeHireDate'],
      log: [{ did: 'updated', what: 'city' }],
    });
  });

  it.each<[Written, object]>([
    [
      { kind: 'conflict', property: 'mail' },
      { kind: 'conflict', property: 'mail' },
    ],
    [{ kind: 'missing' }, { kind: 'again' }],
    [{ kind: 'onPremises' }, { kind: 'refused', refusal: { rule: 'onPremises' } }],
    [
      { kind: 'forbidden', message: '' },
      { kind: 'refused', refusal: { rule: 'forbidden' } },
    ],
    [{ kind: 'quotaExceeded', message: '' }, { kind: 'failed' }],
    [
      { kind: 'refused', code: 'x', message: 'bad' },
      { kind: 'refused', refusal: { rule: 'valueRefused' } },
    ],
  ])('takes %j for %j', async (answer, outcome) => {
    const { directory } = scripted(answer);
    expect(await write([city], directory, undefined, 'p1')).toMatchObject(outcome);
  });

  it('draws passwords that Entra takes', () => {
    for (let drawn = 0; drawn < 50; drawn += 1) {
      const password = firstPassword();
      expect(password).toHaveLength(32);
      for (const kind of [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z\d]/]) expect(password).toMatch(kind);
    }
  });
});
