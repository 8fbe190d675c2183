import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { catalogConformance } from '@mooring/engine/conformance';
import { auditConformance } from '../audit/audit-conformance.fixture.ts';
import { CatalogFolder } from './catalog-folder.fixture.ts';

let folder: CatalogFolder;

beforeAll(async () => {
  folder = await CatalogFolder.make();
});

afterAll(() => folder?.remove());

catalogConformance({ describe, it }, 'SQLite', () => folder.open());
auditConformance('SQLite', () => folder.open());
