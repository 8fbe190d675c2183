import type { Environment } from '@mooring/environment-config';
import type { Clock } from '@mooring/session-store';
import type { Config } from '../config.ts';
import { configurationFindings } from './configuration-findings.ts';
import type { ServiceName } from './configuration-findings.ts';
import { skipped } from './finding.ts';
import type { Finding } from './finding.ts';
import { dataFolderFinding, nodeFinding } from './local-findings.ts';
import { otherSchemaFindings } from './schema-findings.ts';
import { serviceFindings } from './service-findings.ts';
import { storeFindings } from './store-findings.ts';
import { warehouseFindings } from './warehouse-findings.ts';

export interface Examined {
  readonly env: Environment;
  /** Whose environment it is, where it is one service's. */
  readonly service: ServiceName | undefined;
  /** Of services that run. */
  readonly urls: readonly string[];
  readonly nodeVersion: string;
  readonly clock: Clock;
}

/** Looks at everything, whatever else is wrong, and changes nothing. */
export async function examine({ env, service, urls, nodeVersion, clock }: Examined): Promise<Finding[]> {
  const { findings, config } = await configurationFindings(env, service);
  const parts =
    config === undefined
      ? [[skipped('store', 'not looked at: the configuration has faults')]]
      : await Promise.all([
          dataFindings(config, clock),
          warehouseFindings(config, clock),
          dataFolderFinding(config.dataDir).then((finding) => [finding]),
        ]);
  return [nodeFinding(nodeVersion), ...findings, ...parts.flat(), ...(await serviceFindings(urls))];
}

/** Of the store, and of the schemas beside it; what is wrong with a server is said once. */
async function dataFindings(config: Config, clock: Clock): Promise<Finding[]> {
  const store = await storeFindings(config.store, clock);
  const isAway = store.some(({ check, status }) => check === 'database' && status === 'failed');
  return [...store, ...(isAway ? [] : await otherSchemaFindings(config))];
}
