/** For tests: the page's GPU, with the devices it gave out in hand, so that one can be lost. */

export interface LosableGpu {
  readonly gpu: GPU;
  readonly devices: GPUDevice[];
}

/** `prepare` is called with each device before it is given out. */
export function losableGpu(prepare: (device: GPUDevice) => void = () => undefined): LosableGpu {
  const devices: GPUDevice[] = [];
  const gpu = {
    wgslLanguageFeatures: navigator.gpu.wgslLanguageFeatures,
    requestAdapter: async (options?: GPURequestAdapterOptions) => {
      const adapter = await navigator.gpu.requestAdapter(options);
      if (!adapter) return null;
      return {
        info: adapter.info,
        features: adapter.features,
        limits: adapter.limits,
        requestDevice: async (descriptor?: GPUDeviceDescriptor) => {
          const device = await adapter.requestDevice(descriptor);
          devices.push(device);
          prepare(device);
          return device;
        },
      } as GPUAdapter;
    },
  } as GPU;
  return { gpu, devices };
}
