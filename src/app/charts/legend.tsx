/** Which line is which: colour, dash and marker together. */
import { markerPath, strategyStyle } from '../ui/strategy-style.ts';

export function Legend({ strategies }: { readonly strategies: readonly string[] }) {
  return (
    <ul className="legend small" aria-label="Legend">
      {strategies.map((strategy) => {
        const style = strategyStyle(strategy);
        return (
          <li key={strategy}>
            <svg width="28" height="12" aria-hidden="true">
              <path
                d="M0,6H28"
                stroke={style.color}
                strokeWidth="1.75"
                strokeDasharray={style.dash}
                fill="none"
              />
              <path
                d={markerPath(style.marker, 7)}
                transform="translate(14,6)"
                fill={style.hollow ? 'var(--bg)' : style.color}
                stroke={style.color}
                strokeWidth="1.5"
              />
            </svg>
            {style.label}
          </li>
        );
      })}
    </ul>
  );
}
