/** Language models that run in this tab, filtered by what the device can do. */
import { useId, useState, type FormEvent } from 'react';
import { useStore } from 'zustand';
import { CATALOGUE, needsShaderF16 } from '../../engine/webllm/catalogue.ts';
import type { DeviceFacts } from '../../engine/webllm/device-facts.ts';
import { toAppError, type ErrorData } from '../../shared/errors.ts';
import { CheckField, NumberField, SelectField } from '../ui/fields.tsx';
import { Failure } from './failure.tsx';
import { ModelRow } from './model-row.tsx';
import type { ModelsDesk } from './models-desk.ts';

export function CatalogueSection({ desk }: { desk: ModelsDesk }) {
  const facts = useStore(desk.store, (state) => state.facts);
  const custom = useStore(desk.store, (state) => state.custom);
  const vramMb = useStore(desk.store, (state) => state.vramMb);
  const [all, setAll] = useState(false);
  const shown = CATALOGUE.filter(({ id }) => all || facts === null || suits(id, facts));
  return (
    <section aria-labelledby="catalogue-title" className="models-section">
      <h2 id="catalogue-title">Language models in this tab</h2>
      <p className="muted">
        Models of the public web-llm catalogue, for any problem in words. They run on the GPU, one
        sequence at a time: a search takes minutes where the small models take a second. The judge
        of the solutions is loaded beside the model that writes, even if both are the same.
      </p>
      <p className={facts !== null && facts.adapter === null ? 'warning' : 'small muted'}>
        {facts === null ? 'Looking at the device …' : describeDevice(facts)}
      </p>
      <div className="model-filter">
        <NumberField
          label="GPU memory, in MB"
          value={vramMb ?? 0}
          min={0}
          max={200_000}
          step={1}
          hint="The web does not tell; 0 means unknown."
          onChange={(value) => desk.store.setState({ vramMb: value === 0 ? null : value })}
        />
        <JudgeField desk={desk} />
        <ContextField desk={desk} />
        <CheckField label="Show both versions of each model" checked={all} onChange={setAll} />
      </div>
      <ul className="model-list" aria-label="Catalogue">
        {shown.map((entry) => (
          <ModelRow key={entry.id} desk={desk} entry={entry} />
        ))}
        {custom.map((entry) => (
          <ModelRow key={entry.id} desk={desk} entry={entry} />
        ))}
      </ul>
      <p className="small muted">
        Files of weights are checked when they arrive: by size and, where the publisher gives one
        (MLC's tools write it), by MD5 checksum, which finds damage but not forgery. The library,
        the tokenizer and the settings come without a checksum: that they can be read is all that is
        known.
      </p>
      <CustomModel desk={desk} />
    </section>
  );
}

/** Models can judge once they are on disk; the choice holds for the next "Use for runs". */
function JudgeField({ desk }: { desk: ModelsDesk }) {
  const judge = useStore(desk.store, (state) => state.judge);
  useStore(desk.store, (state) => state.stored);
  const judges = desk.judges().map(({ id }) => id);
  const known = judge === 'nobody' || judge === 'likelihood' || judges.includes(judge);
  return (
    <SelectField
      label="Judge of the solutions"
      value={known ? judge : 'itself'}
      options={[
        { value: 'itself', label: 'The model itself' },
        ...judges.map((id) => ({ value: id, label: id })),
        { value: 'likelihood', label: 'Its own confidence (likelihood)' },
        { value: 'nobody', label: 'Nobody: votes decide' },
      ]}
      hint={JUDGE_HINTS[judge] ?? 'Any model on disk can judge another.'}
      onChange={(chosen) => desk.store.setState({ judge: chosen })}
    />
  );
}

const JUDGE_HINTS: Readonly<Record<string, string>> = {
  likelihood:
    'Writes slower: for every token the scores of the whole vocabulary are read back from the GPU. Taken at temperature 1, whatever the run’s. What a model finds likely need not be right.',
  nobody: 'The answer that most solutions agree on is chosen (self-consistency).',
};

const CONTEXTS = [1024, 2048, 4096, 8192] as const;

function ContextField({ desk }: { desk: ModelsDesk }) {
  const tokens = useStore(desk.store, (state) => state.contextTokens);
  return (
    <SelectField
      label="Context"
      value={String(tokens)}
      options={CONTEXTS.map((value) => ({ value: String(value), label: `${value} tokens` }))}
      hint="Room for problem and solution; shorter takes less GPU memory."
      onChange={(value) => desk.store.setState({ contextTokens: Number(value) })}
    />
  );
}

/** The 16-bit version where the GPU has such shaders, the 32-bit one elsewhere. */
function suits(id: string, facts: DeviceFacts): boolean {
  return needsShaderF16(id) === facts.shaderF16;
}

function describeDevice(facts: DeviceFacts): string {
  switch (facts.webgpu) {
    case 'missing':
      return 'This browser has no WebGPU, so these models cannot run here. The shipped small models run on the CPU all the same, and a server (below) can serve larger ones. Recent versions of Chrome, Edge and Safari have WebGPU.';
    case 'no-adapter':
      return 'The browser has WebGPU but finds no usable GPU, so these models cannot run here. Hardware acceleration may be switched off. The shipped small models run on the CPU all the same, and a server (below) can serve larger ones.';
    case 'software':
      return `WebGPU is emulated on the CPU here (${facts.adapter}): these models would be very slow.`;
    case 'hardware': {
      const half = facts.shaderF16 ? 'with' : 'without';
      return `GPU: ${facts.adapter}, ${half} 16-bit shaders.`;
    }
  }
}

function CustomModel({ desk }: { desk: ModelsDesk }) {
  const id = useId();
  const [error, setError] = useState<ErrorData | null>(null);
  function add(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    try {
      desk.addCustom(String(form.get('model') ?? ''), String(form.get('lib') ?? ''));
      setError(null);
      event.currentTarget.reset();
    } catch (thrown) {
      setError(toAppError(thrown).toData());
    }
  }
  return (
    <details>
      <summary>Another model, by address</summary>
      <form className="models-form" onSubmit={add}>
        <div className="field">
          <label htmlFor={`${id}-model`}>Weights (an MLC model folder)</label>
          <input id={`${id}-model`} name="model" type="text" inputMode="url" spellCheck={false} />
        </div>
        <div className="field">
          <label htmlFor={`${id}-lib`}>Library (.wasm, made for web-llm 0.2.86)</label>
          <input id={`${id}-lib`} name="lib" type="text" inputMode="url" spellCheck={false} />
        </div>
        <div className="button-row">
          <button type="submit">Add</button>
        </div>
        {error !== null && <Failure error={error} />}
      </form>
    </details>
  );
}
