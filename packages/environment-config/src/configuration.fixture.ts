import { z } from 'zod';
import { environment } from './environment.ts';

export const schema = z
  .object({
    MOORING_PORT: environment.integer({ min: 0, max: 65_535 }).default(8000).describe('The port to listen on.'),
    MOORING_MODE: environment.choice(['fast', 'safe']).default('safe').describe('How to run.'),
    MOORING_DEBUG: environment.boolean().default(false).describe('More in the log | slower.'),
    MOORING_TOKENS: environment
      .secret(environment.text({ pattern: /^\w+=\w+$/, takes: 'entries of token=tenant' }))
      .describe('Who may call.'),
    DATABASE_URL: environment
      .secret(environment.url(['postgres', 'postgresql']))
      .optional()
      .describe('Where the data is.'),
  })
  .superRefine((values, context) => {
    if (values.MOORING_MODE === 'fast' && values.DATABASE_URL === undefined) {
      context.addIssue({ code: 'custom', path: ['DATABASE_URL'], message: 'is required when MOORING_MODE is fast' });
    }
  })
  .transform((values) => ({ port: values.MOORING_PORT, mode: values.MOORING_MODE, debug: values.MOORING_DEBUG }));
