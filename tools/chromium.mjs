/** Where Chromium is: CHROMIUM_PATH, the PATH, or (as root on Debian) installed on the spot. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

export function findChromium({ install = false } = {}) {
  const found = locate();
  if (found) return found;
  if (install && installOnDebian()) {
    const installed = locate();
    if (installed) return installed;
  }
  console.error(
    'Browser tests need Chromium. Install it (Debian, Ubuntu: apt-get install chromium) or set CHROMIUM_PATH.',
  );
  process.exit(1);
}

function locate() {
  const named = process.env.CHROMIUM_PATH;
  if (named) return existsSync(named) ? named : null;
  for (const name of NAMES) {
    const which = spawnSync('which', [name], { encoding: 'utf8' });
    if (which.status === 0) return which.stdout.trim();
  }
  return null;
}

function installOnDebian() {
  const root = typeof process.getuid === 'function' && process.getuid() === 0;
  if (!root || spawnSync('which', ['apt-get']).status !== 0) return false;
  console.log('Chromium is missing: installing it with apt-get');
  const options = {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  spawnSync('apt-get', ['update', '-q'], options);
  return (
    spawnSync('apt-get', ['install', '-yq', '--no-install-recommends', 'chromium'], options)
      .status === 0
  );
}
