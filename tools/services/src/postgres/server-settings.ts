export interface ServerSettings {
  /** Whether committed data survives a power cut. */
  readonly durable: boolean;
  readonly maxConnections: number;
  readonly settings: Readonly<Record<string, string>>;
}

/** Command-line arguments of `postgres`. */
export function listServerSettings(options: ServerSettings, listenAddress: string): readonly string[] {
  const fast = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
  const settings = {
    listen_addresses: listenAddress,
    unix_socket_directories: '',
    max_connections: String(options.maxConnections),
    timezone: 'UTC',
    logging_collector: 'off',
    ...(options.durable ? {} : fast),
    ...options.settings,
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
