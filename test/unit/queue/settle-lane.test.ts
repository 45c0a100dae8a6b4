import { describe, expect, it } from '@jest/globals';
import { createSettleLane, type SettleKind } from '../../../src/queue/settle-lane.ts';

/** The settlements that each turn of the event loop let out. */
async function turnsOf(kinds: SettleKind[]): Promise<SettleKind[][]> {
  const lane = createSettleLane();
  const turns: SettleKind[][] = [];
  let turn: SettleKind[] | undefined;
  const note = (kind: SettleKind) => {
    if (!turn) {
      turn = [];
      turns.push(turn);
      setImmediate(() => (turn = undefined));
    }
    turn.push(kind);
  };
  await Promise.all(kinds.map((kind) => lane(kind, async () => note(kind))));
  return turns;
}

describe('the settle lane', () => {
  it.each<[SettleKind[], SettleKind[][]]>([
    [['complete', 'complete', 'complete'], [['complete', 'complete', 'complete']]],
    [
      ['complete', 'other'],
      [['complete'], ['other']],
    ],
    [
      ['other', 'complete', 'complete'],
      [['other'], ['complete', 'complete']],
    ],
    [
      ['other', 'other'],
      [['other'], ['other']],
    ],
  ])('lets out a run of completes or one other outcome in a turn: %j', async (kinds, turns) => {
    expect(await turnsOf(kinds)).toEqual(turns);
  });

  it('tells each caller of its own failure and goes on', async () => {
    const lane = createSettleLane();
    const fails = lane('complete', () => Promise.reject(new Error('lock lost')));
    const works = lane('complete', async () => undefined);
    await expect(fails).rejects.toThrow('lock lost');
    await expect(works).resolves.toBeUndefined();
  });
});
