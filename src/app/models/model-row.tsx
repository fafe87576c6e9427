/** One model of the catalogue: what it needs, what is there of it, and what can be done. */
import { useStore } from 'zustand';
import { suitability } from '../../engine/webllm/device-facts.ts';
import { describeLoad } from '../../engine/webllm/load-state.ts';
import type { CatalogueEntry } from '../../engine/webllm/catalogue.ts';
import type { ModelChoice } from '../../engine/webllm/webllm-model.ts';
import { useSession } from '../session-context.ts';
import { formatBytes } from '../ui/format.ts';
import { Failure } from './failure.tsx';
import type { ModelsDesk } from './models-desk.ts';
import { isDownloading } from './models-store.ts';

interface Props {
  readonly desk: ModelsDesk;
  readonly entry: ModelChoice & Partial<Pick<CatalogueEntry, 'label' | 'note' | 'diskMb'>>;
}

export function ModelRow({ desk, entry }: Props) {
  const session = useSession();
  const facts = useStore(desk.store, (state) => state.facts);
  const vramMb = useStore(desk.store, (state) => state.vramMb);
  const stored = useStore(desk.store, (state) => state.stored[entry.id]);
  const load = useStore(desk.store, (state) => state.downloads[entry.id]);
  const free = useStore(desk.store, (state) => state.quota?.freeBytes ?? null);
  const label = entry.label ?? entry.id;
  const { usable, reasons } =
    facts === null ? { usable: false, reasons: [] } : suitability(entry, facts, vramMb);
  const complete = stored?.complete === true;
  const full =
    !complete && free !== null && entry.diskMb !== undefined && entry.diskMb * 1e6 > free;
  // What holds for the whole device is said once, above the list.
  const own = facts === null || facts.adapter === null || usable ? [] : reasons;
  const notes = full ? [...own, 'There is not enough disk space for it.'] : own;
  const busy = isDownloading(load);
  return (
    <li className="model-row" aria-label={label} data-usable={usable}>
      <div className="model-words">
        <p>
          <strong>{label}</strong>{' '}
          {complete && <span className="badge">on disk, {formatBytes(stored.bytes)}</span>}
          {!complete && stored !== undefined && (
            <span className="badge">{formatBytes(stored.bytes)} on disk so far</span>
          )}
        </p>
        <p className="small muted">
          {entry.note !== undefined && `${entry.note} `}
          {entry.diskMb !== undefined && `Download about ${entry.diskMb} MB. `}
          {entry.vramMb > 0 && `GPU memory ${entry.vramMb} MB.`}
        </p>
        {notes.map((note) => (
          <p key={note} className="small warning">
            {note}
          </p>
        ))}
        {load !== undefined && load.phase !== 'failed' && (
          <div className="small" role="status" aria-label={`${label}: download`}>
            {describeLoad(load)}
            <progress max={1} value={load.progress} aria-hidden="true" />
          </div>
        )}
        {load?.error && <Failure error={load.error} onRetry={() => void desk.download(entry)} />}
      </div>
      <div className="button-row model-actions">
        {busy ? (
          <button type="button" onClick={() => desk.stopDownload(entry.id)}>
            Stop
          </button>
        ) : (
          !complete && (
            <button
              type="button"
              disabled={!usable || full}
              onClick={() => void desk.download(entry)}
            >
              {downloadWords(entry.diskMb, stored !== undefined)}
              <span className="visually-hidden"> {label}</span>
            </button>
          )
        )}
        {complete && usable && !busy && (
          <button type="button" onClick={() => session.useModels(desk.choiceFor(entry))}>
            Use for runs<span className="visually-hidden"> {label}</span>
          </button>
        )}
        {stored !== undefined && !busy && (
          <button type="button" className="quiet" onClick={() => void desk.remove(entry)}>
            Delete<span className="visually-hidden"> {label}</span>
          </button>
        )}
      </div>
    </li>
  );
}

function downloadWords(diskMb: number | undefined, begun: boolean): string {
  if (begun) return 'Go on downloading';
  return diskMb === undefined ? 'Download' : `Download ${diskMb} MB`;
}
