/**
 * Rows for a tree drawn in columns: siblings in order, no two nodes of a depth overlapping, parents
 * drawn to the middle of their children and children to their parent. Reingold–Tilford keeps
 * subtrees apart and so needs about twice the rows for searches, which are narrow in the middle and
 * full of leaves; here a column is as long as its nodes need. Sweeps of isotonic regression,
 * alternately down and up the depths (the priority method of Sugiyama et al. 1981, made exact).
 */
import type { HierarchyNode } from 'd3-hierarchy';
import { COUSIN_GAP } from './placement.ts';
import { packBlocks, type WishedBlock } from './slots.ts';

interface Cell<T> {
  readonly node: HierarchyNode<T>;
  readonly rows: number;
  readonly parent: Cell<T> | null;
  readonly children: Cell<T>[];
  row: number;
}

const SWEEPS = 3;
/** A node with children moves its leaves out of the way rather than the other way round. */
const PARENT_WEIGHT = 6;

/** The row of each node's middle. `rowsOf`: how many rows a node takes. */
export function layeredRows<T>(
  root: HierarchyNode<T>,
  rowsOf: (node: HierarchyNode<T>) => number,
): Map<HierarchyNode<T>, number> {
  const columns = makeColumns(root, rowsOf);
  columns.slice(1).forEach(placeUnderParents);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (let depth = columns.length - 2; depth >= 0; depth--) placeOverChildren(columns[depth]);
    if (sweep < SWEEPS - 1) columns.slice(1).forEach(placeUnderParents);
  }
  const rows = new Map<HierarchyNode<T>, number>();
  for (const column of columns) for (const cell of column) rows.set(cell.node, cell.row);
  return rows;
}

function makeColumns<T>(
  root: HierarchyNode<T>,
  rowsOf: (node: HierarchyNode<T>) => number,
): Cell<T>[][] {
  const columns: Cell<T>[][] = [];
  const cells = new Map<HierarchyNode<T>, Cell<T>>();
  // Breadth first, siblings in order: each column comes out sorted as its parents are.
  root.each((node) => {
    const parent = node.parent === null ? null : (cells.get(node.parent) ?? null);
    const cell: Cell<T> = { node, rows: rowsOf(node), parent, children: [], row: 0 };
    cells.set(node, cell);
    parent?.children.push(cell);
    (columns[node.depth] ??= []).push(cell);
  });
  return columns;
}

/** Sibling groups as blocks, each centred on its parent as well as the others allow. */
function placeUnderParents<T>(column: readonly Cell<T>[]): void {
  const groups: Cell<T>[][] = [];
  for (const cell of column) {
    const last = groups.at(-1);
    if (last !== undefined && last[0].parent === cell.parent) last.push(cell);
    else groups.push([cell]);
  }
  const blocks = groups.map((group): WishedBlock => ({
    center: group[0].parent?.row ?? 0,
    size: group.reduce((sum, cell) => sum + cell.rows, COUSIN_GAP),
    weight: group.length,
  }));
  packBlocks(blocks).forEach((low, i) => {
    let at = low + COUSIN_GAP / 2;
    for (const cell of groups[i]) {
      cell.row = at + cell.rows / 2;
      at += cell.rows;
    }
  });
}

/** Nodes one by one, parents to the middle of their children, leaves where they are. */
function placeOverChildren<T>(column: readonly Cell<T>[]): void {
  const blocks = column.map((cell, i): WishedBlock => {
    const before = i > 0 && column[i - 1].parent !== cell.parent ? COUSIN_GAP / 2 : 0;
    const next = column.at(i + 1);
    const after = next !== undefined && next.parent !== cell.parent ? COUSIN_GAP / 2 : 0;
    const first = cell.children.at(0);
    const last = cell.children.at(-1);
    const middle =
      first === undefined || last === undefined ? cell.row : (first.row + last.row) / 2;
    return {
      center: middle + (after - before) / 2,
      size: cell.rows + before + after,
      weight: first === undefined ? 1 : PARENT_WEIGHT,
    };
  });
  packBlocks(blocks).forEach((low, i) => {
    const before = i > 0 && column[i - 1].parent !== column[i].parent ? COUSIN_GAP / 2 : 0;
    column[i].row = low + before + column[i].rows / 2;
  });
}
