import { fileURLToPath } from 'node:url';

/** One preset for every package: ESM, swc, source files of sibling packages (no build needed), no implicit globals. */
export default {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['@mooring/source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  roots: ['<rootDir>/src'],
  testMatch: ['**/*.spec.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  reporters: ['default', fileURLToPath(new URL('./tools/workspace/test-counts.mjs', import.meta.url))],
  injectGlobals: false,
  // Of a test that hangs, not of one that is slow: several processes share the cores.
  testTimeout: 180_000,
};
