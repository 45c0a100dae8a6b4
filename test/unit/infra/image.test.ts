import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readConfig, settings } from '../../../src/config.ts';

const dockerfile = readFileSync(join('infra', 'Dockerfile'), 'utf8');
const compose = readFileSync(join('infra', 'compose.yaml'), 'utf8');
const stages = dockerfile.split(/^(?=FROM )/m).slice(1);
const last = stages.at(-1)!;

describe('the image', () => {
  it('is built from images pinned by digest', () => {
    const names = stages.map((stage) => /^FROM \S+ AS (\w+)/.exec(stage)?.[1]);
    const bases = stages.map((stage) => /^FROM (\S+)/.exec(stage)![1]!);
    const foreign = bases.filter((base) => !names.includes(base));
    expect(foreign.length).toBeGreaterThan(0);
    for (const base of foreign) expect(base).toMatch(/:[\w.-]+@sha256:[\da-f]{64}$/);
  });

  it('runs as a user that is not root', () => {
    expect(last.match(/^USER .*$/gm)).toEqual(['USER 65532:65532']);
  });

  it('holds the packages of production only', () => {
    const packages = stages.find((stage) => stage.includes(' AS packages'));
    expect(packages).toContain('npm ci --omit=dev');
    expect(last).toContain('COPY --from=packages /app/node_modules ./node_modules');
    expect(last.match(/node_modules ./g)).toHaveLength(1);
  });

  it('is built from what is named, so that no secret of the folder gets in', () => {
    const lines = readFileSync('.dockerignore', 'utf8').trim().split('\n');
    expect(lines[0]).toBe('*');
    const named = lines.slice(1).map((line) => line.replace(/^!/, ''));
    expect(named.filter((path) => !existsSync(path))).toEqual([]);
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap((match) =>
      match[1]!.split(' '),
    );
    expect(copied.toSorted()).toEqual(named.toSorted());
  });

  it.each([
    [200, 0],
    [503, 1],
  ])('is asked for its health by Node itself, and told %d ends with %d', async (status, code) => {
    const check = /^HEALTHCHECK .*\\\n +CMD (\[.*\])$/m.exec(last)?.[1] ?? '[]';
    const [node, ...args] = JSON.parse(check) as string[];
    expect(node).toBe('/nodejs/bin/node');
    const server = createServer((request, response) => {
      response.writeHead(request.url === '/healthz' ? status : 404).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const probe = spawn(process.execPath, args, { env: { PORT: String(port) }, stdio: 'inherit' });
    expect(await once(probe, 'exit')).toEqual([code, null]);
    server.close();
    server.closeAllConnections();
  });

  it('starts every role unless told which', () => {
    expect(last).toContain('"dist/main.js"]');
    expect(last).toContain(
      'CMD ["start", "receiver", "worker", "scheduler", "api", "provisioner"]',
    );
  });

  it('sets what settings there are', () => {
    const set = /^ENV ([^]*?[^\\])$/m.exec(last)![1]!;
    const names = [...set.matchAll(/(\w+)=/g)].map((match) => match[1]!);
    expect(names.filter((name) => !(name in settings))).toEqual(['NODE_ENV']);
  });
});

describe('the compose file', () => {
  const services = new Map(
    /^services:\n[^]*?^(?=\w)/m
      .exec(compose)![0]
      .split(/^ {2}(?=[\w-]+:$)/m)
      .slice(1)
      .map((text) => [text.slice(0, text.indexOf(':')), text]),
  );
  const mirror = services.get('mirror')!;

  it('gives the program settings that exist and lead to the real servers', () => {
    const block = /^ {4}environment:\n((?: {6}.*\n)+)/m.exec(mirror)![1]!;
    const env = Object.fromEntries(
      [...block.matchAll(/^ {6}(\w+): (.*)$/gm)].map(([, name, value]) => [name!, value!]),
    );
    expect(Object.keys(env).filter((name) => !(name in settings))).toEqual([]);
    const config = readConfig(env);
    expect(config.mongo).toEqual({ uri: 'mongodb://mongo:27017/?replicaSet=rs0' });
    expect(config.serviceBus).toHaveProperty('connectionString');
    expect(services.has('servicebus')).toBe(true);
    const grace = Number(/stop_grace_period: (\d+)s/.exec(mirror)?.[1]);
    expect(grace * 1_000).toBeGreaterThan(config.shutdownTimeoutMs);
  });

  it('pins what it takes from others and opens nothing beyond this machine', () => {
    const images = [...compose.matchAll(/^ {4}image: (\S+)$/gm)].map((match) => match[1]!);
    const foreign = images.filter((image) => image !== 'entra-mirror');
    expect(foreign).toHaveLength(3);
    for (const image of foreign) expect(image).toMatch(/:[\w-]*\d+\.?\d*\.?\d*/);
    expect(foreign.filter((image) => image.endsWith('latest'))).toEqual([]);
    const ports = [...compose.matchAll(/^ {6}- (\S+:\d+)$/gm)].map((match) => match[1]!);
    expect(ports.length).toBeGreaterThan(2);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  it('mounts the queue file of the local broker into the emulator', () => {
    const [, file] = /- (\S+):\/ServiceBus_Emulator\/ConfigFiles\/Config\.json:ro$/m.exec(compose)!;
    expect(existsSync(join('infra', file!))).toBe(true);
  });

  it('accepts no licence and knows no password by itself', () => {
    for (const name of ['ACCEPT_EULA', 'MSSQL_SA_PASSWORD']) {
      const values = [...compose.matchAll(new RegExp(`^ {6}${name}: (.*)$`, 'gm'))];
      expect(values).toHaveLength(2);
      for (const [, value] of values) expect(value).toMatch(new RegExp(`^\\$\\{${name}:\\?.+\\}$`));
    }
  });

  it('gives the program nothing but its data folder to write to', () => {
    expect(mirror).toContain('read_only: true');
    expect(mirror).toMatch(/cap_drop:\n +- ALL/);
    expect(mirror).toContain('no-new-privileges:true');
  });
});
