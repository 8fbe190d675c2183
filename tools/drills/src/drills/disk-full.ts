import type { Drill } from '../drill.ts';
import { limitFiles } from '../site/file-limit.ts';

export const diskFull: Drill = {
  name: 'disk-full',
  purpose: 'no file of any service can grow: SQLite has no room to write',
  backends: ['sqlite'],
  inject: (site) => limitFiles(site, '0'),
  recover: (site) => limitFiles(site, 'unlimited'),
};
