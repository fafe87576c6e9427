/** Matrices as latex.ts writes them, ⟦a&b;c&d⟧, and as lists of lists. Pure. */
import type { Answer } from './answer.ts';

const MAX_CELLS = 40;
/** Larger determinants are no answer that somebody left to be worked out. */
const MAX_ORDER = 3;

type Cells = readonly (readonly string[])[];

function cellsOf(body: string): Cells {
  return body
    .split(';')
    .filter((row) => row.trim() !== '')
    .map((row) => row.split('&').map((cell) => cell.trim()));
}

/** The determinant of ⟦body⟧ as an expression; null where it is not square or too large. */
export function determinantOf(body: string): string | null {
  const rows = cellsOf(body);
  const square = rows.every(
    (row) => row.length === rows.length && row.every((cell) => cell !== ''),
  );
  return rows.length > 0 && rows.length <= MAX_ORDER && square ? expand(rows) : null;
}

/** Along the first row. */
function expand(rows: Cells): string {
  const [first, ...rest] = rows;
  if (rest.length === 0) return `(${first[0]})`;
  const terms = first.map((cell, at) => {
    const minor = rest.map((row) => row.filter((_, column) => column !== at));
    return `${at % 2 === 0 ? '+' : '-'}(${cell})*${expand(minor)}`;
  });
  return `(${terms.join('').replace(/^\+/, '')})`;
}

/** A matrix, also transposed or times a number in front. `readCell` reads its entries. */
export function readMatrix(text: string, readCell: (text: string) => Answer): Answer | null {
  const written = !text.includes('⟦')
    ? null
    : /^(.*?)\s*\*?\s*[([]?\s*⟦([^⟦⟧]*)⟧\s*[)\]]?\s*(\^\(?\s*T\s*\)?)?$/.exec(text);
  const body = written === null ? rowsOfLists(text) : written[2];
  if (body === undefined) return null;
  const factor = written?.[1].trim() ?? '';
  if (/[,;=<>⟨⟦]/.test(factor)) return null;
  const cells = cellsOf(body);
  const count = cells.reduce((total, row) => total + row.length, 0);
  const even = cells.every((row) => row.length === cells[0].length);
  if (count === 0 || count > MAX_CELLS || !even) return null;
  const turned =
    written?.[3] === undefined ? cells : cells[0].map((_, i) => cells.map((row) => row[i]));
  const scaled = (cell: string): string =>
    factor === '' ? cell : `${factor === '-' ? '-1' : `(${factor})`}*(${cell})`;
  return { kind: 'matrix', rows: turned.map((row) => row.map((cell) => readCell(scaled(cell)))) };
}

/** [[1,2],[3,4]] as rows; undefined for anything else. */
function rowsOfLists(text: string): string | undefined {
  const inner = /^\[\s*(\[[^[\]]*\](?:\s*,\s*\[[^[\]]*\])+)\s*\]$/.exec(text)?.[1];
  return inner
    ?.replace(/\]\s*,\s*\[/g, ';')
    .replace(/[[\]]/g, '')
    .replace(/,/g, '&');
}
