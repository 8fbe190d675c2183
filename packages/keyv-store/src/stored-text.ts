import type { JsonValue } from '@mooring/session-store';

/** U+0000, also where a serializer wrote it as an escape, and halves of characters: some stores refuse them. */
const UNSTORABLE = /\0|\\u0000|\p{Cs}/u;

/** Any text as JSON that every store keeps: itself, or its UTF-16 in base64. */
export function storedText(text: string): JsonValue {
  return UNSTORABLE.test(text) ? { utf16: Buffer.from(text, 'utf16le').toString('base64') } : text;
}

export function textIn(stored: JsonValue | undefined): string | undefined {
  if (typeof stored === 'string') return stored;
  const utf16 = (stored as { readonly utf16?: JsonValue } | null | undefined)?.utf16;
  return typeof utf16 === 'string' ? Buffer.from(utf16, 'base64').toString('utf16le') : undefined;
}
