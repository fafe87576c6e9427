/** Which line is which: colour, dash and marker together. */
import { markerPath, strategyStyle } from '../ui/strategy-style.ts';

interface Props {
  readonly label: string;
  readonly strategies: readonly string[];
}

export function Legend({ label, strategies }: Props) {
  return (
    <ul className="legend small" aria-label={label}>
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
