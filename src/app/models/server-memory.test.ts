import { describe, expect, it } from 'vitest';
import { EMPTY_SERVER, type ServerForm } from './models-store.ts';
import { recallServer, rememberServer } from './server-memory.ts';

const FILLED: ServerForm = {
  baseUrl: 'https://example.org/v1',
  key: 'sk-very-secret-0123456789',
  policyModel: 'a',
  verifierModel: 'b',
  verifierBaseUrl: 'https://reward.example.org/v1',
  verifierKey: 'sk-other-secret-9876543210',
  price: { read: 0.5, written: 2 },
  concurrency: 32,
  remember: false,
};

class MemoryPlace {
  readonly items = new Map<string, string>();
  getItem = (name: string): string | null => this.items.get(name) ?? null;
  setItem = (name: string, text: string): void => void this.items.set(name, text);
  removeItem = (name: string): void => void this.items.delete(name);
}

describe('the server form on this device', () => {
  it('keeps prices and the limit, but neither key nor address unless asked', () => {
    const place = new MemoryPlace();
    rememberServer(place, FILLED);
    expect([...place.items.values()].join()).not.toMatch(/secret|example/);
    const { price, concurrency } = FILLED;
    expect(recallServer(place)).toEqual({ ...EMPTY_SERVER, price, concurrency });
  });

  it('keeps all of it on request, and forgets it again', () => {
    const place = new MemoryPlace();
    rememberServer(place, { ...FILLED, remember: true });
    expect(recallServer(place)).toEqual({ ...FILLED, remember: true });
    rememberServer(place, FILLED);
    expect([...place.items.values()].join()).not.toMatch(/secret/);
  });

  it.each(['', 'null', '{', '[]', '{"concurrency":0}', '{"price":{"read":-1}}', '{"key":1}'])(
    'takes %j for an empty form',
    (text) => {
      const place = new MemoryPlace();
      place.setItem('overthink-server', text);
      expect(recallServer(place)).toEqual(EMPTY_SERVER);
    },
  );
});
