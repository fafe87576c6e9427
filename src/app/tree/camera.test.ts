import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  alongSteps,
  fitCamera,
  holdInView,
  mixCameras,
  panBy,
  reveal,
  rowPitchOf,
  stepPitchOf,
  zoomAt,
  zoomExtent,
  type Viewport,
} from './camera.ts';
import { chooseDetail, markRadius } from './detail.ts';

const viewport = fc.record({
  width: fc.integer({ min: 280, max: 2000 }),
  height: fc.integer({ min: 280, max: 1400 }),
  direction: fc.constantFrom('right', 'down'),
}) as fc.Arbitrary<Viewport>;
const bounds = fc.record({
  lowRow: fc.integer({ min: -2000, max: 0 }),
  highRow: fc.integer({ min: 0, max: 2000 }),
  maxDepth: fc.integer({ min: 1, max: 40 }),
  lastStep: fc.constantFrom(0, 1),
});

describe('fitCamera', () => {
  it('brings every place into the viewport', () => {
    fc.assert(
      fc.property(viewport, bounds, (port, all) => {
        const camera = fitCamera(all, port);
        const [across, along] =
          port.direction === 'right' ? [port.height, port.width] : [port.width, port.height];
        for (const row of [all.lowRow, all.highRow]) {
          const at = camera.rowOrigin + row * rowPitchOf(camera, port.direction);
          expect(at).toBeGreaterThanOrEqual(0);
          expect(at).toBeLessThanOrEqual(across);
        }
        const end =
          camera.stepOrigin +
          (alongSteps(all.maxDepth) + all.lastStep) * stepPitchOf(camera, port.direction);
        expect(end).toBeLessThanOrEqual(along);
      }),
    );
  });

  it('is finite for a single node', () => {
    const camera = fitCamera(
      { lowRow: 0, highRow: 0, maxDepth: 0, lastStep: 0 },
      { width: 800, height: 600, direction: 'right' },
    );
    for (const value of Object.values(camera)) expect(Number.isFinite(value)).toBe(true);
  });
});

describe('zoomAt', () => {
  it('keeps what lies under the pointer there, also at the limits of one axis', () => {
    fc.assert(
      fc.property(
        viewport,
        bounds,
        fc.double({ min: 0.2, max: 60, noNaN: true }),
        (port, all, zoom) => {
          const before = fitCamera(all, port);
          const after = zoomAt(before, port, zoom, 200, 100);
          const across = port.direction === 'right' ? 100 : 200;
          const rowsBefore = (across - before.rowOrigin) / rowPitchOf(before, port.direction);
          const rowsAfter = (across - after.rowOrigin) / rowPitchOf(after, port.direction);
          expect(rowsAfter).toBeCloseTo(rowsBefore, 4);
        },
      ),
    );
  });

  it('reaches readable text from any fit', () => {
    fc.assert(
      fc.property(viewport, bounds, (port, all) => {
        const camera = fitCamera(all, port);
        const zoomed = { ...camera, zoom: zoomExtent(camera, port.direction)[1] };
        const room = {
          rowPitch: rowPitchOf(zoomed, port.direction),
          stepPitch: stepPitchOf(zoomed, port.direction),
        };
        expect(chooseDetail(port.direction, room, 50)).toBe('cards');
      }),
    );
  });
});

describe('moving', () => {
  const port: Viewport = { width: 800, height: 600, direction: 'down' };
  const all = { lowRow: -10, highRow: 10, maxDepth: 4, lastStep: 0 };
  const camera = fitCamera(all, port);

  it('pans across rows horizontally when the tree grows downwards', () => {
    const moved = panBy(camera, 'down', 30, -7);
    expect(moved.rowOrigin - camera.rowOrigin).toBe(30);
    expect(moved.stepOrigin - camera.stepOrigin).toBe(-7);
  });

  it('never loses the tree, and leaves a camera alone that shows it', () => {
    expect(holdInView(camera, port, all)).toBe(camera);
    const held = holdInView(panBy(camera, 'down', 99999, 99999), port, all);
    expect(held.rowOrigin + all.lowRow * rowPitchOf(held, 'down')).toBeLessThanOrEqual(800);
    expect(held.stepOrigin).toBeLessThanOrEqual(600);
  });

  it('reveals with the least move', () => {
    expect(reveal(camera, port, 1, 0)).toBe(camera);
    const far = panBy(camera, 'down', 2000, 0);
    const shown = reveal(far, port, 1, 0);
    expect(shown.rowOrigin).toBe(800 - 32);
    expect(shown.stepOrigin).toBe(far.stepOrigin);
  });

  it('travels from one camera to the other', () => {
    const to = { ...camera, zoom: 4, rowOrigin: 7 };
    expect(mixCameras(camera, to, 0)).toEqual(camera);
    expect(mixCameras(camera, to, 1)).toEqual(to);
    expect(mixCameras(camera, to, 0.5).zoom).toBeCloseTo(2, 9);
  });
});

describe('detail', () => {
  it('shows less with less room, never more', () => {
    const order = ['dots', 'labels', 'cards'];
    const rank = (rowPitch: number, count: number) =>
      order.indexOf(chooseDetail('right', { rowPitch, stepPitch: 160 }, count));
    const pitches = [2, 6, 10, 12, 15, 18, 30];
    const ranks = pitches.map((pitch) => rank(pitch, 50));
    expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
    expect([ranks[0], ranks[ranks.length - 1]]).toEqual([0, 2]);
  });

  it('gives up text in a crowd', () => {
    const room = { rowPitch: 30, stepPitch: 200 };
    expect(chooseDetail('right', room, 100)).toBe('cards');
    expect(chooseDetail('right', room, 1000)).toBe('labels');
    expect(chooseDetail('right', room, 20000)).toBe('dots');
  });

  it('keeps neighbouring dots apart', () => {
    for (const pitch of [3, 6, 12]) expect(2 * markRadius('dots', pitch)).toBeLessThan(pitch);
  });
});
