import { parser } from '@prometheus-io/lezer-promql';

/** A time series that an expression asks for, and the names of labels that it goes by. */
export interface Selector {
  readonly metric: string;
  readonly labels: readonly string[];
}

export interface Asked {
  readonly selectors: readonly Selector[];
  /** Of `by (…)` and `without (…)`. */
  readonly groupings: readonly string[];
}

/** What a PromQL expression asks for. Throws on one that can't be read. */
export function askedBy(expression: string): Asked {
  const selectors: { metric: string; labels: string[] }[] = [];
  const groupings: string[] = [];
  let inGrouping = false;
  parser.parse(expression).iterate({
    enter: ({ name, type, from, to }) => {
      const text = expression.slice(from, to);
      if (type.isError) throw new Error(`can not be read at ${from}: ${expression}`);
      if (name === 'GroupingLabels') inGrouping = true;
      if (name === 'VectorSelector') selectors.push({ metric: '', labels: [] });
      const selector = selectors.at(-1);
      if (name === 'Identifier' && selector !== undefined && selector.metric === '') selector.metric = text;
      if (name === 'LabelName') (inGrouping ? groupings : (selector?.labels ?? [])).push(text);
    },
    leave: ({ name }) => {
      if (name === 'GroupingLabels') inGrouping = false;
    },
  });
  return { selectors, groupings };
}
