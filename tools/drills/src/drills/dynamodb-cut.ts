import type { Drill } from '../drill.ts';

export const dynamodbCut: Drill = {
  name: 'dynamodb-cut',
  purpose: 'every connection to DynamoDB is reset, and every new one',
  backends: ['dynamodb'],
  inject: async (site) => site.line('dynamodb').cut(),
  recover: async (site) => site.line('dynamodb').heal(),
};
