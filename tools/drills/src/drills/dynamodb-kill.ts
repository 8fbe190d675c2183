import type { Drill } from '../drill.ts';

export const dynamodbKill: Drill = {
  name: 'dynamodb-kill',
  purpose: 'kill -9 of DynamoDB, started again',
  backends: ['dynamodb'],
  inject: (site) => site.server('dynamodb').kill(),
  recover: (site) => site.server('dynamodb').restart(),
};
