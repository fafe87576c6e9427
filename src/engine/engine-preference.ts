/** Which of the own backends is wanted. `auto`: the GPU where it is hardware and passes the self-test,
 * else the CPU. The others force a backend. */
export const ENGINE_PREFERENCES = ['auto', 'webgpu', 'cpu'] as const;

export type EnginePreference = (typeof ENGINE_PREFERENCES)[number];
