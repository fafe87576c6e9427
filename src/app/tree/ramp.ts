/**
 * The one sequential colour scale of the tree: verifier score 0 … 1. Viridis (Smith & van der Walt,
 * matplotlib 2015), perceptually uniform and safe for colour-blind readers, cut at both ends so
 * that it reads on paper and on black. It never changes with theme or data: a colour is a score.
 */
const ANCHORS: readonly (readonly [number, number, number])[] = [
  [0x46, 0x2b, 0x7a],
  [0x3f, 0x47, 0x88],
  [0x32, 0x64, 0x8e],
  [0x27, 0x7f, 0x8e],
  [0x1f, 0x9a, 0x8a],
  [0x3c, 0xb4, 0x75],
  [0x74, 0xcf, 0x55],
  [0xb4, 0xde, 0x2c],
  [0xf1, 0xe5, 0x1d],
];

/** Scores are drawn in this many steps, so that marks can be painted in batches. */
export const RAMP_STEPS = 32;

function mix(t: number): readonly [number, number, number] {
  const at = Math.min(Math.max(t, 0), 1) * (ANCHORS.length - 1);
  const low = Math.min(Math.floor(at), ANCHORS.length - 2);
  const part = at - low;
  const a = ANCHORS[low];
  const b = ANCHORS[low + 1];
  const blend = (i: 0 | 1 | 2) => Math.round(a[i] + (b[i] - a[i]) * part);
  return [blend(0), blend(1), blend(2)];
}

const COLORS: readonly string[] = Array.from({ length: RAMP_STEPS }, (_, i) => {
  const [r, g, b] = mix(i / (RAMP_STEPS - 1));
  return `rgb(${r} ${g} ${b})`;
});

/** The step of a score in [0, 1]; out-of-range scores take the nearest end. */
export function rampStep(score: number): number {
  const at = Math.round(Math.min(Math.max(score, 0), 1) * (RAMP_STEPS - 1));
  return Number.isNaN(at) ? 0 : at;
}

export function rampColor(step: number): string {
  return COLORS[step] ?? COLORS[0];
}

export function scoreColor(score: number): string {
  return rampColor(rampStep(score));
}

/** Black or white, whichever reads better on the colour of `step` (WCAG relative luminance). */
export function inkOn(step: number): '#000' | '#fff' {
  const [r, g, b] = mix(step / (RAMP_STEPS - 1)).map((channel) => {
    const c = channel / 255;
    return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? '#000' : '#fff';
}

/** A CSS gradient over the whole scale, for legends. */
export function rampGradient(direction = 'to right'): string {
  return `linear-gradient(${direction}, ${COLORS.join(', ')})`;
}

/** A score as text, always two places: ".91", "1.00". */
export function scoreText(score: number): string {
  const text = score.toFixed(2);
  return text.startsWith('0.') ? text.slice(1) : text;
}
