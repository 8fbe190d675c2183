import type { Backend } from './backends.ts';
import type { Site } from './site/site.ts';

/** What a verdict can't hold, with the reason that a document of the product gives. */
export type Exemption = 'limit is exact';

/** A fault in something that runs, and what happens to it. */
export interface Drill {
  readonly name: string;
  /** One line for the list. */
  readonly purpose: string;
  readonly backends: readonly Backend[];
  /** Breaks it. The load goes on. */
  inject(site: Site): Promise<void>;
  /** Ends the fault and no more: what was broken by it has to mend itself. */
  recover(site: Site): Promise<void>;
  /** Lines of the verdict that are not judged on these backends, with the reason. */
  readonly exempt?: Partial<
    Readonly<Record<Exemption, { readonly backends: readonly Backend[]; readonly why: string }>>
  >;
}
