import { DescribeTableCommand, DescribeTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import type {
  DescribeTableCommandOutput,
  DescribeTimeToLiveCommandOutput,
  TableDescription,
} from '@aws-sdk/client-dynamodb';
import { StoreError } from '@mooring/session-store';
import type { Requests } from './requests.ts';
import { TIME_TO_LIVE } from './table-definition.ts';

export async function describe(
  requests: Requests,
  operation: string,
  table: string,
): Promise<TableDescription | undefined> {
  try {
    const command = () => new DescribeTableCommand({ TableName: table });
    return (await requests.send<DescribeTableCommandOutput>(operation, command, 'read')).Table;
  } catch (error) {
    if (nameOf(error) === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

/** `elsewhere`: on an attribute of somebody else. */
export type TimeToLive = 'enabled' | 'disabled' | 'elsewhere';

export async function describeTimeToLive(requests: Requests, operation: string, table: string): Promise<TimeToLive> {
  const command = () => new DescribeTimeToLiveCommand({ TableName: table });
  const answer = await requests.send<DescribeTimeToLiveCommandOutput>(operation, command, 'read');
  const { TimeToLiveStatus, AttributeName } = answer.TimeToLiveDescription ?? {};
  if (TimeToLiveStatus !== 'ENABLED' && TimeToLiveStatus !== 'ENABLING') return 'disabled';
  return AttributeName === TIME_TO_LIVE ? 'enabled' : 'elsewhere';
}

/** The name of DynamoDB's exception behind a failure. */
export function nameOf(error: unknown): string | undefined {
  return error instanceof StoreError && error.cause instanceof Error ? error.cause.message : undefined;
}
