/** Pans and zooms the tree on the page as a hand would, and measures what each frame cost. */
export interface FrameTimes {
  readonly frames: number;
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly worstMs: number;
}

export interface TreeBenchResult {
  readonly nodes: number;
  readonly pan: FrameTimes;
  readonly zoomedPan: FrameTimes;
  readonly zoom: FrameTimes;
}

const FRAMES = 120;

export async function runTreeBench(nodes: number): Promise<TreeBenchResult> {
  const canvas = await found('.tree-canvas');
  await found('[role=tree] [role=treeitem]');
  await frames(30);
  const pan = await measure((i) => wheel(canvas, { deltaX: 0, deltaY: i < FRAMES / 2 ? 9 : -9 }));
  await frames(5);
  const zoom = await measure((i) =>
    wheel(canvas, { deltaY: i < FRAMES / 2 ? -24 : 24, ctrlKey: true }),
  );
  for (let i = 0; i < 30; i++) wheel(canvas, { deltaY: -60, ctrlKey: true });
  await frames(5);
  const zoomedPan = await measure((i) =>
    wheel(canvas, { deltaX: i % 40 < 20 ? 12 : -12, deltaY: 31 }),
  );
  return { nodes, pan, zoomedPan, zoom };
}

function wheel(canvas: Element, init: WheelEventInit): void {
  const { left, top, width, height } = canvas.getBoundingClientRect();
  const clientX = left + width / 2;
  const clientY = top + height / 2;
  canvas.dispatchEvent(
    new WheelEvent('wheel', { ...init, clientX, clientY, bubbles: true, cancelable: true }),
  );
}

/** Time between frames while `act` is called once a frame. */
async function measure(act: (frame: number) => void): Promise<FrameTimes> {
  const times: number[] = [];
  let last = await nextFrame();
  for (let i = 0; i < FRAMES; i++) {
    act(i);
    const now = await nextFrame();
    times.push(now - last);
    last = now;
  }
  times.sort((a, b) => a - b);
  const at = (part: number) => Math.round((times[Math.floor(part * (FRAMES - 1))] ?? 0) * 10) / 10;
  return { frames: FRAMES, medianMs: at(0.5), p95Ms: at(0.95), worstMs: at(1) };
}

async function frames(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await nextFrame();
}

function nextFrame(): Promise<number> {
  return new Promise((resolve) => requestAnimationFrame(() => resolve(performance.now())));
}

async function found(selector: string): Promise<Element> {
  for (;;) {
    const element = document.querySelector(selector);
    if (element !== null) return element;
    await nextFrame();
  }
}
