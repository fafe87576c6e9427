/** Keys that move the camera, the same on the picture and on the tree behind it. */
export interface CameraKey {
  /** Pixels to move the picture by. */
  readonly pan?: readonly [number, number];
  /** Factor to zoom by. */
  readonly zoom?: number;
}

const PAN_PX = 48;
const ZOOM = 1.25;

const KEYS: Readonly<Record<string, CameraKey>> = {
  ArrowLeft: { pan: [PAN_PX, 0] },
  ArrowRight: { pan: [-PAN_PX, 0] },
  ArrowUp: { pan: [0, PAN_PX] },
  ArrowDown: { pan: [0, -PAN_PX] },
  '+': { zoom: ZOOM },
  '=': { zoom: ZOOM },
  '-': { zoom: 1 / ZOOM },
};

export function cameraKey(key: string): CameraKey | null {
  return KEYS[key] ?? null;
}
