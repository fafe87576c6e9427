/** A device that can hold any model of the tests. */
import type { DeviceFacts } from '../device-facts.ts';

export const HARDWARE: DeviceFacts = {
  adapter: 'Some GPU',
  webgpu: 'hardware',
  shaderF16: true,
  maxBufferBytes: 2 ** 31,
  maxBindingBytes: 2 ** 31,
  maxStorageBuffers: 10,
  maxWorkgroupBytes: 32768,
};
