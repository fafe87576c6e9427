/** The engine of the small models: what was found, what runs and why, and a way to force another. */
import { useStore } from 'zustand';
import { ENGINE_PREFERENCES } from '../../engine/engine-preference.ts';
import type { EngineFacts } from '../../worker/engine-facts.ts';
import { useSession } from '../session-context.ts';
import { formatBinaryBytes } from '../ui/format.ts';
import { SelectField } from '../ui/fields.tsx';

const NAMES: Record<(typeof ENGINE_PREFERENCES)[number], string> = {
  auto: 'Automatic',
  webgpu: 'WebGPU',
  cpu: 'CPU',
};

const HINTS: typeof NAMES = {
  auto: 'The GPU where it is real hardware and passes a self-test, else the CPU.',
  webgpu: 'The GPU, whatever it is; the CPU only if it cannot be had at all.',
  cpu: 'WebAssembly on one core; works everywhere.',
};

/** Limits that the engine asks for, in words, and whether they are bytes. */
const LIMITS: Readonly<Record<string, readonly [string, 'bytes' | 'number']>> = {
  maxBufferSize: ['Largest buffer', 'bytes'],
  maxStorageBufferBindingSize: ['Largest binding', 'bytes'],
  maxStorageBuffersPerShaderStage: ['Buffers in one kernel', 'number'],
  maxComputeWorkgroupStorageSize: ['Workgroup memory', 'bytes'],
  maxComputeInvocationsPerWorkgroup: ['Threads in a workgroup', 'number'],
};

export function EngineSection() {
  const session = useSession();
  const preference = useStore(session.engine, (state) => state.preference);
  const status = useStore(session.engine, (state) => state.status);
  const facts = status.phase === 'ready' ? status.device : undefined;
  const elsewhere = useStore(session.engine, (state) => state.kind !== 'shipped');
  return (
    <section aria-labelledby="engine-title" className="models-section">
      <h2 id="engine-title">Engine of the small models</h2>
      <div className="engine-choice">
        <SelectField
          label="Engine"
          value={preference}
          options={ENGINE_PREFERENCES.map((value) => ({ value, label: NAMES[value] }))}
          hint={`${HINTS[preference]} Remembered in this browser.`}
          onChange={(value) => session.useEngine(value)}
        />
      </div>
      <div role="status" aria-label="Why this one" className="engine-why">
        {elsewhere && (
          <p className="muted">Other models were chosen; this is for the small ones.</p>
        )}
        {!elsewhere && facts === undefined && (
          <p className="muted">
            {status.phase === 'failed' ? 'Nothing runs at present.' : 'Looking at the device …'}
          </p>
        )}
        {facts !== undefined && <Reasons facts={facts} />}
      </div>
      {facts?.adapter && <AdapterDetails adapter={facts.adapter} />}
    </section>
  );
}

function Reasons({ facts }: { facts: EngineFacts }) {
  return (
    <>
      {facts.warning !== null && <p className="warning">{facts.warning}</p>}
      <ul className="engine-reasons">
        {facts.reasons
          .filter((reason) => reason !== facts.warning)
          .map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
      </ul>
    </>
  );
}

function AdapterDetails({ adapter }: { adapter: NonNullable<EngineFacts['adapter']> }) {
  const limits = Object.entries(adapter.limits).flatMap(([name, value]) => {
    const known = LIMITS[name];
    if (known === undefined) return [];
    const [label, unit] = known;
    return [[label, unit === 'bytes' ? formatBinaryBytes(value) : String(value)] as const];
  });
  return (
    <details>
      <summary>The adapter: limits and features</summary>
      <dl className="facts" aria-label="Adapter">
        <div>
          <dt className="muted">Adapter</dt>
          <dd>{adapter.name}</dd>
        </div>
        <div>
          <dt className="muted">Kind</dt>
          <dd>{adapter.software ? 'software, on the CPU' : 'hardware'}</dd>
        </div>
        {limits.map(([label, value]) => (
          <div key={label}>
            <dt className="muted">{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p className="small muted">
        Features: {adapter.features.length > 0 ? adapter.features.join(', ') : 'none'}
      </p>
    </details>
  );
}
