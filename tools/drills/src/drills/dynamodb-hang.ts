import type { Drill } from '../drill.ts';

export const dynamodbHang: Drill = {
  name: 'dynamodb-hang',
  purpose: 'connections to DynamoDB are half open: they stay, and nothing passes',
  backends: ['dynamodb'],
  inject: async (site) => site.line('dynamodb').hang(),
  recover: async (site) => site.line('dynamodb').heal(),
};
