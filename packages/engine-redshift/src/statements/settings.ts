/** Those whose values change neither what names mean nor how values are written, nor what others get. */
const SETTINGS: ReadonlySet<string> = new Set(['timezone', 'query_group', 'enable_result_cache_for_session']);

/** Whether SET and RESET of it are a connection's own. */
export function isOwnSetting(name: string): boolean {
  return SETTINGS.has(name.toLowerCase());
}
