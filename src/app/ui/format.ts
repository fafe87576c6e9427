/** Numbers as people read them. English, like the page. */
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const money = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 });
const short = new Intl.NumberFormat('en', { maximumSignificantDigits: 3, notation: 'compact' });

export function formatCount(value: number): string {
  return whole.format(value);
}

/** Money without its currency: whole cents, or two digits of what is less than that. */
export function formatCost(value: number): string {
  return value >= 0.1 || value === 0 ? value.toFixed(2) : money.format(value);
}

/** "1 generation", "16 generations". */
export function formatPlural(count: number, noun: string): string {
  return `${whole.format(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Two significant digits: for estimates that pretend no more. */
export function formatAbout(value: number): string {
  if (value <= 0) return '0';
  const scale = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1);
  return whole.format(Math.round(value / scale) * scale);
}

export function formatShort(value: number): string {
  return short.format(value);
}

export function formatSeconds(seconds: number): string {
  if (seconds < 0.1) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 100_000) return `${Math.round(bytes / 1000)} kB`;
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

/** Sizes that are powers of two, such as the limits of a GPU. */
export function formatBinaryBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB'];
  const power = Math.min(3, Math.max(0, Math.floor(Math.log2(Math.max(bytes, 1)) / 10)));
  const value = bytes / 2 ** (10 * power);
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${units[power]}`;
}

export function formatPercent(share: number): string {
  return `${Math.round(share * 100)}\u202f%`;
}

/** "just now", "5 min ago", "3 h ago", else the date. */
export function formatAge(savedAt: number, now: number): string {
  const minutes = Math.floor((now - savedAt) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 60 * 24) return `${Math.floor(minutes / 60)} h ago`;
  return new Date(savedAt).toISOString().slice(0, 10);
}
