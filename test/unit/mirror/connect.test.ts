import { describe, expect, it } from '@jest/globals';
import { openMongo, optionsFor } from '../../../src/mirror/connect.ts';

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

it('a connection that cannot be opened says which setting to look at', async () => {
  const uri = 'mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100';
  await expect(openMongo({ uri, database: 'any' })).rejects.toThrow(/check MONGODB_URI/);
});
