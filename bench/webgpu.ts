/** The bench page: measures when asked and shows the report. `node tools/bench-webgpu.mjs` drives it. */
import { runBench, type BenchReport } from './webgpu-bench.ts';

declare global {
  interface Window {
    bench: (options: { model: string; branches: number[] | null }) => Promise<BenchReport>;
  }
}

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}

window.bench = async ({ model, branches }) => {
  const log = element('log');
  const report = await runBench({
    model,
    branches,
    onProgress: (line) => {
      log.textContent += `${line}\n`;
      console.log(line);
    },
  });
  element('report').textContent = JSON.stringify(report, null, 2);
  return report;
};

element('run').addEventListener('click', () => {
  window.bench({ model: '/models/policy', branches: null }).catch((error: unknown) => {
    element('log').textContent += `${String(error)}\n`;
  });
});
