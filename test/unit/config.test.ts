import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { readConfig, settings } from '../../src/config.ts';
import type { ConfigError } from '../../src/ops/errors.ts';

const tenant = { AZURE_TENANT_ID: '0d3b3c1e-5f0a-4a5e-9a53-1f2d3c4b5a69' };
const real = {
  ...tenant,
  PUBLIC_URL: 'https://mirror.example',
  SERVICEBUS_NAMESPACE: 'example.servicebus.windows.net',
  MONGODB_URI: 'mongodb+srv://example.net',
};

const problems = (env: Record<string, string>) => {
  try {
    readConfig(env);
  } catch (error) {
    return (error as ConfigError).problems;
  }
  return [];
};

describe('settings', () => {
  it('describe the local stack where nothing is set', () => {
    expect(readConfig({})).toMatchObject({
      tenant: 'local',
      graph: 'local',
      serviceBus: 'local',
      mongo: 'local',
      http: { port: 8080 },
    });
  });

  it('take a variable that holds only spaces as unset', () => {
    expect(readConfig({ MONGODB_URI: '  ' }).mongo).toBe('local');
  });

  it('refuse a real tenant on a local stack and name every missing part at once', () => {
    expect(problems(tenant)).toEqual([
      expect.stringMatching(/^SERVICEBUS_CONNECTION_STRING or SERVICEBUS_NAMESPACE is missing/),
      expect.stringMatching(/^MONGODB_URI is missing/),
      expect.stringMatching(/^PUBLIC_URL is missing/),
    ]);
  });

  it('take a local part beside a real tenant where it is named on purpose', () => {
    expect(readConfig({ ...real, MONGODB_URI: 'local' }).mongo).toBe('local');
  });

  it('use Graph of the public cloud for a real tenant, or the one that is named', () => {
    expect(readConfig(real).graph).toEqual({ baseUrl: 'https://graph.microsoft.com/v1.0' });
    expect(
      readConfig({ ...real, GRAPH_BASE_URL: 'https://graph.microsoft.us/v1.0/' }).graph,
    ).toEqual({
      baseUrl: 'https://graph.microsoft.us/v1.0',
    });
  });

  it.each([
    [{ ...real, SERVICEBUS_CONNECTION_STRING: 'Endpoint=sb://x' }, /both set: keep one/],
    [{ ...real, AZURE_CLIENT_SECRET: 's' }, /^AZURE_CLIENT_ID is missing/],
    [{ ...real, PUBLIC_URL: 'http://mirror.example' }, /^PUBLIC_URL must begin with https/],
    [{ PUBLIC_URL: 'mirror' }, /^PUBLIC_URL is not a URL/],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector' }, /^OTEL_EXPORTER_OTLP_ENDPOINT is not a URL/],
    [{ PORT: 'eighty' }, /^PORT must be a port number/],
    [{ LOG_LEVEL: 'loud' }, /^LOG_LEVEL must be one of/],
    [{ GRAPH_BASE_URL: 'https://graph.microsoft.com/v1.0' }, /^AZURE_TENANT_ID is missing/],
  ])('say what is wrong with %j', (env, message) => {
    expect(problems(env)).toContainEqual(expect.stringMatching(message));
  });

  it('hold mass removals by number and share, and release them by time only where it is set', () => {
    expect(readConfig({}).holds).toEqual({ least: 20, share: 0.1 });
    const env = { HOLD_ABOVE: '5', HOLD_ABOVE_PERCENT: '2.5', HOLD_RELEASE_HOURS: '48' };
    const releaseAfterMs = 48 * 3_600_000;
    expect(readConfig(env).holds).toEqual({ least: 5, share: 0.025, releaseAfterMs });
  });

  it('choose properties of people and groups', () => {
    const MIRRORED_PROPERTIES = 'employeeLeaveDateTime, -faxNumber group.uniqueName,-group.theme';
    expect(readConfig({ MIRRORED_PROPERTIES }).properties).toEqual({
      user: { extra: ['employeeLeaveDateTime'], less: ['faxNumber'] },
      group: { extra: ['uniqueName'], less: ['theme'] },
    });
  });

  it('are the ones that .env.example lists', () => {
    const listed = readFileSync('.env.example', 'utf8').match(/^[A-Z_]+(?==)/gm);
    expect(listed).toEqual(Object.keys(settings));
  });
});
