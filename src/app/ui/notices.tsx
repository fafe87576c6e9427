/** Messages above the page: broken links, failed imports, unexpected errors. */
import { useStore } from 'zustand';
import { useSession } from '../session-context.ts';

export function Notices() {
  const { notices: store } = useSession();
  const notices = useStore(store, (state) => state.notices);
  return (
    <div className="notices" role="region" aria-label="Notices" aria-live="polite">
      {notices.map((notice) => (
        <div key={notice.id} className={`notice notice-${notice.tone}`}>
          <div className="notice-text">
            <span>{notice.text}</span> {notice.advice !== '' && <span>{notice.advice}</span>}
            {notice.details !== '' && <div className="small mono">{notice.details}</div>}
          </div>
          <button
            type="button"
            className="quiet"
            aria-label="Dismiss notice"
            onClick={() => store.dismiss(notice.id)}
          >
            ×
          </button>
        </div>
      ))}
    </div>
  );
}
