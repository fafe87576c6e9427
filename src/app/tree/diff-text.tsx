/** Character differences in HTML. */
import { diffText } from './diff.ts';

/** A change between two attempts, marked by element and line, not by colour alone. */
export function Diff({ before, after }: { readonly before: string; readonly after: string }) {
  return (
    <code className="tree-diff">
      {diffText(before, after).map((part, index) => {
        if (part.kind === 'added') return <ins key={index}>{part.text}</ins>;
        if (part.kind === 'removed') return <del key={index}>{part.text}</del>;
        return <span key={index}>{part.text}</span>;
      })}
    </code>
  );
}
