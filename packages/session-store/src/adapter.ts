export { decodeCursor, encodeCursor } from './page-cursor.ts';
export { LONGEST_LIFETIME_MS, Validation } from './validation.ts';
