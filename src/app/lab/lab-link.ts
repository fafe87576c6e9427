/**
 * The Lab's set-up as the part of the address after `#/lab?`, and back. Read with distrust: each
 * field is checked by itself, and what cannot be used is said. Workers are the device's own affair
 * and a problem file stays on its device, so neither travels. Pure.
 */
import * as z from 'zod/mini';
import { parseStrategySpec } from '../../eval/strategy-spec.ts';
import { DEFAULT_SETUP, labSetupSchema, type LabSetup } from './lab-setup.ts';

type Field = Exclude<keyof LabSetup, 'workers'>;

const FIELDS = Object.keys(labSetupSchema.shape).filter(
  (name): name is Field => name !== 'workers',
);

export function encodeLab(setup: LabSetup): string {
  const params = new URLSearchParams();
  for (const name of FIELDS) {
    if (JSON.stringify(setup[name]) === JSON.stringify(DEFAULT_SETUP[name])) continue;
    params.set(name, valueText(setup[name]));
  }
  // Never empty: a link to the Lab says that the rest is as it comes.
  if ([...params].length === 0) params.set('seeds', String(setup.seeds));
  return `#/lab?${params.toString()}`;
}

function valueText(value: LabSetup[Field]): string {
  return Array.isArray(value) ? value.join(',') : String(value);
}

/** null where the address (unpacked) holds no set-up. Never throws. */
export function decodeLab(
  hash: string,
  current: LabSetup,
): { setup: LabSetup; notices: string[] } | null {
  const match = /^#\/?lab\?(.*)$/.exec(hash);
  if (match === null) return null;
  const params = new URLSearchParams(match[1]);
  const given = FIELDS.filter((name) => params.has(name));
  if (given.length === 0) return null;
  const notices: string[] = [];
  const read: Record<string, unknown> = { ...DEFAULT_SETUP, workers: current.workers };
  for (const name of given) {
    const text = params.get(name) ?? '';
    const parsed = z.safeParse(
      labSetupSchema.shape[name] as z.ZodMiniType<unknown>,
      parse(name, text),
    );
    if (parsed.success) read[name] = parsed.data;
    else notices.push(`The link asks for ${name} “${text.slice(0, 40)}”, which is not possible.`);
  }
  const setup = labSetupSchema.parse(read);
  const strategies = setup.strategies.filter((name) => {
    try {
      parseStrategySpec(name);
      return true;
    } catch {
      notices.push(`The link asks for the strategy “${name.slice(0, 40)}”, which is not known.`);
      return false;
    }
  });
  if (setup.source === 'file' && current.source !== 'file') {
    notices.push('The link was made with a problem file, which is not part of it: open the file.');
  }
  return { setup: { ...setup, strategies }, notices };
}

function parse(name: Field, text: string): unknown {
  const list = text === '' ? [] : text.split(',');
  if (name === 'strategies') return list;
  if (name === 'budgets') return list.map(Number);
  if (name === 'aggregation') return text === 'null' ? null : text;
  return typeof DEFAULT_SETUP[name] === 'number' && text.trim() !== '' ? Number(text) : text;
}
