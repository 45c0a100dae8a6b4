import { describe, expect, it } from '@jest/globals';
import { differingNames } from '../../../src/on-demand/differing-names.ts';

describe('the names in which two contents differ', () => {
  it('are those with other values, in order', () => {
    const before = { displayName: 'Ada', jobTitle: 'Baker', city: 'Oslo' };
    const after = { displayName: 'Ada', jobTitle: 'Miller', city: null };
    expect(differingNames(before, after)).toEqual(['city', 'jobTitle']);
  });

  it('leave out what is ours, what is unset on both sides and the order of lists', () => {
    const before = { _id: 'a', mirror: { fence: 1 }, businessPhones: ['1', '2'] };
    const after = { _id: 'b', mirror: { fence: 2 }, businessPhones: ['2', '1'], mail: null };
    expect(differingNames(before, after)).toEqual([]);
  });
});
