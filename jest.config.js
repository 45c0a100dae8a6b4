export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  testSequencer: '<rootDir>/test/support/slow-first.cjs',
  transform: { '\\.ts$': '<rootDir>/test/support/transform.cjs' },
  // Many tests wait for a queue or a clock most of the time.
  maxWorkers: 3,
  testTimeout: 150_000,
};
