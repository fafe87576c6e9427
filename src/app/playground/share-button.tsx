/** Copies the link that reproduces the settings; where copying is forbidden, shows it. */
import { useEffect, useState } from 'react';
import { useSession } from '../session-context.ts';

export function ShareButton() {
  const session = useSession();
  const [state, setState] = useState<'idle' | 'copied' | 'shown'>('idle');
  const [link, setLink] = useState('');

  useEffect(() => {
    if (state !== 'copied') return;
    const timer = setTimeout(() => setState('idle'), 2000);
    return () => clearTimeout(timer);
  }, [state]);

  async function share(): Promise<void> {
    const address = await session.link();
    setLink(address);
    try {
      await navigator.clipboard.writeText(address);
      setState('copied');
    } catch {
      // No permission, or an insecure origin: the visitor can still copy by hand.
      setState('shown');
    }
  }

  return (
    <div className="popover-anchor">
      <button type="button" onClick={() => void share()}>
        Share
      </button>
      <span className="visually-hidden" role="status" aria-label="Share">
        {state === 'copied' ? 'Link copied' : ''}
      </span>
      {state === 'copied' && (
        <span className="popover popover-hint" aria-hidden="true">
          Link copied
        </span>
      )}
      {state === 'shown' && (
        <span className="popover">
          <input
            aria-label="Link to this run"
            readOnly
            value={link}
            ref={(input) => input?.select()}
            onBlur={() => setState('idle')}
          />
        </span>
      )}
    </div>
  );
}
