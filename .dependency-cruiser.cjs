/** The layers of ARCHITECTURE.md, one direction only. */
const core = 'engine|verify|search|grading|problems|eval|storage';

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'shared-imports-nothing',
      severity: 'error',
      from: { path: '^src/shared/' },
      to: { path: '^src/', pathNot: '^src/shared/' },
    },
    {
      name: 'core-stays-below',
      severity: 'error',
      comment: 'The core knows neither the worker, nor the page, nor the command line.',
      from: { path: `^src/(${core})/` },
      to: { path: '^src/(worker|app|cli)/' },
    },
    {
      name: 'worker-below-app',
      severity: 'error',
      from: { path: '^src/worker/' },
      to: { path: '^src/(app|cli)/' },
    },
    {
      name: 'cli-beside-worker',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: { path: '^src/(app|worker)/' },
    },
    {
      name: 'search-knows-no-backend',
      severity: 'error',
      from: { path: '^src/search/' },
      to: { path: '^src/engine/' },
    },
    {
      name: 'react-in-app-only',
      severity: 'error',
      from: { path: `^src/(shared|${core}|worker|cli)/` },
      to: { path: 'node_modules/(react|react-dom|recharts|zustand|d3-[a-z]+)/' },
    },
    {
      name: 'node-only-in-cli-and-node-files',
      severity: 'error',
      comment: 'The browser bundle must never reach for Node; such files are called node-*.ts.',
      from: { path: '^src/', pathNot: '^src/cli/|/node-[a-z-]+\\.ts$|\\.test\\.ts$|/testing/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'kernels-import-nothing',
      severity: 'error',
      from: { path: '^src/engine/webgpu/kernels/.*\\.wgsl$' },
      to: {},
    },
    {
      name: 'no-tests-in-product',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.(test|suite)\\.tsx?$|/testing/' },
      to: { path: '\\.(test|suite)\\.tsx?$|/testing/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'] },
  },
};
