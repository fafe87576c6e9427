/**
 * Imported before a worker's own script: its GPU can be lost by a message, at once or as soon as the
 * worker itself says a certain text.
 */
export const LOSE_GPU = 'lose the GPU';
export const loseGpuAt = (text: string): string => `${LOSE_GPU} at ${text}`;

const devices: GPUDevice[] = [];
let moment: string | null = null;

function lose(): void {
  moment = null;
  for (const device of devices.splice(0)) device.destroy();
}

if (typeof GPUAdapter !== 'undefined') {
  const request: (descriptor?: GPUDeviceDescriptor) => Promise<GPUDevice> =
    GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (descriptor) {
    const device = await request.call(this, descriptor);
    devices.push(device);
    return device;
  };
}

const post: (message: unknown) => void = self.postMessage.bind(self);
self.postMessage = (message: unknown): void => {
  if (moment !== null && JSON.stringify(message).includes(moment)) lose();
  post(message);
};

self.addEventListener('message', (event: MessageEvent<unknown>) => {
  if (typeof event.data !== 'string' || !event.data.startsWith(LOSE_GPU)) return;
  event.stopImmediatePropagation();
  if (event.data === LOSE_GPU) lose();
  else moment = event.data.slice(loseGpuAt('').length);
});
