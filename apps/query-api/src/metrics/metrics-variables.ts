import { environment } from '@mooring/environment-config';

const { choice, integer, text } = environment;

/** Of what is measured by tenant, and of metrics for CloudWatch. */
export const metricsVariables = {
  MOORING_METRICS_TENANTS: integer({ min: 0, max: 1000 })
    .default(0)
    .describe(
      'Of how many tenants the metrics of warehouse sessions have a label of their own; the rest are `other`. 0 for no ' +
        'label: each tenant is a series of every such metric.',
    ),
  MOORING_METRICS_EMF: choice(['off', 'stdout'])
    .default('off')
    .describe(
      "`stdout` writes a line a minute for each tenant that ran statements, in CloudWatch's embedded metric format, beside " +
        'the log.',
    ),
  MOORING_METRICS_EMF_NAMESPACE: text({ pattern: /^[A-Za-z0-9._/#:-]{1,255}$/, takes: 'a CloudWatch namespace' })
    .default('Spectra')
    .describe('The CloudWatch namespace of these lines.'),
};

interface MetricsValues {
  readonly MOORING_METRICS_TENANTS: number;
  readonly MOORING_METRICS_EMF: 'off' | 'stdout';
  readonly MOORING_METRICS_EMF_NAMESPACE: string;
}

export function metricsOptionsOf(values: MetricsValues) {
  return {
    tenants: values.MOORING_METRICS_TENANTS,
    /** Undefined: none are written. */
    emfNamespace: values.MOORING_METRICS_EMF === 'off' ? undefined : values.MOORING_METRICS_EMF_NAMESPACE,
  };
}
