import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { checkAddress } from '../../../src/cli/checks/address.ts';
import { neededRoles, rolesOf } from '../../../src/graph/roles.ts';
import { examine } from '../../../src/cli/doctor.ts';

let server: Server | undefined;
let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'doctor-'));
});
afterAll(() => rm(dataDir, { recursive: true }));
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

async function listening(answer: RequestListener): Promise<string> {
  const opened = createServer(answer);
  server = opened;
  await new Promise<void>((resolve) => opened.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(opened.address() as AddressInfo).port}`;
}
const handshakeAt = async (url: string) =>
  (await checkAddress(url)).find(({ check }) => check === 'handshake');

describe('the handshake from outside in', () => {
  it('fails where something on the way changes the token', async () => {
    const url = await listening((request, response) => {
      response.setHeader('content-type', 'text/plain');
      response.end(new URL(request.url!, 'http://x').search);
    });
    expect(await handshakeAt(url)).toMatchObject({
      level: 'failed',
      says: 'the answer is not the token that was sent',
    });
  });

  it('fails where something else answers, and where nothing does', async () => {
    const url = await listening((_request, response) => response.writeHead(404).end());
    expect(await handshakeAt(url)).toMatchObject({ says: 'the answer is 404, not 200' });
    server?.closeAllConnections();
    await new Promise((resolve) => server!.close(resolve));
    expect(await handshakeAt(url)).toMatchObject({ level: 'failed', fix: expect.any(String) });
  });
});

describe('the name of the address', () => {
  it('fails where DNS does not know it', async () => {
    const [name] = await checkAddress('http://nothing.invalid:9');
    expect(name).toMatchObject({ check: 'name', level: 'failed' });
  });
});

describe('the doctor', () => {
  it('says that no mirror runs where none does', async () => {
    const findings = await examine({ DATA_DIR: dataDir });
    expect(findings.at(-1)).toMatchObject({ check: 'connection', level: 'failed' });
    expect(JSON.stringify(findings.at(-1))).toContain('npm start');
  });

  it('warns where monitoring could not get in', async () => {
    const findings = await examine({ DATA_DIR: dataDir, PUBLIC_URL: 'https://nothing.invalid' });
    expect(findings).toContainEqual(
      expect.objectContaining({ check: 'administrators', level: 'warning' }),
    );
  });
});

describe('the permissions of a token', () => {
  const tokenWith = (payload: object) =>
    `e30.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.x`;

  it('are its roles', () => {
    expect(rolesOf(tokenWith({ roles: ['User.Read.All'] }))).toEqual(['User.Read.All']);
    expect(rolesOf(tokenWith({}))).toEqual([]);
    expect(rolesOf('opaque')).toBeUndefined();
  });

  it('are more where leave dates are mirrored', () => {
    expect(neededRoles([])).toEqual(['User.Read.All', 'Group.Read.All']);
    expect(neededRoles(['employeeLeaveDateTime'])).toContain('User-LifeCycleInfo.Read.All');
  });
});
