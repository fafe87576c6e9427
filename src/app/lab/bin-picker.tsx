/** One of the difficulty bins. */
interface Props {
  /** Of the radio group; one for each picker on the page. */
  readonly name: string;
  readonly bin: number;
  readonly bins: number;
  readonly onBin: (bin: number) => void;
}

export function BinPicker({ name, bin, bins, onBin }: Props) {
  return (
    <fieldset className="segmented">
      <legend className="visually-hidden">Difficulty bin, 1 the easiest</legend>
      {Array.from({ length: bins }, (_, at) => (
        <label key={at}>
          <input type="radio" name={name} checked={bin === at + 1} onChange={() => onBin(at + 1)} />
          <span>{at === 0 ? '1, easiest' : at === bins - 1 ? `${bins}, hardest` : at + 1}</span>
        </label>
      ))}
    </fieldset>
  );
}
