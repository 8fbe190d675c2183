export { catalogConformance } from './catalog/catalog-conformance.ts';
export type { SpecRunner } from './catalog/catalog-conformance.ts';
