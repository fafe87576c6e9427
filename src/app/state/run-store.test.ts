import { describe, expect, it } from 'vitest';
import { viewAt } from '../../shared/run-view.ts';
import { SAMPLE_EVENTS } from '../../storage/testing/sample-log.ts';
import { createControlsStore } from './controls-store.ts';
import { createRunStore } from './run-store.ts';

const ALL = SAMPLE_EVENTS.length;

describe('the run store', () => {
  it('follows a live run and folds the same as a replay', () => {
    const run = createRunStore();
    run.begin('a', 'live');
    for (let i = 0; i < ALL; i += 3) run.append('a', SAMPLE_EVENTS.slice(i, i + 3));
    run.finish('a', null);
    const { view, cursor, running } = run.getState();
    expect({ cursor, running }).toEqual({ cursor: ALL, running: false });
    expect(view.nodes).toEqual(viewAt(SAMPLE_EVENTS, ALL).nodes);
  });

  it('stays where the visitor scrubbed to while events arrive, and re-attaches', () => {
    const run = createRunStore();
    run.begin('a', 'live');
    run.append('a', SAMPLE_EVENTS.slice(0, 8));
    run.seek(3);
    run.append('a', SAMPLE_EVENTS.slice(8));
    expect(run.getState()).toMatchObject({ cursor: 3, live: false });
    expect(run.getState().view.nodes).toHaveLength(2);
    run.follow();
    expect(run.getState()).toMatchObject({ cursor: ALL, live: true });
    expect(run.getState().view.status).toBe('done');
  });

  it('drops events that belong to an earlier run', () => {
    const run = createRunStore();
    run.begin('a', 'first');
    run.begin('b', 'second');
    run.append('a', SAMPLE_EVENTS);
    run.finish('a', null);
    expect(run.getState()).toMatchObject({ cursor: 0, running: true });
  });

  it('clamps a seek beyond either end', () => {
    const run = createRunStore();
    run.open({ source: 'stored', id: 'a', label: '', events: SAMPLE_EVENTS });
    run.seek(-5);
    expect(run.getState().cursor).toBe(0);
    run.seek(1e9);
    expect(run.getState().cursor).toBe(ALL);
  });

  it('shows another selection without touching the recorded log', () => {
    const run = createRunStore();
    run.open({ source: 'stored', id: 'a', label: '', events: SAMPLE_EVENTS });
    const recorded = SAMPLE_EVENTS.find((event) => event.type === 'answer');
    if (recorded?.type !== 'answer') throw new Error('the sample has an answer');
    run.replaceAnswer({ ...recorded, answer: '17', answerText: '17', candidate: 0 });
    const { view } = run.getState();
    expect(view.nodes.filter((node) => node.best).map((node) => node.id)).toEqual([1, 3]);
    expect(SAMPLE_EVENTS).toContain(recorded);
  });
});

describe('the controls', () => {
  it('take typing in one field back as one step', () => {
    const controls = createControlsStore();
    const before = controls.getState().config;
    for (const problem of ['m', 'ma', 'mak']) controls.change({ problem });
    controls.change({ budget: 64 });
    controls.undo();
    expect(controls.getState().config).toEqual({ ...before, problem: 'mak' });
    controls.undo();
    expect(controls.getState().config).toEqual(before);
    controls.undo();
    expect(controls.getState().config).toEqual(before);
  });

  it('refuse what is out of range and cut what is too long', () => {
    const controls = createControlsStore();
    controls.change({ budget: 0 });
    controls.change({ temperature: NaN });
    expect(controls.getState().past).toHaveLength(0);
    controls.change({ problem: 'x'.repeat(10_000) });
    expect(controls.getState().config.problem).toHaveLength(2000);
  });

  it('reset all but the problem, and can be asked back', () => {
    const controls = createControlsStore();
    controls.change({ problem: 'compute 1+1' });
    controls.change({ seed: 9 });
    controls.reset();
    expect(controls.getState().config).toMatchObject({ problem: 'compute 1+1', seed: 1 });
    controls.undo();
    expect(controls.getState().config.seed).toBe(9);
  });
});
