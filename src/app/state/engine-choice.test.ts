import { describe, expect, it } from 'vitest';
import { EngineChoice } from './engine-choice.ts';

function places(search = '', kept: Record<string, string> = {}) {
  const store = new Map(Object.entries(kept));
  const state = { search };
  return {
    store,
    state,
    storage: () => ({
      getItem: (name: string) => store.get(name) ?? null,
      setItem: (name: string, value: string) => void store.set(name, value),
      removeItem: (name: string) => void store.delete(name),
    }),
    search: () => state.search,
    setSearch: (next: string) => void (state.search = next),
  };
}

const blocked = {
  storage: () => {
    throw new Error('blocked');
  },
  search: () => '',
  setSearch: () => undefined,
};

describe('engine choice', () => {
  it('is auto at first, and remembered afterwards', () => {
    const browser = places();
    const choice = new EngineChoice(browser);
    expect(choice.preference).toBe('auto');
    choice.choose('webgpu');
    expect(choice.preference).toBe('webgpu');
    expect(new EngineChoice(browser).preference).toBe('webgpu');
    choice.choose('auto');
    expect(browser.store.size).toBe(0);
  });

  it('follows the address before what is remembered, and changes nothing by that', () => {
    const browser = places('?engine=cpu', { 'overthink-engine': 'webgpu' });
    const choice = new EngineChoice(browser);
    expect(choice.preference).toBe('cpu');
    expect(browser.store.get('overthink-engine')).toBe('webgpu');
    expect(choice.notice).toBeNull();
  });

  it('takes a choice by hand out of the address, and nothing else', () => {
    const browser = places('?engine=cpu&theme=x');
    new EngineChoice(browser).choose('webgpu');
    expect(browser.state.search).toBe('?theme=x');
    expect(new EngineChoice(browser).preference).toBe('webgpu');
  });

  it('says so when the address asks for nonsense', () => {
    const choice = new EngineChoice(places('?engine=<b>abacus', { 'overthink-engine': 'cpu' }));
    expect(choice.preference).toBe('cpu');
    expect(choice.notice).toMatch(/cpu is used/);
    expect(choice.notice).not.toMatch(/abacus/);
  });

  it('takes damaged or blocked storage for none', () => {
    expect(new EngineChoice(places('', { 'overthink-engine': '{' })).preference).toBe('auto');
    const choice = new EngineChoice(blocked);
    expect(choice.preference).toBe('auto');
    choice.choose('cpu');
    expect(choice.preference).toBe('cpu');
  });
});
