import { describe, expect, it } from '@jest/globals';
import { optionsFor } from '../../../src/mirror/connect.ts';

describe('options of the connection', () => {
  it('ask for majority writes, retries and bounded waits', () => {
    expect(optionsFor('mongodb://h')).toMatchObject({
      writeConcern: { w: 'majority' },
      retryWrites: true,
      serverSelectionTimeoutMS: expect.any(Number),
      socketTimeoutMS: expect.any(Number),
    });
  });

  it('give way to what the connection string states, in any case', () => {
    const options = optionsFor('mongodb://h/?retrywrites=false&w=1&maxIdleTimeMS=5');
    expect(options).not.toHaveProperty('retryWrites');
    expect(options).not.toHaveProperty('writeConcern');
    expect(options).toHaveProperty('retryReads', true);
  });
});
