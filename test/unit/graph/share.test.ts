import { describe, expect, it } from '@jest/globals';
import { shareOf } from '../../../src/graph/share.ts';

const quota = 350;

describe('the share of a process', () => {
  it.each([
    ['alone and idle', {}, [], 1],
    ['alone with little to do', { sweep: 10 }, [], 1],
    ['alone with more to do than it may', { sweep: 1_000 }, [], 1],
    ['that wants all as another does', { sweep: 900 }, [{ sweep: 500 }], 0.5],
    ['that wants all beside one that wants a tenth', { sweep: 900 }, [{ sweep: 35 }], 0.9],
    [
      'that wants a tenth and gets a little more to begin with',
      { sweep: 35 },
      [{ sweep: 900 }],
      0.15,
    ],
    ['that is idle beside one that wants all', {}, [{ notification: 900 }], 0.05],
    ['that is idle beside one that wants half', {}, [{ notification: 175 }], 0.5],
    ['that sweeps beside notifications without end', { sweep: 900 }, [{ notification: 900 }], 0.1],
    ['that audits beside notifications without end', { audit: 900 }, [{ notification: 900 }], 0.02],
    ['with notifications beside a sweep without end', { notification: 900 }, [{ sweep: 900 }], 0.9],
    ['with some notifications beside a sweep', { notification: 70 }, [{ sweep: 900 }], 0.45],
  ])('%s', (_case, own, others, share) => {
    expect(shareOf(own, others, quota)).toBeCloseTo(share);
  });

  it('leaves nothing unused and gives nothing twice while all want more than there is', () => {
    const demands = [
      { notification: 500 },
      { notification: 200, sweep: 400 },
      { sweep: 900, audit: 9 },
    ];
    const shares = demands.map((own) =>
      shareOf(
        own,
        demands.filter((one) => one !== own),
        quota,
      ),
    );
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
  });
});
