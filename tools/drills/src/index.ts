export { BACKENDS } from './backends.ts';
export type { Backend } from './backends.ts';
