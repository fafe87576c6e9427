/**
 * `npm run -s report`: writes `docs/report.md` and its figures from the measurements in the
 * repository. Equal measurements give equal files.
 *
 * Options: --curves FOLDER, --calibration FILE, --out FOLDER
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { toAppError } from '../src/shared/errors.ts';
import { drawFigure } from './report/draw-figure.ts';
import { parseCalibration, parseCurves, type CurvesFile } from './report/curves-file.ts';
import { svgStyle } from './report/palette.ts';
import { buildReport } from './report/report.ts';

const root = resolve(import.meta.dirname, '..');

try {
  write();
} catch (thrown) {
  const { message, advice } = toAppError(thrown);
  console.error(`${message}\n${advice}`);
  process.exitCode = 1;
}

function write(): void {
  const { values } = parseArgs({
    options: {
      curves: { type: 'string', default: join(root, 'public/curves') },
      calibration: { type: 'string', default: join(root, 'docs/calibration.json') },
      out: { type: 'string', default: join(root, 'docs') },
    },
  });
  const { markdown, figures } = buildReport({
    curves: readCurves(values.curves),
    calibrations: existsSync(values.calibration)
      ? parseCalibration(values.calibration, readJson(values.calibration))
      : [],
  });
  const palette = svgStyle(readFileSync(join(root, 'src/app/ui/theme.css'), 'utf8'));
  const folder = join(values.out, 'report');
  mkdirSync(folder, { recursive: true });
  // Figures of measurements that are gone must not stay behind.
  for (const file of readdirSync(folder)) if (file.endsWith('.svg')) rmSync(join(folder, file));
  for (const [file, figure] of figures) {
    writeFileSync(join(folder, file), drawFigure(figure, palette));
  }
  writeFileSync(join(values.out, 'report.md'), markdown);
  console.log(`${join(values.out, 'report.md')} with ${figures.size} figures`);
}

function readCurves(folder: string): Map<string, CurvesFile> {
  const found = new Map<string, CurvesFile>();
  for (const file of readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()) {
    const curves = parseCurves(file, readJson(join(folder, file)));
    if (curves !== null) found.set(file.replace(/\.json$/, ''), curves);
  }
  return found;
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
