export { catalogConformance } from './catalog/catalog-conformance.ts';
export type { SpecRunner } from './catalog/catalog-conformance.ts';
export { answer, failureOf, requestOf, rowsOf } from './query-engine-answers.ts';
export type { Answer } from './query-engine-answers.ts';
