export { Connection, query } from './file/connection.ts';
export type { Query, Value } from './file/connection.ts';
export { inspectFile, migrateFile } from './file/file-schema.ts';
export type { FileSchema } from './file/file-schema.ts';
export { unlocked } from './file/lock-wait.ts';
export { UnusableFile, preparedFile } from './file/private-file.ts';
export { isBusy, primaryCode, resultCodeOf } from './file/result-code.ts';
