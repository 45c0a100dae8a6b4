import { describe, expect, it } from '@jest/globals';
import { createLog } from '../../../src/ops/log.ts';

function logged(write: (log: ReturnType<typeof createLog>) => void): Record<string, unknown> {
  let text = '';
  write(createLog({ destination: { write: (line: string) => void (text += line) } }));
  return JSON.parse(text) as Record<string, unknown>;
}

describe('the log', () => {
  it('tells of an error its kind, message, code and cause', () => {
    const error = Object.assign(new TypeError('no', { cause: new Error('why') }), { code: 11000 });
    expect(logged((log) => log.warn({ err: error }, 'failed'))).toMatchObject({
      level: 'warn',
      msg: 'failed',
      err: { type: 'TypeError', message: 'no', code: 11000, cause: { message: 'why' } },
    });
  });

  it('leaves out whatever else hangs onto an error', () => {
    const error = Object.assign(new Error('bulk write failed'), {
      writeErrors: [{ op: { displayName: 'Ada Lovelace' } }],
      config: { headers: { authorization: 'Bearer eyJ' } },
      cause: Object.assign(new Error('inner'), { document: { mail: 'ada@example.com' } }),
    });
    const text = JSON.stringify(logged((log) => log.error({ err: error }, 'failed')));
    expect(text).not.toMatch(/Lovelace|ada@|Bearer/);
  });

  it('blackens secrets that are logged by mistake', () => {
    const secret = { clientState: 'shh', headers: { authorization: 'Bearer eyJ' } };
    expect(JSON.stringify(logged((log) => log.info(secret, 'oops')))).not.toMatch(/shh|eyJ/);
  });
});
