import type { Drill } from '../drill.ts';

export const dynamodbSlow: Drill = {
  name: 'dynamodb-slow',
  purpose: 'what goes to DynamoDB and comes back takes 200 ms longer each way',
  backends: ['dynamodb'],
  inject: async (site) => site.line('dynamodb').delay(200),
  recover: async (site) => site.line('dynamodb').heal(),
};
