export { Legend, type LegendProps } from './legend.tsx';
export { NodeDetail, type CheckStep, type NodeDetailProps } from './node-detail.tsx';
export { Scrubber, type ScrubberProps } from './scrubber.tsx';
export { SearchTreePanel, type SearchTreePanelProps } from './search-tree-panel.tsx';
export { TreeCanvas, type TreeCanvasHandle, type TreeCanvasProps } from './tree-canvas.tsx';
export { TreeTwin, type TreeTwinProps } from './tree-twin.tsx';
