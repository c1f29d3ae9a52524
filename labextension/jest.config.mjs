export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/tests'],
  transform: {
    '\\.tsx?$': [
      'ts-jest',
      // Types are checked by `jlpm lint`; here they would only take time.
      { diagnostics: false, tsconfig: { module: 'commonjs', isolatedModules: true } }
    ]
  }
};
